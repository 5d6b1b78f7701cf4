// @ts-check
/** Choosing a conversation of the desk's: the newest, or those that are found by what was said or by a link. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { ago, dateAndTime } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { reasonSign, stateSign, visitorName } from "../../labels.js";
import { Part } from "../../part.js";
import { marked } from "../../pieces.js";
import { bringAddress } from "../address.js";
import { pastConversations } from "../calls.js";
import { counted } from "../words.js";

/** @typedef {import("../types.js").PastConversation} PastConversation */

const PAUSE_MS = 220;

/** Whose conversation it is and what became of it, in a few words. @param {PastConversation} conversation */
export function whose({ id, state, reason, messages, at }) {
  const became = state !== "bot" && stateSign(state).label;
  const why = reasonSign(reason)?.label;
  return [visitorName(id), counted(messages, "message"), why, became, ago(at, "en")].filter(Boolean).join(" · ");
}

export class DeskPast extends Part {
  /** @param {import("../../state/desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {PastConversation[]|null} */
    this.found = null;
    this.timer = 0;
    this.call = new AbortController();
    this.input = el("input", {
      type: "search",
      id: "past-search",
      class: "search-input",
      placeholder: "What was said, a link, or a visitor’s number",
      "aria-describedby": "past-status",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 200,
      dataset: { testid: "past-search" },
      on: {
        input: () => this.soon(),
        keydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event),
      },
    });
    this.status = el("p", { id: "past-status", class: "quiet past-status", role: "status" });
    this.fault = el("p", {
      class: "notice",
      role: "alert",
      hidden: true,
      dataset: { tone: "bad", testid: "past-fault" },
    });
    this.list = el("ul", {
      class: "past-list",
      role: "list",
      dataset: { testid: "past-list" },
      on: { keydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event) },
    });
  }

  begin() {
    this.classList.add("panel", "bring-way");
    this.replaceChildren(
      el(
        "div",
        { class: "bring-way-head" },
        el("h2", { text: "From the desk" }),
        el("p", { class: "quiet", text: "What customers wrote to the shop, without personal data." }),
      ),
      el(
        "div",
        { class: "past-find" },
        el("label", { for: "past-search", class: "visually-hidden", text: "Find a conversation" }),
        el("div", { class: "search-field" }, sign("search"), this.input),
      ),
      this.fault,
      this.status,
      this.list,
    );
    void this.look();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.call.abort();
  }

  soon() {
    this.refuse("");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), PAUSE_MS);
  }

  async look() {
    this.call.abort();
    this.call = new AbortController();
    const { signal } = this.call;
    const sought = this.input.value.trim();
    setAttribute(this.list, "aria-busy", true);
    if (!this.found) fill(this.list, ...Array.from({ length: 5 }, () => el("li", { class: "skeleton" })));
    try {
      const { conversations } = await pastConversations(sought, signal);
      this.found = conversations;
      this.show(sought);
    } catch (error) {
      if (signal.aborted) return;
      fill(this.list);
      this.refuse(this.desk.refusal(error).message);
    }
    setAttribute(this.list, "aria-busy", null);
  }

  /** @param {string} sought */
  show(sought) {
    /** @type {PastConversation[]} */
    const found = this.found ?? [];
    const words = found.length ? counted(found.length, "conversation") : "";
    setText(this.status, sought ? words || "Nothing found" : words && "The newest");
    fill(this.list, ...found.map(row), !found.length && el("li", {}, sought ? notFound() : nobodyYet()));
  }

  /** Says why a conversation cannot be brought; an empty text takes it back. @param {string} why */
  refuse(why) {
    setText(this.fault, why);
    this.fault.hidden = !why;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const rows = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("a")]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === "Enter" && at < 0) void this.openFirst();
    else if (event.key === "ArrowDown") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (rows[at - 1] ?? this.input).focus();
    else return;
    event.preventDefault();
  }

  /** Opens what is found first, as soon as that is known. */
  async openFirst() {
    clearTimeout(this.timer);
    await this.look();
    this.list.querySelector("a")?.click();
  }
}

/** @param {PastConversation} conversation */
function row(conversation) {
  const { id, title, piece, at } = conversation;
  const inTitle = piece?.text === title;
  return el(
    "li",
    {},
    el(
      "a",
      { class: "past", href: bringAddress(id), dataset: { testid: "past", id } },
      el("span", { class: "past-title", dir: "auto" }, ...(piece && inTitle ? marked(piece) : [title])),
      piece && !inTitle && el("span", { class: "past-piece", dir: "auto" }, ...marked(piece)),
      el("span", { class: "quiet past-about", title: dateAndTime(at) }, whose(conversation)),
    ),
  );
}

const notFound = () =>
  el(
    "p",
    { class: "quiet past-none" },
    "No customer’s conversation has these words in one message. Personal data is never found.",
  );

const nobodyYet = () =>
  el(
    "div",
    { class: "empty past-none" },
    el("div", { class: "empty-mark" }, sign("chat", "empty-icon")),
    el("h3", { text: "Nobody has written yet" }),
    el("p", { text: "When customers have talked to the bot, their conversations stand here." }),
  );

customElements.define("desk-past", DeskPast);
