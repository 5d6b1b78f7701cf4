// @ts-check
import { el } from "../../shared/dom.js";
import { Part } from "../part.js";
import { recall, remember } from "../storage.js";
import { CHANGE } from "../state/change.js";
import { DeskContext } from "./context.js";
import { DeskConversation } from "./conversation.js";
import { DeskList } from "./list.js";
import { DeskTransfer } from "./transfer.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").View} View */

const wide = matchMedia("(min-width: 1280px)");
export const phone = matchMedia("(max-width: 767px)");

/** The conversations: list, transcript and context side by side, folded where there is less room. */
export class DeskInbox extends Part {
  /**
   * @param {Desk} desk
   * @param {(view: View, id?: string|null, seq?: number|null) => void} go
   */
  constructor(desk, go) {
    super();
    this.desk = desk;
    this.go = go;
    const open = (/** @type {string} */ id, /** @type {number} */ seq = 0) => this.open(id, seq);
    this.list = new DeskList(desk, { open, accept: (id) => void this.take(id) });
    this.conversation = new DeskConversation(desk, {
      take: (id) => void this.take(id),
      transfer: () => this.transferOpen(),
      back: () => go(desk.view, null),
      context: () => this.toggleContext(),
    });
    this.context = new DeskContext(desk, {
      close: () => this.setDrawer(false),
      open,
      note: () => this.note(),
    });
    this.transfer = new DeskTransfer(desk);
  }

  begin() {
    const scrim = el("div", { class: "scrim", on: { click: () => this.setDrawer(false) } });
    this.replaceChildren(this.list, this.conversation, scrim, this.context, this.transfer);
    this.hear(this.desk, CHANGE.selection, () => this.layout());
    this.hear(wide, "change", () => this.layout());
    this.hear(phone, "change", () => this.layout());
    this.dataset.context = recall("context", "shown");
    this.layout();
  }

  /** Marks what a small screen shows, and keeps a closed drawer out of reach. */
  layout() {
    this.dataset.showing = this.desk.selected ? "conversation" : "list";
    const listAlone = phone.matches && !this.desk.selected;
    this.list.setAttribute("role", listAlone ? "main" : "region");
    this.conversation.setAttribute("role", listAlone ? "region" : "main");
    this.conversation.beFirst(phone.matches && Boolean(this.desk.selected));
    this.context.inert = !wide.matches && this.dataset.drawer !== "open";
  }

  get drawerOpen() {
    return this.dataset.drawer === "open";
  }

  /** @param {boolean} open */
  setDrawer(open) {
    if (this.drawerOpen === open) return;
    this.dataset.drawer = open ? "open" : "closed";
    this.layout();
    if (open) this.context.querySelector("h2")?.focus();
    else if (!wide.matches) this.querySelector(/** @type {"button"} */ (".context-toggle"))?.focus();
  }

  /** Opens or closes the context: a drawer where there is little room, else the third pane. */
  toggleContext() {
    if (!wide.matches) return this.setDrawer(!this.drawerOpen);
    const hidden = this.dataset.context !== "hidden";
    this.dataset.context = hidden ? "hidden" : "shown";
    remember("context", this.dataset.context);
  }

  /**
   * @param {string} id
   * @param {number} [seq] the message to show
   */
  open(id, seq = 0) {
    this.go(this.desk.view, id, seq || null);
    this.conversation.focusHeading();
  }

  /** Takes a conversation and gets ready to answer it. @param {string} id */
  async take(id) {
    if (await this.desk.moves.take(id)) this.becomeMine(id);
  }

  /** @param {string} id */
  becomeMine(id) {
    this.go("mine", id);
    this.conversation.focusFoot();
  }

  /** The open conversation, if it is the agent's own. */
  get own() {
    const card = this.desk.cards.get(this.desk.selected);
    return card && this.desk.cards.belongs(card, "mine") ? card : undefined;
  }

  /** The conversation that a key means: the focused card, else the open conversation. */
  get meant() {
    const focused = document.activeElement?.closest("[data-testid=card]");
    return this.desk.cards.get((focused instanceof HTMLElement ? focused.dataset.id : null) ?? this.desk.selected);
  }

  /** @param {string} [wanted] */
  transferOpen(wanted = "") {
    if (this.own) this.transfer.open(this.own.id, wanted);
  }

  reply() {
    this.conversation.composer?.setMode("reply");
    this.conversation.focusFoot();
  }

  note() {
    this.setDrawer(false);
    this.conversation.writeNote();
  }

  /** @param {number} step */
  moveFocus(step) {
    const buttons = [...this.list.querySelectorAll(/** @type {"button"} */ (".card-open, .found"))].filter((button) =>
      button.checkVisibility(),
    );
    if (!buttons.length) return;
    const focused = document.activeElement?.closest("[data-testid=card]")?.querySelector(".card-open");
    const current = buttons.findIndex((button) =>
      focused
        ? button === focused
        : button === document.activeElement || button.getAttribute("aria-current") === "true",
    );
    const last = buttons.length - 1;
    const next = current < 0 ? (step > 0 ? 0 : last) : Math.min(Math.max(current + step, 0), last);
    buttons[next].focus();
    buttons[next].closest("li")?.scrollIntoView({ block: "nearest" });
  }

  /** Accepts, takes over or reopens what is meant. */
  takeMeant() {
    const card = this.meant;
    if (card && card.state !== "agent") void this.take(card.id);
  }

  /** Enter accepts a waiting conversation that is open already, and does nothing else. @param {KeyboardEvent} event */
  enter({ target }) {
    const onOpenCard = target instanceof HTMLElement && target.matches(".card-open[aria-current]");
    const nowhere = target === document.body || (target instanceof HTMLElement && target.matches(".conversation-name"));
    const card = this.meant;
    if (!card || !this.desk.cards.takeable(card) || !(onOpenCard || nowhere)) return false;
    void this.take(card.id);
    return true;
  }

  escape() {
    if (this.drawerOpen) this.setDrawer(false);
    else if (document.activeElement instanceof HTMLTextAreaElement) this.conversation.focusHeading();
    else if (this.desk.search.active) this.desk.search.look("", "");
    else if (this.desk.selected && phone.matches) this.go(this.desk.view, null);
    else if (this.desk.selected)
      this.querySelector(/** @type {"button"} */ (`[data-id="${CSS.escape(this.desk.selected)}"] .card-open`))?.focus();
  }
}

customElements.define("desk-inbox", DeskInbox);
