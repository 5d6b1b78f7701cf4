// @ts-check
/** The whole conversation of a message, at the side of the page. */
import { el, fill } from "../../../shared/dom.js";
import { richText } from "../../../shared/richtext.js";
import { clock, dateAndTime, dayKey, dayName } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { actLabel, topicLabel, visitorName } from "../../labels.js";
import { confidence, iconButton } from "../../pieces.js";
import { bringAddress } from "../address.js";
import * as calls from "./calls.js";
import { authorOf } from "./words.js";

/** @typedef {import("../../state/desk.js").Desk} Desk */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Said} Said */

export class TranscriptSheet {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.name = el("h2", { id: "inbox-transcript-name" });
    this.lines = el("ol", { class: "lines", role: "list" });
    this.scroller = el(
      "div",
      {
        class: "side-scroll",
        tabindex: "0",
        role: "region",
        "aria-label": "Transcript",
        dataset: { testid: "inbox-said" },
      },
      this.lines,
    );
    this.end = el("div", { class: "side-end" });
    this.dialog = el(
      "dialog",
      { class: "sheet side", "aria-labelledby": "inbox-transcript-name", dataset: { testid: "inbox-sheet" } },
      el(
        "div",
        { class: "sheet-head side-head" },
        this.name,
        iconButton({ label: "Close", icon: "close", run: () => this.dialog.close() }),
      ),
      this.scroller,
      this.end,
    );
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  /** @param {Item} item */
  async open(item) {
    this.name.textContent = visitorName(item.conversation_id);
    fill(this.end, ...this.doors(item));
    fill(this.lines, el("li", { class: "quiet", role: "status", text: "Reading the conversation…" }));
    this.dialog.showModal();
    try {
      const { transcript } = await calls.item(item.id);
      fill(this.lines, ...this.lined(transcript, item.seq));
      this.lines.querySelector("[data-marked]")?.scrollIntoView({ block: "center" });
    } catch (error) {
      fill(this.lines, el("li", { role: "alert", text: this.desk.refusal(error).message }));
    }
    this.scroller.focus({ preventScroll: true });
  }

  /** The ways on: a test is made of it, and who answers customers may open it. @param {Item} item */
  doors({ conversation_id: id }) {
    return [
      this.door(bringAddress(id), "tests", "Bring into Tests", "inbox-bring"),
      this.desk.may("answer") &&
        this.door(`#/inbox/open/${encodeURIComponent(id)}`, "chat", "Open at the desk", "inbox-desk"),
    ];
  }

  /** @param {string} href @param {string} icon @param {string} words @param {string} testid */
  door(href, icon, words, testid) {
    const close = () => this.dialog.close();
    return el("a", { class: "button", href, dataset: { testid }, on: { click: close } }, sign(icon), words);
  }

  /**
   * @param {Said[]} transcript
   * @param {number} marked
   */
  lined(transcript, marked) {
    let day = "";
    let before = "";
    return transcript.flatMap((said) => {
      const today = dayKey(said.at);
      const lines = today === day ? [] : [el("li", { class: "day" }, el("span", { text: dayName(said.at, "en") }))];
      const first = today !== day || said.from !== before;
      day = today;
      before = said.from;
      return [...lines, message(said, first, said.seq === marked)];
    });
  }
}

/**
 * @param {Said} said
 * @param {boolean} first of what one person says
 * @param {boolean} marked
 */
function message({ seq, from, text, at, meta }, first, marked) {
  const time = el("time", { datetime: at, title: dateAndTime(at), text: clock(at) });
  if (from === "system") return el("li", { class: "system" }, el("span", { text }), time);
  return el(
    "li",
    { class: "message", dataset: { from, seq, ...(first && { first: "" }), ...(marked && { marked: "" }) } },
    el("div", { class: "byline" }, el("strong", { text: authorOf(from) }), time),
    text ? el("div", { class: "bubble", dir: "auto" }, richText(text)) : null,
    from === "bot" && meta
      ? el(
          "div",
          { class: "below" },
          meta.act && el("span", { class: "act", text: actLabel(meta.act) }),
          meta.topic && el("span", { class: "quiet", text: topicLabel(meta.topic) }),
          meta.confidence != null && confidence(meta.confidence),
        )
      : null,
  );
}
