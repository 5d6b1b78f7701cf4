// @ts-check
/**
 * A menu button: opens below it, is walked with the arrow keys, closes on Escape, on a choice and on a
 * press elsewhere, and gives the focus back.
 */
import { el, fill, icon } from "../shared/dom.js";
import { icons } from "./icons.js";

/** @typedef {{id: string, label: string, icon: string, run: () => void}} Item */

export class Menu {
  /** @param {() => Item[]} items what can be done at the moment it opens */
  constructor(items) {
    this.items = items;
    this.button = el(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        dataset: { testid: "menu" },
        on: {
          click: () => (this.isOpen ? this.close() : this.open()),
          keydown: (event) => this.buttonKey(event),
        },
      },
      icon(icons.more),
    );
    this.list = el("div", {
      class: "menu",
      role: "menu",
      hidden: true,
      on: { keydown: (event) => this.key(event) },
    });
    this.node = el(
      "div",
      { class: "menu-place", on: { focusout: (event) => this.focusLeft(event) } },
      this.button,
      this.list,
    );
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** @param {string} label */
  name(label) {
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.list.setAttribute("aria-label", label);
  }

  open() {
    fill(this.list, ...this.items().map((item) => this.entry(item)));
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.entries[0]?.focus();
  }

  close({ focus = true } = {}) {
    if (!this.isOpen) return;
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (focus) this.button.focus();
  }

  /** @returns {HTMLElement[]} */
  get entries() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("[role=menuitem]"))];
  }

  /** @param {Item} item */
  entry(item) {
    const chosen = () => {
      this.close();
      item.run();
    };
    return el(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        class: "menu-item",
        dataset: { testid: item.id },
        on: { click: chosen },
      },
      icon(item.icon),
      el("span", { text: item.label }),
    );
  }

  /** @param {KeyboardEvent} event */
  buttonKey(event) {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    this.open();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { entries } = this;
    const at = entries.findIndex((entry) => entry.matches(":focus"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length)?.focus();
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") this.close({ focus: false });
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  }

  /** @param {FocusEvent} event */
  focusLeft(event) {
    if (!this.node.contains(/** @type {Node | null} */ (event.relatedTarget))) this.close({ focus: false });
  }
}
