// @ts-check
import { el, fill, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { phone } from "../inbox/inbox.js";
import { Part } from "../part.js";
import { CHANGE } from "../state/change.js";

/** @typedef {import("../state/desk.js").Desk} Desk */

const LOST_SHOWN_AFTER_MS = 1_500;

/** What stands above everything: a safety case that waits out of sight, and a connection that is lost. */
export class DeskAlerts extends Part {
  /**
   * @param {Desk} desk
   * @param {(id: string) => void} accept
   */
  constructor(desk, accept) {
    super();
    this.desk = desk;
    this.accept = accept;
    this.lostSince = 0;
    this.safety = el("div", {
      class: "safety-alert",
      role: "region",
      "aria-label": "Safety",
      hidden: true,
      dataset: { testid: "safety-alert" },
    });
    this.when = el("span", { class: "lost-when" });
    this.lost = el(
      "div",
      { class: "lost", role: "status", hidden: true, dataset: { testid: "connection-lost" } },
      sign("offline"),
      el("p", {}, el("strong", { text: "Connection lost. " }), this.when),
      el("button", {
        type: "button",
        class: "link-button",
        text: "Try now",
        on: { click: () => desk.socket.retryNow() },
      }),
    );
  }

  begin() {
    this.replaceChildren(this.safety, this.lost);
    this.hear(this.desk, [CHANGE.cards, CHANGE.selection], () => this.updateSafety());
    this.hear(this.desk, CHANGE.connection, () => this.updateConnection());
    this.hear(phone, "change", () => this.updateSafety());
    this.every(500, () => this.updateConnection());
    this.updateSafety();
  }

  updateSafety() {
    const { desk, safety } = this;
    const waiting = desk.cards.inView("queue").filter((card) => card.reason === "safety" && card.id !== desk.selected);
    const inSight = desk.inSight && desk.view === "queue" && !(phone.matches && desk.selected);
    const card = inSight ? undefined : waiting[0];
    safety.hidden = !card;
    if (!card || safety.dataset.conversation === card.id) return;
    safety.dataset.conversation = card.id;
    fill(
      safety,
      sign("alert"),
      el(
        "p",
        {},
        el("strong", { text: "Safety case waiting. " }),
        el("span", { dir: "auto", text: card.preview ?? desk.nameOf(card.id) }),
      ),
      el("button", {
        type: "button",
        class: "button on-danger",
        text: "Accept",
        dataset: { testid: "safety-accept" },
        on: { click: () => this.accept(card.id) },
      }),
    );
  }

  updateConnection() {
    const { state, retryAt } = this.desk.connection;
    if (state === "open" || state === "closed") this.lostSince = 0;
    else if (!this.lostSince) this.lostSince = Date.now();
    this.lost.hidden = !this.lostSince || Date.now() - this.lostSince <= LOST_SHOWN_AFTER_MS;
    if (this.lost.hidden) return;
    const seconds = retryAt ? Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
    setText(this.when, seconds ? `Trying again in ${seconds} s` : "Trying again…");
  }
}

customElements.define("desk-alerts", DeskAlerts);
