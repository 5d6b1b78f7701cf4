// @ts-check
/** What stands above a transcript until it is dealt with: a danger, a promise. */
import { el, fill, setAttribute } from "../../shared/dom.js";
import { clock, dateAndTime } from "../../shared/time.js";
import { sign } from "../icons.js";
import { hazardLabel } from "../labels.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */

/** The danger that the customer has told of, and what they were told to do. */
export class SafetyStrip extends HTMLElement {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.shown = "";
  }

  connectedCallback() {
    this.classList.add("safety-strip");
    this.dataset.testid = "safety-strip";
  }

  /** @param {Card|undefined} card */
  update(card) {
    const safety = card?.reason === "safety" && card.state !== "resolved" && card.state !== "bot";
    this.hidden = !safety;
    if (!safety) return;
    const { messages, context } = this.desk.threads.get(card.id);
    const hazard = context?.handoff?.evidence?.hazard;
    const told = messages.findLast((message) => message.from === "bot" && message.meta?.act === "safety");
    const mark = `${card.id} ${hazard} ${told?.seq}`;
    if (mark === this.shown) return;
    this.shown = mark;
    fill(
      this,
      sign("alert"),
      el(
        "p",
        {},
        el("strong", { text: hazard ? `Safety: ${hazardLabel(hazard).toLowerCase()}` : "Safety" }),
        told
          ? ` The bot gave the safety instruction at ${clock(told.at)}. Check that the customer is safe first.`
          : " Make sure the customer is safe before anything else.",
      ),
    );
  }
}

/** What the customer was promised, until it is kept. */
export class PromiseStrip extends HTMLElement {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.shown = "";
  }

  connectedCallback() {
    this.classList.add("promise-strip");
    this.dataset.testid = "promise-strip";
  }

  /** @param {Card|undefined} card */
  update(card) {
    const due = card && card.state !== "resolved" ? card.due_at : null;
    this.hidden = !due;
    if (!card || !due) return;
    const { cards, promises } = this.desk;
    const contact = promises.get(card.id)?.contact;
    const reach = [contact?.email, contact?.phone].filter(Boolean).join(", ");
    const mine = cards.belongs(card, "mine");
    const mark = `${card.id} ${due} ${reach} ${mine} ${cards.overdue(card)}`;
    if (mark === this.shown) return;
    this.shown = mark;
    setAttribute(this, "data-overdue", cards.overdue(card));
    fill(
      this,
      sign("promise"),
      el("p", {}, el("strong", { text: `Promised for ${dateAndTime(due)}` }), reach && ` to ${reach}`),
      mine &&
        el("button", {
          type: "button",
          class: "link-button",
          text: "Reached another way",
          title: "Say that the customer was reached by telephone or otherwise",
          dataset: { testid: "promise-done" },
          on: { click: () => void this.desk.keepPromise(card.id) },
        }),
    );
  }
}

customElements.define("desk-safety-strip", SafetyStrip);
customElements.define("desk-promise-strip", PromiseStrip);
