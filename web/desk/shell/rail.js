// @ts-check
import { el, initials, setAttribute, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { presenceLabel } from "../labels.js";
import { PAGES } from "../pages.js";
import { Part } from "../part.js";
import { VIEWS } from "../state/cards.js";
import { CHANGE } from "../state/change.js";
import { makeMenu } from "./menu.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").View} View */
/** @typedef {import("./notify.js").Notifier} Notifier */

/** @type {Record<View, {label: string, icon: string}>} */
const ENTRIES = {
  queue: { label: "Queue", icon: "queue" },
  mine: { label: "Mine", icon: "chat" },
  due: { label: "Due", icon: "promise" },
  open: { label: "All open", icon: "all" },
  resolved: { label: "Resolved", icon: "checkCircle" },
};

/** The views with their counts, the other pages, and the agent's own menu. */
export class DeskRail extends Part {
  /**
   * @param {Desk} desk
   * @param {Notifier} notifier
   * @param {{go: (view: View) => void, palette: () => void, help: () => void}} actions
   */
  constructor(desk, notifier, actions) {
    super();
    this.desk = desk;
    this.notifier = notifier;
    this.actions = actions;
    /** @type {Map<View, {link: HTMLElement, badge: HTMLElement, words: HTMLElement}>} */
    this.entries = new Map();
    /** The page in front of the conversations, or empty. */
    this.page = "";
  }

  begin() {
    const views = el("nav", { class: "rail-views", "aria-label": "Conversations" });
    const answers = this.desk.may("answer");
    for (const view of answers ? VIEWS : []) views.append(this.view(view));
    this.pages = el("nav", { class: "rail-pages", "aria-label": "Pages" });
    for (const { name, label, icon, permission, menu } of PAGES) {
      if (menu || !this.desk.may(permission)) continue;
      this.pages.append(
        el(
          "a",
          { class: "rail-link", href: `#/${name}`, dataset: { testid: `page-${name}`, page: name } },
          el("span", { class: "rail-icon" }, sign(icon)),
          el("span", { text: label }),
        ),
      );
    }
    this.dot = el("span", { class: "presence-dot" });
    this.stateWords = el("span", { class: "visually-hidden" });
    const agent = this.desk.agent;
    const menuButton = el(
      "button",
      { type: "button", class: "rail-link rail-me", popovertarget: "agent-menu", dataset: { testid: "agent-menu" } },
      el("span", { class: "avatar", "aria-hidden": "true" }, initials(agent?.name ?? ""), this.dot),
      el("span", { text: "You" }),
      this.stateWords,
    );
    this.replaceChildren(
      el("div", { class: "rail-mark", "aria-hidden": "true" }, sign("chat")),
      el("div", { class: "rail-scroll" }, answers && views, this.pages.childElementCount ? this.pages : ""),
      el(
        "div",
        { class: "rail-end" },
        el(
          "button",
          {
            type: "button",
            class: "rail-link rail-find",
            title: "Search and commands (Ctrl K)",
            dataset: { testid: "palette-open" },
            on: { click: this.actions.palette },
          },
          el("span", { class: "rail-icon" }, sign("search")),
          el("span", { text: "Find" }),
        ),
        menuButton,
      ),
      makeMenu(this.desk, this.notifier, this.actions),
    );
    this.hear(this.desk, [CHANGE.cards, CHANGE.selection, CHANGE.connection], () => this.update());
    this.update();
  }

  /** @param {View} view */
  view(view) {
    const { label, icon } = ENTRIES[view];
    const badge = el("span", { class: "rail-badge", "aria-hidden": "true" });
    const words = el("span", { class: "visually-hidden" });
    const link = el(
      "a",
      {
        class: "rail-link",
        href: `#/inbox/${view}`,
        dataset: { testid: `view-${view}` },
        on: { click: (/** @type {MouseEvent} */ event) => this.follow(event, view) },
      },
      el("span", { class: "rail-icon" }, sign(icon), badge),
      el("span", { text: label }),
      words,
    );
    this.entries.set(view, { link, badge, words });
    return link;
  }

  /**
   * Changes the view and keeps the open conversation; a click that opens a new window is left alone.
   * @param {MouseEvent} event
   * @param {View} view
   */
  follow(event, view) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.actions.go(view);
  }

  /** @param {string} name */
  setPage(name) {
    this.page = name;
    this.update();
  }

  update() {
    for (const [view, { link, badge, words }] of this.entries) {
      const { count, tone, more } = this.count(view);
      setAttribute(link, "aria-current", !this.page && view === this.desk.view ? "page" : null);
      setText(badge, count ? String(count) : "");
      setAttribute(badge, "data-tone", tone);
      setText(words, count ? `, ${count}${more}` : "");
    }
    for (const link of this.pages?.children ?? [])
      setAttribute(link, "aria-current", /** @type {HTMLElement} */ (link).dataset.page === this.page ? "page" : null);
    const state = this.desk.connection.state === "open" ? this.desk.team.presence : "offline";
    if (this.dot) this.dot.dataset.state = state;
    if (this.stateWords) setText(this.stateWords, `, ${this.desk.agent?.name ?? ""}, ${presenceLabel(state)}`);
  }

  /** @param {View} view */
  count(view) {
    const { cards } = this.desk;
    if (view === "open" || view === "resolved") return { count: 0, tone: null, more: "" };
    const shown = cards.inView(view);
    if (view === "queue") {
      const safety = shown.some((card) => card.reason === "safety");
      return { count: shown.length, tone: safety ? "danger" : null, more: safety ? ", a safety case among them" : "" };
    }
    if (view === "due") {
      const late = shown.filter((card) => cards.overdue(card)).length;
      return { count: shown.length, tone: late ? "danger" : null, more: late ? `, ${late} overdue` : "" };
    }
    const unread = shown.filter((card) => cards.unread(card) > 0).length;
    return { count: shown.length, tone: unread ? "new" : null, more: unread ? `, ${unread} with new messages` : "" };
  }
}

customElements.define("desk-rail", DeskRail);
