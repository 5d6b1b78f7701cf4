// @ts-check
/** The numbers at the top of the board. Each is put up once and then only changes its text. */
import { el, setAttribute, setText } from "../../shared/dom.js";
import { duration } from "../../shared/time.js";
import { percent } from "../labels.js";
import { due } from "./timers.js";

/** @typedef {import("./types.js").Board} Board */
/** @typedef {{value: string, more: string, tone?: "calm"|"warn"|"late"}} Shown */

const NOTHING = "–";

/** @type {[string, string, (board: Board, now: number) => Shown][]} */
const TILES = [
  ["waiting", "Waiting now", waiting],
  ["due", "First answers", firstAnswers],
  ["handoffs", "Handoffs today", handoffs],
  ["wait", "Usual wait", usualWait],
  ["response", "First answer after", response],
  ["resolved", "Resolved today", resolved],
];

export class Tiles {
  constructor() {
    this.places = TILES.map(([name, label, read]) => {
      const value = el("dd", { class: "tile-value figures" });
      const more = el("dd", { class: "tile-more" });
      const tile = el(
        "div",
        { class: "tile", dataset: { testid: `tile-${name}` } },
        el("dt", { text: label }),
        value,
        more,
      );
      return { tile, value, more, read };
    });
    this.element = el("dl", { class: "tiles" }, ...this.places.map(({ tile }) => tile));
  }

  /**
   * @param {Board} board
   * @param {number} now by the service's clock
   */
  show(board, now) {
    for (const { tile, value, more, read } of this.places) {
      const shown = read(board, now);
      setText(value, shown.value);
      setText(more, shown.more);
      setAttribute(tile, "data-tone", shown.tone);
    }
  }
}

/**
 * @param {Board} board
 * @param {number} now
 * @returns {Shown}
 */
function waiting({ queue, now: asked }, now) {
  const since = Math.round((now - Date.parse(asked)) / 1000);
  return {
    value: String(queue.waiting),
    more: queue.waiting ? `longest ${duration(queue.longest_wait + since)}` : "nobody waits",
  };
}

/**
 * @param {Board} board
 * @param {number} now
 * @returns {Shown}
 */
function firstAnswers({ queue, target }, now) {
  const left = queue.timers.map((card) => due(card) - now);
  const late = left.filter((ms) => ms <= 0).length;
  const soon = left.filter((ms) => ms > 0 && ms <= target.warn_seconds * 1000).length;
  if (late) return { value: `${late} late`, more: soon ? `${soon} more within seconds` : "act now", tone: "late" };
  if (soon) return { value: `${soon} soon`, more: `less than ${target.warn_seconds} s left`, tone: "warn" };
  return { value: "On time", more: left.length ? `${left.length} running` : "none running", tone: "calm" };
}

/** @param {Board} board @returns {Shown} */
function handoffs({ today }) {
  const put = today.deferred ? `, ${today.deferred} promised` : "";
  return { value: String(today.handoffs), more: `${today.answered} answered${put}` };
}

/** @param {Board} board @returns {Shown} */
function usualWait({ today }) {
  if (today.wait_median === null) return { value: NOTHING, more: "nobody taken yet" };
  return { value: duration(today.wait_median), more: `nine in ten within ${duration(today.wait_p90 ?? 0)}` };
}

/** @param {Board} board @returns {Shown} */
function response({ today, target }) {
  if (today.first_response_median === null) return { value: NOTHING, more: "nobody answered yet" };
  return {
    value: duration(today.first_response_median),
    more: `${percent(today.within_target ?? 0)} within ${duration(target.first_response_seconds)}`,
  };
}

/** @param {Board} board @returns {Shown} */
function resolved({ today }) {
  const rated = today.csat === null ? "no ratings yet" : `${percent(today.csat)} helpful of ${today.rated} rated`;
  return { value: String(today.resolved), more: rated };
}
