// @ts-check
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { ago, dateAndTime } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { keyed } from "../../keyed.js";
import { percent } from "../../labels.js";
import { Part } from "../../part.js";
import { avatar, pill } from "../../pieces.js";
import { narrowed, write } from "./address.js";
import { NEWS } from "./model.js";
import { labelWords, messages, WHYS, whySign } from "./words.js";

/** @typedef {import("./model.js").Inbox} Inbox */
/** @typedef {import("./types.js").Group} Group */

const SLOW_AFTER_MS = 2_000;
const NEAR_END_PX = 400;

/** The groups, one under the other; the one in front is marked. */
export class InboxList extends Part {
  /**
   * @param {Inbox} inbox
   * @param {{open: (id: string) => void, clear: () => void}} actions
   */
  constructor(inbox, actions) {
    super();
    this.inbox = inbox;
    this.actions = actions;
    this.arrivals = el("button", {
      type: "button",
      class: "new-pill asks-new",
      hidden: true,
      dataset: { testid: "inbox-arrived" },
      on: { click: () => this.showArrived() },
    });
    this.rows = el("ol", { class: "asks", role: "list", dataset: { testid: "inbox-groups" } });
    this.state = el("div", { class: "asks-state" });
    this.scroller = el("div", { class: "asks-scroll" }, this.rows, this.state);
    this.shownState = "";
    /** @type {string|null} the group in front when it was last brought into sight */
    this.inSight = null;
  }

  begin() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Messages to decide");
    this.replaceChildren(this.arrivals, this.scroller);
    this.hear(this.inbox, NEWS.list, () => this.update());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true, signal: this.life?.signal });
    this.every(60_000, () => this.update());
    this.update();
  }

  update() {
    const { groups, arrived } = this.inbox;
    this.arrivals.hidden = !arrived.length;
    if (arrived.length) fill(this.arrivals, sign("retry"), `${arrived.length} new`);
    keyed(
      this.rows,
      groups,
      ({ id }) => id,
      () => this.row(),
      (node, group) => this.refresh(node, group),
    );
    this.rows.hidden = !groups.length;
    this.updateState();
    const current = this.rows.querySelector("[aria-current]");
    if (current && this.inSight !== this.inbox.current) current.scrollIntoView({ block: "nearest" });
    this.inSight = this.inbox.current;
  }

  row() {
    const link = el(
      "a",
      { class: "ask", dataset: { testid: "inbox-group" } },
      el("span", { class: "ask-text", dir: "auto" }),
      el("span", { class: "ask-size" }),
      el("span", { class: "ask-whys" }),
      el("span", { class: "ask-aside" }),
    );
    const row = el("li", {}, link);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.actions.open(row.dataset.key ?? "");
    });
    return row;
  }

  /**
   * @param {HTMLElement} row
   * @param {Group} group
   */
  refresh(row, group) {
    const link = /** @type {HTMLAnchorElement} */ (row.firstElementChild);
    setAttribute(link, "href", write(this.inbox.filters, group.id));
    setAttribute(link, "aria-current", group.id === this.inbox.current ? "true" : null);
    setAttribute(link, "data-taken", Boolean(group.taken));
    const when = ago(group.latest_at, "en");
    const colleagues = this.inbox.colleagues(group);
    const { taken, suggestion, size, whys } = group;
    const label = this.labelOf(group);
    const mark = JSON.stringify([
      group.text,
      size,
      whys,
      when,
      colleagues,
      taken,
      suggestion,
      label,
      this.inbox.topics.length,
    ]);
    if (link.dataset.mark === mark) return;
    link.dataset.mark = mark;
    const [text, count, reasons, aside] = /** @type {HTMLElement[]} */ ([...link.children]);
    setText(text, group.text);
    setAttribute(count, "data-many", size > 1);
    fill(count, String(size), el("span", { class: "visually-hidden", text: size === 1 ? " message" : " messages" }));
    count.title = messages(size);
    fill(reasons, ...whys.map((why) => pill(whySign(why))));
    fill(
      aside,
      ...colleagues.map(({ name }) => facing(name)),
      taken ? el("span", { class: "ask-taken", text: `${taken.by} labelled this` }) : this.guess(group, label),
      el("time", { datetime: group.latest_at, title: dateAndTime(group.latest_at), text: when }),
    );
  }

  /** What was decided, in the lists of what is decided. @param {Group} group */
  labelOf(group) {
    return group.label ?? group.items.find((item) => item.label)?.label ?? null;
  }

  /**
   * @param {Group} group
   * @param {import("./types.js").Label|null} label
   */
  guess({ suggestion }, label) {
    const titleOf = (/** @type {string} */ topic) => this.inbox.titleOf(topic);
    if (label) return el("span", { class: "ask-guess" }, sign("check"), labelWords(label, titleOf));
    if (!suggestion) return el("span", { class: "ask-guess none", text: "No suggestion" });
    return el(
      "span",
      { class: "ask-guess", title: `Suggested: ${titleOf(suggestion.topic)}, ${percent(suggestion.share)}` },
      sign("spark"),
      el("span", { class: "visually-hidden", text: "Suggested: " }),
      titleOf(suggestion.topic),
      el("span", { class: "figures", text: percent(suggestion.share) }),
    );
  }

  focusCurrent() {
    const link = this.rows.querySelector("[aria-current]") ?? this.rows.querySelector("a");
    if (link instanceof HTMLElement) link.focus();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) void this.inbox.more();
  }

  showArrived() {
    this.inbox.showArrived();
    this.scroller.scrollTop = 0;
  }

  updateState() {
    const { status, groups, next, filters } = this.inbox;
    const state = status === "ready" && groups.length ? (next ? "more" : "all") : status === "ready" ? "none" : status;
    const mark = `${state} ${filters.state} ${narrowed(filters)} ${this.inbox.done.length}`;
    if (mark === this.shownState) return;
    this.shownState = mark;
    if (state === "loading") fill(this.state, ...waiting(this.life?.signal));
    else if (state === "failed") fill(this.state, this.failed());
    else if (state === "none") fill(this.state, this.nothing());
    else fill(this.state);
  }

  failed() {
    return el(
      "div",
      { class: "empty", role: "alert" },
      sign("offline", "empty-icon"),
      el("h2", { text: "The inbox did not open" }),
      el("p", { text: this.inbox.error }),
      el("button", { type: "button", class: "button", text: "Try again", on: { click: () => this.inbox.again() } }),
    );
  }

  nothing() {
    const { filters } = this.inbox;
    if (narrowed(filters))
      return el(
        "div",
        { class: "empty", dataset: { testid: "inbox-none" } },
        el("h2", { text: "Nothing fits" }),
        el("p", { text: "No message is like what you look for." }),
        el("button", { type: "button", class: "button", text: "Show everything", on: { click: this.actions.clear } }),
      );
    const text = {
      open: "Nothing waits for a decision.",
      labelled: "What you and your colleagues label is listed here, and can be taken back.",
      ignored: "What is out of scope or ignored is listed here, and can be taken back.",
    }[filters.state];
    return el("div", { class: "empty", dataset: { testid: "inbox-none" } }, el("p", { text }));
  }
}

/** @param {string} name */
function facing(name) {
  const face = avatar(name);
  face.title = `${name} is working on this`;
  return el(
    "span",
    { class: "ask-face" },
    face,
    el("span", { class: "visually-hidden", text: `${name} is working on this` }),
  );
}

/**
 * Places for what is being read, and a word when that takes long.
 * @param {AbortSignal|undefined} signal
 */
function waiting(signal) {
  const words = el("p", { class: "quiet asks-slow", role: "status" });
  const timer = setTimeout(() => setText(words, "Still reading. This takes longer than usual…"), SLOW_AFTER_MS);
  signal?.addEventListener("abort", () => clearTimeout(timer));
  const places = el("div", { class: "skeletons", "aria-hidden": "true" });
  for (let row = 0; row < 6; row += 1) places.append(el("div", { class: "skeleton" }));
  return [words, places];
}

/** What comes here and why, for who sees the inbox empty. */
export function lesson() {
  return el(
    "dl",
    { class: "lesson" },
    ...Object.values(WHYS).map((why) => el("div", {}, el("dt", {}, pill(why)), el("dd", { text: why.means }))),
  );
}

customElements.define("desk-inbox-groups", InboxList);
