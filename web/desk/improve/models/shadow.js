// @ts-check
/** Shadow mode: another model reads what customers write, and where it understands something else is shown. */
import { el, fill, setText } from "../../../shared/dom.js";
import { ago, dateAndTime } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { percent, topicLabel } from "../../labels.js";
import { Part } from "../../part.js";
import * as calls from "../calls.js";
import { counted } from "../words.js";
import { short, sure } from "./words.js";

/** @typedef {import("../types.js").Difference} Difference */
/** @typedef {import("../types.js").Reading} Reading */
/** @typedef {import("../types.js").Shadow} Shadow */
/** @typedef {import("./page.js").DeskModels} DeskModels */

const REFRESH_MS = 5_000;

export class DeskShadow extends Part {
  /** @param {DeskModels} page */
  constructor(page) {
    super();
    this.page = page;
    this.dataset.testid = "shadow";
    this.stop = el(
      "button",
      {
        type: "button",
        class: "button small",
        dataset: { testid: "shadow-off" },
        on: { click: () => void this.page.setShadow(null) },
      },
      "Switch off",
    );
    this.content = el("div", { class: "shadow-body" });
    this.fault = el("p", { class: "menu-note", role: "alert" });
    /** @type {Shadow|null} */
    this.shadow = null;
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "panel-head" }, el("h2", { text: "Shadow mode" }), this.stop),
      this.fault,
      this.content,
    );
    this.stop.hidden = true;
    this.every(REFRESH_MS, () => this.shadow?.model && void this.load());
    void this.load();
  }

  async load() {
    try {
      this.show(await calls.shadow());
      setText(this.fault, "");
    } catch (error) {
      setText(this.fault, this.page.desk.refusal(error).message);
    }
  }

  /** @param {Shadow} shadow */
  show(shadow) {
    this.shadow = shadow;
    this.stop.hidden = !shadow.model;
    if (!shadow.model) {
      fill(
        this.content,
        el("p", {
          class: "quiet",
          text: "Let a model read along before it serves: it sees what customers write and answers nobody, and you see here where it would have understood something else. Press Shadow beside a model.",
        }),
      );
      return;
    }
    if (shadow.state !== "reading") {
      fill(this.content, starting(shadow));
      return;
    }
    fill(this.content, tally(shadow), shadow.differences.length ? this.table(shadow) : none(shadow));
  }

  /** @param {Shadow} shadow */
  table({ differences }) {
    return el(
      "div",
      {
        class: "admin-scroll",
        tabindex: "0",
        role: "region",
        "aria-label": "Messages that are understood differently",
      },
      el(
        "table",
        { class: "table shadow-table" },
        el("caption", { class: "visually-hidden", text: "Messages that are understood differently" }),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ...["Customer wrote", "Serving model", "This model", "When"].map((text) =>
              el("th", { scope: "col", text }),
            ),
          ),
        ),
        el("tbody", {}, ...differences.map((difference) => this.row(difference))),
      ),
    );
  }

  /** @param {Difference} difference */
  row({ at, text, conversation_id: id, serving, candidate }) {
    const when = el("span", { class: "quiet", title: dateAndTime(at), text: ago(at) });
    return el(
      "tr",
      { dataset: { testid: "difference" } },
      el("th", { scope: "row", dir: "auto", text }),
      el("td", {}, ...reading(serving, candidate)),
      el("td", {}, ...reading(candidate, serving)),
      el(
        "td",
        { class: "figures" },
        this.page.desk.may("answer") ? el("a", { href: `#/inbox/open/${encodeURIComponent(id)}` }, when) : when,
      ),
    );
  }
}

/** @param {Shadow} shadow */
const starting = ({ model, text }) =>
  el(
    "p",
    { class: "shadow-tally", dataset: { tone: text ? "warn" : "neutral" } },
    text ? sign("alert") : el("span", { class: "spinner" }),
    el(
      "span",
      {},
      el("span", { class: "mono", text: short(model ?? "") }),
      text ? ` does not read along. ${text}` : " is starting.",
    ),
  );

/** @param {Shadow} shadow */
function tally({ model, since, seen, dropped, different }) {
  const share = seen ? ` (${percent(different / seen)})` : "";
  const skipped = dropped
    ? ` ${counted(dropped, "message was", "messages were")} skipped, as customers come first.`
    : "";
  return el(
    "p",
    { class: "shadow-tally" },
    sign("shadow"),
    el(
      "span",
      {},
      el("span", { class: "mono", text: short(model ?? "") }),
      ` has read ${counted(seen, "message")}${since ? ` since ${dateAndTime(since)}` : ""} and understands `,
      el("strong", { text: counted(different, "of them", "of them") }),
      ` differently${share}.${skipped}`,
    ),
  );
}

/** @param {Shadow} shadow */
const none = ({ seen }) =>
  el("p", {
    class: "quiet",
    text: seen ? "It understands everything as the serving model does." : "No customer has written since.",
  });

/** What a model understood; where it differs from the other is marked. @param {Reading} reading @param {Reading} other */
function reading({ topic, skus, confidence }, other) {
  const differs = topic !== other.topic;
  return [
    el("span", { class: differs ? "tag strong" : "tag", text: topic ? topicLabel(topic) : "Not sure" }),
    el("span", { class: "quiet figures", text: ` ${sure(confidence)} ` }),
    ...skus.map((sku) => el("span", { class: "sku", text: sku })),
  ];
}

customElements.define("desk-shadow", DeskShadow);
