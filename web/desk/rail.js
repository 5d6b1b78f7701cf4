// @ts-check
import { el, initials, setAttribute, setText } from "../shared/dom.js";
import { CHANGE } from "./desk.js";
import { sign } from "./icons.js";
import { singleKeys, setSingleKeys } from "./shortcuts.js";
import { setTheme, theme } from "./theme.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./notify.js").Notifier} Notifier */

/** @type {Record<View, {label: string, icon: string}>} */
const ENTRIES = {
  queue: { label: "Queue", icon: "queue" },
  mine: { label: "Mine", icon: "chat" },
  open: { label: "All open", icon: "all" },
  resolved: { label: "Resolved", icon: "checkCircle" },
};

/** The views with their counts, and the agent's own menu. */
export class DeskRail extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {Notifier} notifier
   * @param {{go: (view: View) => void, help: () => void}} actions
   */
  constructor(desk, notifier, actions) {
    super();
    this.desk = desk;
    this.notifier = notifier;
    this.actions = actions;
    /** @type {Map<View, {link: HTMLElement, badge: HTMLElement, words: HTMLElement}>} */
    this.entries = new Map();
  }

  connectedCallback() {
    const nav = el("nav", { "aria-label": "Views" });
    for (const [view, { label, icon }] of /** @type {[View, {label: string, icon: string}][]} */ (
      Object.entries(ENTRIES)
    )) {
      const badge = el("span", { class: "rail-badge", "aria-hidden": "true" });
      const words = el("span", { class: "visually-hidden" });
      const link = el(
        "a",
        {
          class: "rail-link",
          href: `#/${view}`,
          dataset: { testid: `view-${view}` },
          on: { click: (/** @type {MouseEvent} */ event) => this.follow(event, view) },
        },
        el("span", { class: "rail-icon" }, sign(icon), badge),
        el("span", { text: label }),
        words,
      );
      this.entries.set(view, { link, badge, words });
      nav.append(link);
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
      nav,
      el(
        "div",
        { class: "rail-end" },
        el(
          "button",
          { type: "button", class: "rail-link rail-help", on: { click: this.actions.help } },
          el("span", { class: "rail-icon" }, sign("keyboard")),
          el("span", { text: "Keys" }),
        ),
        menuButton,
      ),
      this.menu(),
    );
    for (const kind of [CHANGE.cards, CHANGE.selection, CHANGE.connection]) {
      this.desk.addEventListener(kind, () => this.update());
    }
    this.update();
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

  update() {
    const queue = this.desk.inView("queue");
    const unread = this.desk.inView("mine").reduce((sum, card) => sum + (this.desk.unread(card) ? 1 : 0), 0);
    const mine = this.desk.inView("mine").length;
    for (const [view, { link, badge, words }] of this.entries) {
      setAttribute(link, "aria-current", view === this.desk.view ? "page" : null);
      const count = view === "queue" ? queue.length : view === "mine" ? mine : 0;
      setText(badge, count ? String(count) : "");
      const loud = view === "queue" ? queue.some((card) => card.reason === "safety") : view === "mine" && unread > 0;
      setAttribute(badge, "data-tone", loud ? (view === "queue" ? "danger" : "new") : null);
      setText(words, count ? `, ${count}${view === "mine" && unread ? `, ${unread} with new messages` : ""}` : "");
    }
    const state = this.desk.connection.state === "open" ? this.desk.presence : "offline";
    if (this.dot) this.dot.dataset.state = state;
    if (this.stateWords) setText(this.stateWords, `, ${this.desk.agent?.name ?? ""}, ${state}`);
  }

  menu() {
    const agent = this.desk.agent;
    const complaint = el("p", { class: "menu-note", role: "status" });
    const onDesktop = async (/** @type {boolean} */ on, /** @type {HTMLInputElement} */ box) => {
      const problem = await this.notifier.setDesktop(on);
      setText(complaint, problem);
      box.checked = this.notifier.desktop;
    };
    const menu = el(
      "div",
      { id: "agent-menu", class: "menu", popover: "auto", role: "dialog", "aria-label": "You and your settings" },
      el(
        "div",
        { class: "menu-head" },
        el("span", { class: "avatar", "aria-hidden": "true", text: initials(agent?.name ?? "") }),
        el("div", {}, el("strong", { text: agent?.name ?? "" }), el("span", { text: agent?.email ?? "" })),
      ),
      toggle("Take new work", "switch-presence", this.desk.presence === "online", (on) =>
        this.desk.setPresence(on ? "online" : "away"),
      ),
      toggle("Sound", "switch-sound", this.notifier.sound, (on) => this.notifier.setSound(on)),
      toggle("Desktop notifications", "switch-desktop", this.notifier.desktop, onDesktop),
      complaint,
      toggle("Single-key shortcuts", "switch-keys", singleKeys(), setSingleKeys),
      themeChoice(),
      el(
        "div",
        { class: "menu-end" },
        el(
          "button",
          {
            type: "button",
            class: "menu-item",
            on: {
              click: () => {
                menu.hidePopover();
                this.actions.help();
              },
            },
          },
          sign("keyboard"),
          "Keyboard shortcuts",
        ),
        el(
          "button",
          {
            type: "button",
            class: "menu-item",
            dataset: { testid: "sign-out" },
            on: { click: () => void this.desk.signOut() },
          },
          sign("back"),
          "Sign out",
        ),
      ),
    );
    return menu;
  }
}

/**
 * @param {string} label
 * @param {string} testid
 * @param {boolean} checked
 * @param {(on: boolean, box: HTMLInputElement) => void} change
 */
function toggle(label, testid, checked, change) {
  const box = el("input", { type: "checkbox", role: "switch", class: "switch", dataset: { testid } });
  box.checked = checked;
  box.addEventListener("change", () => change(box.checked, box));
  return el("label", { class: "menu-row" }, el("span", { text: label }), box);
}

function themeChoice() {
  const chosen = theme();
  const group = el("fieldset", { class: "menu-row theme-choice" }, el("legend", { text: "Theme" }));
  const segments = el("div", { class: "segments" });
  for (const [value, label] of /** @type {[import("./theme.js").Theme, string][]} */ ([
    ["system", "System"],
    ["light", "Light"],
    ["dark", "Dark"],
  ])) {
    const radio = el("input", {
      type: "radio",
      name: "theme",
      value,
      class: "visually-hidden",
      dataset: { testid: `theme-${value}` },
    });
    radio.checked = value === chosen;
    radio.addEventListener("change", () => setTheme(value));
    segments.append(el("label", {}, radio, el("span", { text: label })));
  }
  group.append(segments);
  return group;
}

customElements.define("desk-rail", DeskRail);
