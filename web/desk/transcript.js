// @ts-check
import { el, fill, setAttribute } from "../shared/dom.js";
import { richText } from "../shared/richtext.js";
import { clock, dateAndTime, dayKey, dayName } from "../shared/time.js";
import { CHANGE } from "./desk.js";
import { sign } from "./icons.js";
import { keyed } from "./keyed.js";
import { actLabel, topicLabel } from "./labels.js";
import { confidence } from "./queue-list.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./desk.js").Held} Held */
/** @typedef {import("./types.js").Outgoing} Outgoing */

/**
 * One line of the transcript: a day, a message, or a reply that the desk has not confirmed.
 * @typedef {{kind: "day", key: string, at: string}
 *   | {kind: "message", key: string, message: Held, first: boolean}
 *   | {kind: "outgoing", key: string, item: Outgoing, first: boolean}} Line
 */

const GROUP_MS = 5 * 60_000;
const BOTTOM_SLACK_PX = 60;

/**
 * Everything that was said, in order. Stays at the newest message while the agent is there; whoever
 * has scrolled up keeps their place and is told of new messages by a button.
 */
export class DeskTranscript extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {string} id
   */
  constructor(desk, id) {
    super();
    this.desk = desk;
    this.conversation = id;
    this.pinned = true;
    this.known = -1;
    this.missed = 0;
    this.lines = el("ol", { class: "lines", role: "list" });
    this.scroller = el(
      "div",
      {
        class: "transcript-scroll",
        tabindex: "0",
        role: "region",
        "aria-label": "Transcript",
        dataset: { testid: "transcript" },
      },
      this.lines,
    );
    this.pill = el("button", { type: "button", class: "new-pill", hidden: true, dataset: { testid: "new-messages" } });
    this.typing = el("div", { class: "typing", dataset: { testid: "customer-typing" } });
    this.onChange = (/** @type {Event} */ event) => {
      if (/** @type {CustomEvent} */ (event).detail === this.conversation) this.update();
    };
    this.onTyping = () => this.updateTyping();
  }

  connectedCallback() {
    this.replaceChildren(this.scroller, this.pill, this.typing);
    this.pill.addEventListener("click", () => this.toBottom());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.desk.addEventListener(CHANGE.thread, this.onChange);
    this.desk.addEventListener(CHANGE.typing, this.onTyping);
    this.sizes = new ResizeObserver(() => this.pinned && this.jump());
    this.sizes.observe(this.scroller);
    this.sizes.observe(this.lines);
    this.update();
    this.updateTyping();
  }

  disconnectedCallback() {
    this.desk.removeEventListener(CHANGE.thread, this.onChange);
    this.desk.removeEventListener(CHANGE.typing, this.onTyping);
    this.sizes?.disconnect();
  }

  update() {
    const { messages } = this.desk.thread(this.conversation);
    const outgoing = this.desk.outbox[this.conversation] ?? [];
    keyed(
      this.lines,
      arrange(messages, outgoing),
      (line) => line.key,
      (line) => this.make(line),
      (node, line) => this.refresh(node, line),
    );
    const newest = messages.at(-1)?.seq ?? 0;
    const last = messages.at(-1);
    if (outgoing.some((item) => item.status === "sending") || this.pinned) this.toBottom();
    else if (this.known >= 0 && newest > this.known && last?.from !== "agent") this.missed += newest - this.known;
    this.known = newest;
    this.updatePill();
    this.updateTyping();
  }

  updateTyping() {
    const on = this.desk.isTyping(this.conversation);
    setAttribute(this.typing, "data-on", on);
    if (on === this.typing.childElementCount > 0) return;
    fill(
      this.typing,
      on && el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
      on && el("span", { text: "The customer is writing" }),
    );
  }

  updatePill() {
    this.pill.hidden = this.missed === 0;
    if (this.missed) fill(this.pill, sign("down"), this.missed === 1 ? "1 new message" : `${this.missed} new messages`);
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.pinned = scrollHeight - scrollTop - clientHeight < BOTTOM_SLACK_PX;
    if (this.pinned && this.missed) {
      this.missed = 0;
      this.updatePill();
    }
  }

  toBottom() {
    this.pinned = true;
    this.missed = 0;
    this.jump();
    this.updatePill();
  }

  jump() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** @param {Line} line */
  make(line) {
    if (line.kind === "day") {
      return el("li", { class: "day" }, el("span", { text: dayName(line.at, "en") }));
    }
    if (line.kind === "message" && line.message.from === "system") {
      const { message } = line;
      return el(
        "li",
        { class: "system", dataset: { testid: "message", from: "system", seq: message.seq } },
        el("span", { class: "system-text", text: message.text }),
        time(message.at),
      );
    }
    const from = line.kind === "message" ? line.message.from : "agent";
    const text = line.kind === "message" ? line.message.text : line.item.text;
    return el(
      "li",
      { class: "message", dataset: { testid: "message", from } },
      el("div", { class: "byline" }),
      el("div", { class: "bubble", dir: "auto" }, richText(text)),
      el("div", { class: "below" }),
    );
  }

  /**
   * @param {HTMLElement} node
   * @param {Line} line
   */
  refresh(node, line) {
    if (line.kind === "day" || (line.kind === "message" && line.message.from === "system")) return;
    const state = line.kind === "message" ? "stored" : line.item.status;
    const mark = `${state} ${line.first} ${line.kind === "outgoing" ? (line.item.error ?? "") : line.message.seq}`;
    if (node.dataset.mark === mark) return;
    node.dataset.mark = mark;
    node.dataset.status = state;
    setAttribute(node, "data-first", line.first);
    setAttribute(node, "data-seq", line.kind === "message" ? line.message.seq : null);
    const byline = /** @type {HTMLElement} */ (node.querySelector(".byline"));
    const below = /** @type {HTMLElement} */ (node.querySelector(".below"));
    const at = line.kind === "message" ? line.message.at : line.item.at;
    fill(byline, el("strong", { text: this.author(line) }), time(at));
    if (line.kind === "message") fill(below, ...details(line.message));
    else fill(below, ...this.progress(line.item));
  }

  /** @param {Line} line */
  author(line) {
    if (line.kind !== "message") return "You";
    const { message } = line;
    if (message.from === "customer") return "Customer";
    if (message.from === "bot") return "Bot";
    const mine = message.key || message.author === this.desk.agent?.name;
    return mine ? "You" : (message.author ?? "Colleague");
  }

  /**
   * @param {Outgoing} item
   * @returns {Node[]}
   */
  progress(item) {
    if (item.status === "sending") return [el("span", { class: "progress", text: "Sending…" })];
    const again = () => this.desk.retry(this.conversation, item.key);
    const drop = () => this.desk.dropOutgoing(this.conversation, item.key);
    return [
      el("span", { class: "progress failed", role: "alert" }, sign("alert"), `Not sent. ${item.error ?? ""}`),
      el(
        "button",
        { type: "button", class: "link-button", dataset: { testid: "retry" }, on: { click: again } },
        "Try again",
      ),
      el(
        "button",
        { type: "button", class: "link-button", dataset: { testid: "discard" }, on: { click: drop } },
        "Discard",
      ),
    ];
  }
}

/** @param {string} at */
const time = (at) => el("time", { datetime: at, title: dateAndTime(at), text: clock(at) });

/**
 * Puts days, messages and unconfirmed replies into one list, marking the first of each group.
 * @param {Held[]} messages
 * @param {Outgoing[]} outgoing
 * @returns {Line[]}
 */
function arrange(messages, outgoing) {
  /** @type {Line[]} */
  const lines = [];
  let before = { from: "", at: 0, day: "" };
  const next = (/** @type {string} */ from, /** @type {string} */ at) => {
    const day = dayKey(at);
    const moment = Date.parse(at);
    if (day !== before.day) lines.push({ kind: "day", key: `day ${day} ${lines.length}`, at });
    const first = day !== before.day || from !== before.from || moment - before.at > GROUP_MS;
    before = { from, at: moment, day };
    return first;
  };
  for (const message of messages) {
    const first = next(message.from, message.at);
    lines.push({ kind: "message", key: message.key ?? `seq ${message.seq}`, message, first });
  }
  for (const item of outgoing) lines.push({ kind: "outgoing", key: item.key, item, first: next("agent", item.at) });
  return lines;
}

/**
 * What stands under a message: what was offered with it, and what the bot meant.
 * @param {Held} message
 * @returns {Node[]}
 */
function details(message) {
  /** @type {Node[]} */
  const nodes = [];
  if (message.image)
    nodes.push(
      el(
        "a",
        { class: "picture", href: message.image, target: "_blank", rel: "noopener noreferrer" },
        el("img", { src: message.image, alt: "Picture sent with this message", loading: "lazy" }),
      ),
    );
  if (message.buttons?.length) {
    nodes.push(
      el(
        "ul",
        { class: "offered", role: "list", "aria-label": "Buttons offered to the customer" },
        ...message.buttons.map((button) => el("li", { text: button.title })),
      ),
    );
  }
  if (message.from === "bot" && message.meta) nodes.push(meaning(message.meta));
  return nodes;
}

/** @param {import("./types.js").Meta} meta */
function meaning(meta) {
  return el(
    "div",
    { class: "meaning", title: meta.sources?.length ? `From ${meta.sources.join(", ")}` : undefined },
    meta.act && el("span", { class: "act", dataset: { act: meta.act }, text: actLabel(meta.act) }),
    meta.topic && el("span", { text: topicLabel(meta.topic) }),
    ...(meta.skus ?? []).map((sku) => el("span", { class: "sku", text: sku })),
    meta.confidence !== null && meta.confidence !== undefined && confidence(meta.confidence),
  );
}

customElements.define("desk-transcript", DeskTranscript);
