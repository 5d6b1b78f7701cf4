// @ts-check
/** The first answers that customers still wait for, the nearest to being late first. */
import { el, setAttribute, setText } from "../../shared/dom.js";
import { duration } from "../../shared/time.js";
import { keyed } from "../keyed.js";
import { reasonSign, skillLabel } from "../labels.js";
import { pill } from "../pieces.js";

/** @typedef {import("../types.js").Card} Card */
/** @typedef {import("./types.js").Board} Board */

/** @param {Card} card */
export const due = (card) => Date.parse(card.first_response_due ?? "");

export class Timers {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Board|null} */
    this.board = null;
    this.list = el("ul", { class: "timers", role: "list" });
    this.none = el("p", { class: "board-none", text: "Every customer has had a first answer." });
    this.count = el("span", { class: "board-count figures" });
    this.element = el("div", {}, this.list, this.none);
  }

  /** @param {Board} board */
  hold(board) {
    this.board = board;
    const { timers } = board.queue;
    this.none.hidden = timers.length > 0;
    setText(this.count, timers.length ? String(timers.length) : "");
    keyed(this.list, timers, (card) => card.id, makeTimer, (row, card) => this.update(row, card));
  }

  /**
   * @param {HTMLElement} row
   * @param {Card} card
   */
  update(row, card) {
    const link = /** @type {HTMLAnchorElement} */ (row.querySelector(".timer-link"));
    link.href = `#/inbox/${card.state === "agent" ? "open" : "queue"}/${encodeURIComponent(card.id)}`;
    setText(link, this.desk.nameOf(card.id));
    setText(/** @type {Element} */ (row.querySelector(".timer-text")), card.preview ?? "");
    setText(/** @type {Element} */ (row.querySelector(".timer-who")), holder(card));
  }

  /** @param {number} now by the service's clock */
  tick(now) {
    if (!this.board) return;
    const { timers } = this.board.queue;
    const { first_response_seconds: whole, warn_seconds: warn } = this.board.target;
    [...this.list.children].forEach((row, at) => {
      const left = (due(timers[at]) - now) / 1000;
      setAttribute(row, "data-level", left <= 0 ? "late" : left <= warn ? "warn" : "calm");
      setText(
        /** @type {Element} */ (row.querySelector(".timer-left")),
        left > 0 ? duration(Math.ceil(left)) : `+${duration(-left)}`,
      );
      setText(/** @type {Element} */ (row.querySelector(".timer-word")), left > 0 ? "left" : "late");
      const bar = /** @type {HTMLElement} */ (row.querySelector(".timer-fill"));
      bar.style.inlineSize = `${100 * Math.min(Math.max(left / whole, 0), 1)}%`;
    });
  }
}

/** @param {Card} card */
function makeTimer(card) {
  const reason = reasonSign(card.reason);
  return el(
    "li",
    { class: "timer", dataset: { testid: "timer" } },
    el(
      "p",
      { class: "timer-clock" },
      el("span", { class: "timer-left figures" }),
      " ",
      el("span", { class: "timer-word" }),
    ),
    el(
      "div",
      { class: "timer-words" },
      el(
        "p",
        { class: "timer-head" },
        el("a", { class: "timer-link" }),
        reason && pill(reason),
        card.skill && el("span", { class: "tag", text: skillLabel(card.skill) }),
        el("span", { class: "timer-who" }),
      ),
      el("p", { class: "timer-text", dir: "auto" }),
    ),
    el("span", { class: "timer-bar", "aria-hidden": "true" }, el("span", { class: "timer-fill" })),
  );
}

/** @param {Card} card */
function holder(card) {
  if (card.state === "agent") return card.agent ? `with ${card.agent.name}` : "";
  if (card.state === "offered") return card.offered ? `offered to ${card.offered.agent.name}` : "";
  return "in the queue";
}
