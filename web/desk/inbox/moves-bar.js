// @ts-check
import { el, fill, setAttribute } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { iconButton } from "../pieces.js";
import { makeResolveMenu } from "./resolve-menu.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */

/** What an agent may do with their own open conversation. */
export class MovesBar extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {() => void} transfer asks where to
   */
  constructor(desk, transfer) {
    super();
    this.desk = desk;
    const { moves } = desk;
    this.hold = this.button("hold", "Hold", "pause", "H", (id) => void moves.toggleHold(id));
    this.transfer = this.button("transfer", "Transfer", "transfer", "T", transfer);
    this.giveBack = this.button("return", "Return to bot", "bot", "B", (id) => void moves.giveBack(id));
    this.resolve = this.button("resolve", "Resolve", "check", "E", (id) => void moves.resolve(id));
    this.resolve.classList.add("strong");
    this.menu = makeResolveMenu(
      () => this.resolve,
      (reason) => this.withOpen((id) => void moves.resolve(id, reason)),
    );
    this.reasons = iconButton(
      { label: "Resolve with a reason", icon: "caret", testid: "resolve-reason", key: "Shift+E", class: "joined" },
      { popovertarget: this.menu.id },
    );
  }

  connectedCallback() {
    this.classList.add("conversation-moves");
    const split = el("div", { class: "split" }, this.resolve, this.reasons);
    this.replaceChildren(this.hold, this.transfer, this.giveBack, split);
  }

  /** @param {Card|undefined} card */
  update(card) {
    this.hidden = !card || !this.desk.cards.belongs(card, "mine");
    const busy = Boolean(card && this.desk.moves.underWay.has(card.id));
    for (const button of this.querySelectorAll("button")) button.disabled = busy;
    this.showHeld(Boolean(card?.held));
  }

  /** @param {boolean} held */
  showHeld(held) {
    const label = held ? "Take off hold" : "Hold";
    if (this.hold.getAttribute("aria-label") === label) return;
    setAttribute(this.hold, "aria-label", label);
    setAttribute(this.hold, "title", `${label} (H)`);
    setAttribute(this.hold, "data-on", held);
    fill(this.hold, sign(held ? "play" : "pause"), el("span", { text: label }));
  }

  openReasons() {
    if (!this.hidden) this.menu.showPopover();
  }

  /** @param {(id: string) => void} act */
  withOpen(act) {
    if (this.desk.selected) act(this.desk.selected);
  }

  /**
   * @param {string} testid
   * @param {string} label
   * @param {string} icon
   * @param {string} key
   * @param {(id: string) => void} run
   */
  button(testid, label, icon, key, run) {
    return el(
      "button",
      {
        type: "button",
        class: "button",
        title: `${label} (${key})`,
        "aria-label": label,
        dataset: { testid },
        on: { click: () => this.withOpen(run) },
      },
      sign(icon),
      el("span", { text: label }),
    );
  }
}

customElements.define("desk-moves", MovesBar);
