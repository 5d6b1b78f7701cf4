// @ts-check
import { el, fill, setText, svg } from "../../shared/dom.js";
import { reasonSign, topicLabel } from "../labels.js";
import { Part } from "../part.js";
import { kbd, pill } from "../pieces.js";
import { CHANGE } from "../state/change.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */

const RING = 2 * Math.PI * 15;

/** Work that is offered to this agent, with the time left to take it. */
export class DeskOffers extends Part {
  /**
   * @param {Desk} desk
   * @param {(id: string) => void} accept
   */
  constructor(desk, accept) {
    super();
    this.desk = desk;
    this.accept = accept;
    this.shown = "";
    /** @type {Map<string, number>} the seconds each offer had when it was first seen */
    this.spans = new Map();
  }

  begin() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Offered to you");
    this.hear(this.desk, CHANGE.cards, () => this.update());
    this.every(250, () => this.tick());
    this.update();
  }

  /** The offer that ends first. @returns {Card|undefined} */
  get first() {
    const { cards } = this.desk;
    const until = (/** @type {Card} */ card) => card.offered?.until ?? "";
    return [...cards.held.values()]
      .filter((card) => cards.offeredToMe(card))
      .sort((a, b) => until(a).localeCompare(until(b)))[0];
  }

  update() {
    const card = this.first;
    this.hidden = !card;
    const mark = card ? `${card.id} ${card.offered?.until} ${this.desk.moves.underWay.has(card.id)}` : "";
    if (mark === this.shown) return;
    this.shown = mark;
    if (!card) fill(this);
    else fill(this, this.offer(card));
    this.tick();
  }

  /** @param {Card} card */
  offer(card) {
    const reason = reasonSign(card.reason);
    const busy = this.desk.moves.underWay.has(card.id);
    const button = (
      /** @type {string} */ name,
      /** @type {string} */ label,
      /** @type {string} */ key,
      /** @type {() => void} */ run,
    ) =>
      el(
        "button",
        {
          type: "button",
          class: `button ${name === "offer-accept" ? "primary" : ""}`,
          disabled: busy,
          dataset: { testid: name },
          on: { click: run },
        },
        label,
        kbd(key),
      );
    return el(
      "div",
      { class: "offer-card", dataset: { testid: "offer", id: card.id } },
      el("div", { class: "offer-ring" }, ring(), el("span", { class: "figures offer-left" })),
      el(
        "div",
        { class: "offer-words" },
        el(
          "p",
          { class: "offer-head" },
          el("strong", { text: "Offered to you" }),
          reason && pill(reason),
          card.topic && card.topic !== card.reason && el("span", { class: "quiet", text: topicLabel(card.topic) }),
        ),
        el("p", { class: "offer-preview", dir: "auto", text: card.preview || card.summary || "" }),
      ),
      el(
        "div",
        { class: "offer-moves" },
        button("offer-decline", "Decline", "D", () => void this.desk.moves.decline(card.id)),
        button("offer-accept", "Accept", "A", () => this.accept(card.id)),
      ),
    );
  }

  tick() {
    const card = this.first;
    const number = this.querySelector(".offer-left");
    if (!card?.offered || !number) return;
    const left = Math.max(0, (Date.parse(card.offered.until) - this.desk.cards.now()) / 1000);
    const span = this.spans.get(card.offered.until) ?? left;
    this.spans.set(card.offered.until, span);
    setText(number, String(Math.ceil(left)));
    const arc = /** @type {SVGElement|null} */ (this.querySelector(".offer-arc"));
    if (arc) arc.style.strokeDashoffset = String(RING * (1 - (span ? left / span : 0)));
  }
}

const ring = () =>
  svg(
    "svg",
    { class: "offer-circle", viewBox: "0 0 36 36", "aria-hidden": "true" },
    svg("circle", { class: "offer-track", cx: 18, cy: 18, r: 15 }),
    svg("circle", { class: "offer-arc", cx: 18, cy: 18, r: 15 }),
  );

customElements.define("desk-offers", DeskOffers);
