// @ts-check
/** The board: who is there, who waits, which first answers are about to be late, and how the day goes. */
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { ApiError } from "../../shared/http.js";
import { call } from "../api.js";
import { Part } from "../part.js";
import { drawDay } from "./day-chart.js";
import { bySkill } from "./skills.js";
import { teamTable } from "./team-table.js";
import { Tiles } from "./tiles.js";
import { Timers } from "./timers.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./types.js").Board} Board */

const EVERY_MS = 5_000;
const SETTLE_MS = 400;

export class DeskBoard extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {Board|null} */
    this.board = null;
    /** Milliseconds that the service's clock is ahead of this one. */
    this.ahead = 0;
    this.tiles = new Tiles();
    this.timers = new Timers(desk);
    this.fresh = el("p", { class: "board-fresh", dataset: { testid: "board-fresh" } });
    this.team = el("div", { class: "board-table" });
    this.skills = el("div", { class: "board-table" });
    this.chart = el("div", { class: "board-chart" });
    this.body = el("div", { class: "board", hidden: true });
    this.fault = el("p", { class: "board-fault", role: "status" });
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.soon = undefined;
  }

  begin() {
    fill(
      this.body,
      this.tiles.element,
      el(
        "div",
        { class: "board-columns" },
        el(
          "div",
          { class: "board-column" },
          panel("First answers due", this.timers.element, this.timers.count),
          panel("Through the day", this.chart),
        ),
        el("div", { class: "board-column" }, panel("Team", this.team), panel("By skill", this.skills)),
      ),
    );
    this.replaceChildren(
      el("div", { class: "page-head board-head" }, el("h1", { tabindex: "-1", text: "Board" }), this.fresh),
      el("div", { class: "page-body board-body" }, this.fault, this.body),
    );
    this.every(EVERY_MS, () => void this.load());
    this.every(1_000, () => this.tick());
    for (const type of ["queue", "presence"])
      this.desk.hear(type, () => this.loadSoon(), /** @type {AbortController} */ (this.life).signal);
    const sizes = new ResizeObserver(() => this.drawChart());
    sizes.observe(this.chart);
    this.life?.signal.addEventListener("abort", () => {
      sizes.disconnect();
      clearTimeout(this.soon);
    });
    void this.load();
  }

  /** Several frames that come together are looked up once. */
  loadSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(), SETTLE_MS);
  }

  async load() {
    try {
      this.board = /** @type {Board} */ (await call("GET", "/board"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(this.fault, this.desk.refusal(error).message);
      this.tick();
      return;
    }
    if (!this.isConnected) return;
    this.ahead = Date.parse(this.board.now) - Date.now();
    setText(this.fault, "");
    this.body.hidden = false;
    this.show(this.board);
  }

  /** @param {Board} board */
  show(board) {
    fill(this.team, teamTable(board.agents, Date.now() + this.ahead));
    fill(this.skills, bySkill(board));
    this.timers.hold(board);
    this.drawChart();
    this.tick();
  }

  drawChart() {
    if (this.board && this.chart.clientWidth) drawDay(this.chart, this.board.today.hours, this.board.target);
  }

  /** What changes by time alone. */
  tick() {
    if (!this.board) return;
    const now = Date.now() + this.ahead;
    this.tiles.show(this.board, now);
    this.timers.tick(now);
    const age = Math.round((now - Date.parse(this.board.now)) / 1000);
    const stale = age > (3 * EVERY_MS) / 1000;
    setAttribute(this.fresh, "data-stale", stale);
    setText(this.fresh, stale ? `${age} s old` : "Live");
  }
}

/**
 * @param {string} name
 * @param {HTMLElement} content
 * @param {HTMLElement} [aside]
 */
function panel(name, content, aside) {
  const id = `board-${name.toLowerCase().replaceAll(" ", "-")}`;
  return el(
    "section",
    { class: "board-panel", "aria-labelledby": id },
    el("div", { class: "board-panel-head" }, el("h2", { id, text: name }), aside),
    content,
  );
}

customElements.define("desk-board", DeskBoard);
