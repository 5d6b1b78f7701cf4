// @ts-check
/** A promotion as it goes: which step it is at, and how it ended. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { clock, duration } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { askWhile } from "./news.js";
import { short, STEPS } from "./words.js";

/** @typedef {import("../types.js").Promotion} Promotion */

/** An ended one is shown for so long. */
const KEPT_MS = 10 * 60_000;
const ENDS = ["done", "failed"];

/** How far a promotion is; of two about the same one the lower is old news. @param {Promotion} promotion */
const rank = ({ state }) => (state === "failed" ? STEPS.length : STEPS.findIndex(([step]) => step === state));

/** Dispatched when customers have been moved, or when it is over. */
export const MOVED = "moved";

export class DeskPromotion extends Part {
  /**
   * @param {import("../../state/desk.js").Desk} desk
   * @param {() => Promise<unknown>} ask has it told anew by {@link heard}
   */
  constructor(desk, ask) {
    super();
    this.desk = desk;
    this.ask = ask;
    /** @type {Promotion|null} */
    this.promotion = null;
    this.hidden = true;
    this.dataset.testid = "promotion";
    this.words = el("p", { class: "promotion-words", role: "status", dataset: { testid: "promotion-state" } });
    this.clock = el("span", { class: "figures quiet" });
    this.steps = el(
      "ol",
      { class: "steps", role: "list" },
      ...STEPS.map(([step, label]) => el("li", { class: "step", dataset: { step } }, el("span", { text: label }))),
    );
  }

  /** Whether one is under way. */
  get goes() {
    return Boolean(this.promotion && !ENDS.includes(this.promotion.state));
  }

  begin() {
    this.replaceChildren(el("div", { class: "promotion-head" }, this.words, this.clock), this.steps);
    this.every(1000, () => this.tick());
    this.desk.hear("promotion", (frame) => this.heard(frame.promotion), /** @type {AbortSignal} */ (this.life?.signal));
    askWhile(this, () => this.goes, this.ask);
  }

  /** @param {Promotion|null} promotion */
  heard(promotion) {
    const before = this.promotion;
    if (before && promotion && before.request === promotion.request && rank(promotion) < rank(before)) return;
    this.promotion = promotion;
    const old = promotion && ENDS.includes(promotion.state) && Date.now() - Date.parse(promotion.at) > KEPT_MS;
    this.hidden = !promotion || Boolean(old);
    if (!promotion) return;
    this.draw(promotion);
    this.tick();
    if (before && before.state !== promotion.state && ["switched", ...ENDS].includes(promotion.state))
      this.dispatchEvent(new CustomEvent(MOVED, { detail: promotion }));
  }

  /** @param {Promotion} promotion */
  draw({ state, kind, model, text, at }) {
    setAttribute(this, "data-state", state);
    const now = STEPS.findIndex(([step]) => step === state);
    for (const [index, node] of [...this.steps.children].entries()) {
      const ended = state === "done" || index < now;
      setAttribute(node, "data-state", ended ? "done" : index === now ? "now" : "later");
      setAttribute(node, "aria-current", index === now && state !== "done" ? "step" : null);
    }
    this.steps.hidden = state === "failed";
    const id = el("span", { class: "mono", text: short(model) });
    if (state === "done")
      fill(this.words, sign("checkCircle"), el("span", {}, id, ` answers customers since ${clock(at)}.`));
    else if (state === "failed")
      fill(
        this.words,
        sign("alert"),
        el("span", {}, id, ` was not promoted. ${text}`),
      );
    else
      fill(
        this.words,
        el("span", { class: "spinner" }),
        el("span", {}, kind === "rollback" ? "Rolling back to " : "Promoting ", id, text ? `: ${text}` : ""),
      );
  }

  /** How long it has been under way. */
  tick() {
    const since = this.goes && this.promotion ? Date.parse(this.promotion.asked_at) : 0;
    setText(this.clock, since ? duration((Date.now() - since) / 1000) : "");
  }
}

customElements.define("desk-promotion", DeskPromotion);
