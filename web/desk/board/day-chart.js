// @ts-check
/** The day hour by hour: who came to the people and who was taken, and below it how long those had waited. */
import { el, fill, svg } from "../../shared/dom.js";
import { clock, duration } from "../../shared/time.js";

/** @typedef {import("./types.js").Hour} Hour */
/** @typedef {import("./types.js").Target} Target */
/** @typedef {{x: (at: number) => number, step: number, width: number}} Scale */

const BARS = { top: 12, bottom: 112 };
const LINE = { top: 148, bottom: 204 };
const HEIGHT = 226;
const LEFT = 34;
const FEWEST = 8;

/**
 * @param {HTMLElement} place
 * @param {Hour[]} hours
 * @param {Target} target
 */
export function drawDay(place, hours, target) {
  const shown = worthShowing(hours);
  const width = place.clientWidth;
  const step = (width - LEFT) / Math.max(shown.length, 1);
  const scale = { x: (/** @type {number} */ at) => LEFT + at * step, step, width };
  fill(
    place,
    el(
      "figure",
      {},
      el(
        "figcaption",
        {},
        el("span", { class: "legend", dataset: { kind: "came" }, text: "Came to a person" }),
        el("span", { class: "legend", dataset: { kind: "taken" }, text: "Taken" }),
        el("span", { class: "legend", dataset: { kind: "wait" }, text: "Usual wait" }),
        el("span", {
          class: "legend",
          dataset: { kind: "goal" },
          text: `First answer promised within ${duration(target.first_response_seconds)}`,
        }),
      ),
      svg(
        "svg",
        { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": inWords(shown) },
        ...bars(shown, scale),
        ...line(shown, scale, target),
        ...axis(shown, scale),
      ),
    ),
  );
}

/**
 * The hours from the first in which something happened, and never so few that they look odd.
 * @param {Hour[]} hours
 */
function worthShowing(hours) {
  const first = hours.findIndex((hour) => hour.handoffs || hour.accepted);
  const from = first < 0 ? hours.length - FEWEST : Math.min(first, hours.length - FEWEST);
  return hours.slice(Math.max(from, 0));
}

/**
 * @param {Hour[]} hours
 * @param {Scale} scale
 */
function bars(hours, scale) {
  const most = Math.max(4, ...hours.map((hour) => Math.max(hour.handoffs, hour.accepted)));
  const top = Math.ceil(most / 4) * 4;
  const y = (/** @type {number} */ count) => BARS.bottom - (count / top) * (BARS.bottom - BARS.top);
  const thick = Math.min(scale.step * 0.34, 22);
  const grid = [0, top / 2, top].flatMap((count) => gridLine(y(count), String(count), scale));
  const drawn = hours.flatMap((hour, at) => {
    const middle = scale.x(at) + scale.step / 2;
    return [
      bar("came", middle - thick - 1, y(hour.handoffs), thick, `${clock(hour.at)}: ${hour.handoffs} came`),
      bar("taken", middle + 1, y(hour.accepted), thick, `${clock(hour.at)}: ${hour.accepted} taken`),
    ];
  });
  return [...grid, ...drawn];
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {string} says
 */
function bar(kind, x, y, width, says) {
  const height = Math.max(BARS.bottom - y, 0);
  return svg(
    "rect",
    { class: `day-bar ${kind}`, x, y, width, height, rx: Math.min(3, height / 2) },
    svg("title", { text: says }),
  );
}

/**
 * @param {Hour[]} hours
 * @param {Scale} scale
 * @param {Target} target
 */
function line(hours, scale, target) {
  const most = Math.max(60, ...hours.map((hour) => hour.wait_median ?? 0));
  const y = (/** @type {number} */ seconds) => LINE.bottom - (seconds / most) * (LINE.bottom - LINE.top);
  const points = hours.flatMap((hour, at) =>
    hour.wait_median === null ? [] : [{ x: scale.x(at) + scale.step / 2, y: y(hour.wait_median), hour }],
  );
  const path = points.map(({ x, y: height }, at) => `${at ? "L" : "M"}${x.toFixed(1)} ${height.toFixed(1)}`).join("");
  const goal = target.first_response_seconds;
  return [
    ...gridLine(y(0), "0", scale),
    ...gridLine(y(most), duration(most), scale),
    goal < most && svg("line", { class: "goal", x1: LEFT, x2: scale.width, y1: y(goal), y2: y(goal) }),
    path && svg("path", { class: "waits", d: path }),
    ...points.map(({ x, y: height, hour }) =>
      svg(
        "circle",
        { class: (hour.wait_median ?? 0) > goal ? "wait over" : "wait", cx: x, cy: height, r: 3.5 },
        svg("title", { text: `${clock(hour.at)}: ${duration(hour.wait_median ?? 0)}` }),
      ),
    ),
  ];
}

/**
 * @param {number} y
 * @param {string} says
 * @param {Scale} scale
 */
const gridLine = (y, says, scale) => [
  svg("line", { class: "grid", x1: LEFT, x2: scale.width, y1: y, y2: y }),
  svg("text", { class: "mark", x: LEFT - 8, y: y + 4, "text-anchor": "end", text: says }),
];

/**
 * @param {Hour[]} hours
 * @param {Scale} scale
 */
function axis(hours, scale) {
  const every = Math.ceil(46 / scale.step);
  return hours.map((hour, at) =>
    at % every
      ? null
      : svg("text", {
          class: "mark",
          x: scale.x(at) + scale.step / 2,
          y: HEIGHT - 4,
          "text-anchor": "middle",
          text: clock(hour.at),
        }),
  );
}

/** @param {Hour[]} hours */
function inWords(hours) {
  const told = hours.filter((hour) => hour.handoffs || hour.accepted);
  if (!told.length) return "Nobody has come to a person today.";
  return told
    .map((hour) => {
      const wait = hour.wait_median === null ? "" : `, usual wait ${duration(hour.wait_median)}`;
      return `${clock(hour.at)}: ${hour.handoffs} came, ${hour.accepted} taken${wait}`;
    })
    .join("; ");
}
