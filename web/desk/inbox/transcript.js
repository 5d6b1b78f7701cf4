// @ts-check
import { size } from "../../shared/bytes.js";
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { richText } from "../../shared/richtext.js";
import { clock, dateAndTime, dayName } from "../../shared/time.js";
import { sign } from "../icons.js";
import { keyed } from "../keyed.js";
import { actLabel, topicLabel } from "../labels.js";
import { Part } from "../part.js";
import { confidence, iconButton } from "../pieces.js";
import { CHANGE } from "../state/change.js";
import { arrange } from "./lines.js";
import { makeNote } from "./note.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("../types.js").Attachment} Attachment */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Outgoing} Outgoing */

const BOTTOM_SLACK_PX = 60;
const MARKED_MS = 2_400;

/**
 * Everything that was said, in order. Stays at the newest message while the agent is there; whoever
 * has scrolled up keeps their place and is told of new messages by a button.
 */
export class DeskTranscript extends Part {
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
    this.company = el("p", { class: "company", role: "status", dataset: { testid: "collision" } });
    this.pill.addEventListener("click", () => this.toBottom());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  begin() {
    this.replaceChildren(this.scroller, this.pill, el("div", { class: "transcript-end" }, this.typing, this.company));
    this.hear(this.desk, CHANGE.thread, (event) => event.detail === this.conversation && this.update());
    this.hear(this.desk, CHANGE.typing, () => this.updateTyping());
    this.hear(this.desk, CHANGE.viewers, () => this.updateCompany());
    this.sizes = new ResizeObserver(() => this.pinned && this.jump());
    this.sizes.observe(this.scroller);
    this.sizes.observe(this.lines);
    this.update();
    this.updateCompany();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sizes?.disconnect();
  }

  update() {
    const thread = this.desk.threads.get(this.conversation);
    const outgoing = this.desk.outbox.of(this.conversation);
    keyed(
      this.lines,
      arrange(thread, outgoing),
      (line) => line.key,
      (line) => this.make(line),
      (node, line) => this.refresh(node, line),
    );
    const last = thread.messages.at(-1);
    const newest = last?.seq ?? 0;
    const sought = this.desk.sought;
    if (sought && newest >= sought) this.seek(sought);
    else if (outgoing.some((item) => item.status === "sending") || this.pinned) this.toBottom();
    else if (this.known >= 0 && newest > this.known && last?.from !== "agent") this.missed += newest - this.known;
    this.known = newest;
    this.updatePill();
    this.updateTyping();
  }

  /** Shows a message that was looked for. @param {number} seq */
  seek(seq) {
    this.desk.sought = null;
    const node = this.lines.querySelector(`[data-seq="${seq}"]`);
    if (!node) return;
    this.pinned = false;
    node.scrollIntoView({ block: "center" });
    setAttribute(node, "data-marked", true);
    setTimeout(() => setAttribute(node, "data-marked", false), MARKED_MS);
  }

  updateTyping() {
    const on = this.desk.threads.isTyping(this.conversation);
    setAttribute(this.typing, "data-on", on);
    if (on === this.typing.childElementCount > 0) return;
    fill(
      this.typing,
      on && el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
      on && el("span", { text: "The customer is writing" }),
    );
  }

  /** Warns before two colleagues answer the same customer. */
  updateCompany() {
    const viewers = this.desk.team.viewing(this.conversation);
    const writing = viewers.filter((viewer) => viewer.typing);
    const names = (writing.length ? writing : viewers).map((viewer) => viewer.name).join(" and ");
    const many = (writing.length ? writing : viewers).length > 1;
    setAttribute(this.company, "data-writing", writing.length > 0);
    if (!names) setText(this.company, "");
    else if (writing.length) setText(this.company, `${names} ${many ? "are" : "is"} writing here`);
    else setText(this.company, `${names} ${many ? "are" : "is"} looking at this too`);
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
    if (line.kind === "day") return el("li", { class: "day" }, el("span", { text: dayName(line.at, "en") }));
    if (line.kind === "note") return makeNote(line.note, this.desk);
    if (line.kind === "message" && line.message.from === "system") return systemLine(line.message);
    const { from, text } = line.kind === "message" ? line.message : { from: "agent", text: line.item.text };
    const files = line.kind === "message" ? line.message.attachments : line.item.files;
    return el(
      "li",
      { class: "message", dataset: { testid: "message", from } },
      el("div", { class: "byline" }),
      text ? el("div", { class: "bubble-row" }, el("div", { class: "bubble", dir: "auto" }, richText(text))) : null,
      files?.length ? attachments(files) : null,
      el("div", { class: "below" }),
    );
  }

  /**
   * @param {HTMLElement} node
   * @param {Line} line
   */
  refresh(node, line) {
    if (line.kind === "day" || line.kind === "note") return;
    if (line.kind === "message" && line.message.from === "system") return;
    const state = line.kind === "message" ? "stored" : line.item.status;
    const more = line.kind === "outgoing" ? (line.item.error ?? "") : `${line.message.seq} ${line.seen}`;
    const question = line.kind === "message" ? this.desk.marks.questionOf(this.conversation, line.message) : null;
    const marked = question && this.desk.marks.get(this.conversation, question);
    const mark = `${state} ${line.first} ${more} ${question} ${marked && marked.by.name}`;
    if (node.dataset.mark === mark) return;
    node.dataset.mark = mark;
    node.dataset.status = state;
    setAttribute(node, "data-first", line.first);
    setAttribute(node, "data-seq", line.kind === "message" ? line.message.seq : null);
    const byline = /** @type {HTMLElement} */ (node.querySelector(".byline"));
    const below = /** @type {HTMLElement} */ (node.querySelector(".below"));
    const at = line.kind === "message" ? line.message.at : line.item.at;
    fill(byline, el("strong", { text: this.author(line) }), time(at));
    if (line.kind === "message") fill(below, ...details(line.message, line.seen));
    else fill(below, ...this.progress(line.item));
    if (line.kind === "message" && question) this.offerMark(node, line.message, question);
  }

  /**
   * The one click by which an agent says that the bot should have known this, or what came of it.
   * @param {HTMLElement} node
   * @param {Message} message
   * @param {number} question the seq of what the customer asked
   */
  offerMark(node, message, question) {
    const { marks } = this.desk;
    const mark = marks.get(this.conversation, question);
    const held = node.querySelector(".mark-missing");
    const focused = held !== null && held === document.activeElement;
    held?.remove();
    if (!mark) node.querySelector(".bubble-row")?.append(this.markButton(question));
    else if (message.seq === question) {
      const undo = el("button", {
        type: "button",
        class: "link-button",
        text: "Undo",
        dataset: { testid: "unmark" },
        on: { click: () => void marks.unmark(this.conversation, question) },
      });
      const mine = mark.by.id === this.desk.agent?.id;
      const words = mine ? "The bot should have known this" : `${mark.by.name}: the bot should have known this`;
      const told = el("span", { class: "marked-missing", dataset: { testid: "marked" } }, sign("spark"), words, undo);
      node.querySelector(".below")?.append(told);
      if (focused) undo.focus();
    }
  }

  /** @param {number} question */
  markButton(question) {
    return iconButton({
      label: "The bot should have known this",
      icon: "spark",
      testid: "mark",
      class: "mark-missing",
      run: () => void this.desk.marks.mark(this.conversation, question),
    });
  }

  /** @param {Line} line */
  author(line) {
    if (line.kind !== "message") return "You";
    const { message } = line;
    if (message.from === "customer")
      return this.desk.threads.get(this.conversation).context?.packet.customer.name || "Customer";
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
    const { outbox } = this.desk;
    const link = (/** @type {string} */ testid, /** @type {string} */ text, /** @type {() => void} */ run) =>
      el("button", { type: "button", class: "link-button", text, dataset: { testid }, on: { click: run } });
    return [
      el("span", { class: "progress failed", role: "alert" }, sign("alert"), `Not sent. ${item.error ?? ""}`),
      link("retry", "Try again", () => outbox.retry(this.conversation, item.key)),
      link("discard", "Discard", () => outbox.drop(this.conversation, item.key)),
    ];
  }
}

/** @param {string} at */
const time = (at) => el("time", { datetime: at, title: dateAndTime(at), text: clock(at) });

/** @param {Message} message */
const systemLine = (message) =>
  el(
    "li",
    { class: "system", dataset: { testid: "message", from: "system", seq: message.seq } },
    el("span", { class: "system-text", text: message.text }),
    time(message.at),
  );

/** @param {Attachment[]} files */
function attachments(files) {
  return el(
    "ul",
    { class: "attachments", role: "list", "aria-label": "Files" },
    ...files.map((file) => el("li", {}, attachment(file))),
  );
}

/** @param {Attachment} file */
function attachment(file) {
  const link = { href: file.url, target: "_blank", rel: "noopener noreferrer", dataset: { testid: "attachment" } };
  if (file.type.startsWith("image/"))
    return el("a", { class: "picture", ...link }, el("img", { src: file.url, alt: file.name, loading: "lazy" }));
  return el(
    "a",
    { class: "document", ...link, download: file.name },
    sign("file"),
    el("span", { class: "document-name", text: file.name }),
    el("span", { class: "quiet", text: size(file.size) }),
  );
}

/**
 * What stands under a message: what was offered with it, what the bot meant, whether it was read.
 * @param {Message} message
 * @param {boolean} seen
 * @returns {Node[]}
 */
function details(message, seen) {
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
  if (seen) nodes.push(el("span", { class: "seen", dataset: { testid: "seen" } }, sign("eye"), "Seen"));
  return nodes;
}

/** @param {import("../types.js").Meta} meta */
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
