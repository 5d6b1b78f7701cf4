// @ts-check
/** What operators read for what the service sends as codes and shares. */
import { percent } from "../../labels.js";

/** @typedef {import("../types.js").Figures} Figures */
/** @typedef {import("../types.js").Model} Model */
/** @typedef {import("../types.js").PromotionState} PromotionState */

/** The stages of a training, in their order. @type {readonly [string, string][]} */
export const STAGES = Object.freeze([
  ["validate", "Check the files"],
  ["train", "Learn the examples"],
  ["evaluate", "Test on examples it has not seen"],
  ["serve", "Start it, apart from customers"],
  ["judge", "Replay the test conversations"],
  ["compare", "Compare with the serving model"],
  ["report", "Write the report"],
  ["gate", "Decide whether it may serve"],
]);

/** The steps of a promotion, in their order. @type {readonly [PromotionState, string][]} */
export const STEPS = Object.freeze([
  ["starting", "Start beside the old"],
  ["warming", "Warm up"],
  ["probing", "Check by known questions"],
  ["switched", "Move customers over"],
  ["draining", "Let the old one finish"],
  ["done", "Done"],
]);

/** A share as people say it: "95 in 100". @param {number} share */
export const inHundred = (share) => `${Math.round(share * 100)} in 100`;

/** How much of it is chance: "94–96". @param {Figures} figures */
export const range = ({ low, high }) => `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)} %`;

/**
 * How a figure differs from that of the serving model, in points; null where it does not or there is none.
 * @param {number} share
 * @param {number|undefined} serving
 * @returns {{text: string, tone: "better"|"worse"}|null}
 */
export function difference(share, serving) {
  if (serving === undefined) return null;
  const points = Math.round((share - serving) * 1000) / 10;
  if (!points) return null;
  const tone = points > 0 ? "better" : "worse";
  return { text: `${points > 0 ? "+" : "−"}${Math.abs(points).toFixed(1)}`, tone };
}

/** What the gate said of a model. @param {Model} model @returns {{label: string, icon: string, tone: string}} */
export function verdict({ gate }) {
  if (!gate) return { label: "Not judged", icon: "question", tone: "neutral" };
  if (gate.passed) return { label: "Passed every check", icon: "checkCircle", tone: "ok" };
  const many = gate.reasons.length;
  return {
    label: many === 1 ? "Held back for one reason" : `Held back for ${many} reasons`,
    icon: "alert",
    tone: "bad",
  };
}

/** @param {string} id */
export const short = (id) => id.slice(0, 12);

/** How sure a model was, or nothing. @param {number|null} confidence */
export const sure = (confidence) => (confidence === null ? "" : percent(confidence));

export const PROMOTED = { promote: "promoted", rollback: "rolled back to", first: "first model" };
