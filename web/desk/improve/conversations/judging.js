// @ts-check
/** Comparing what the bot did with what is expected of it, turn by turn, as the judge of a training does. Pure. */

/** @typedef {import("../types.js").Expected} Expected */
/** @typedef {import("../types.js").Tried} Tried */

/** Acts by which the bot says that it did not understand. */
const UNSURE = ["clarify", "offer_human"];
const FAIR = 0.5;

/** Whether the bot did what is expected; null when nothing is. @param {Expected} expected @param {Tried} tried */
export function meets(expected, tried) {
  if (!expected.topic && !expected.act && !expected.skus.length) return null;
  return (
    (!expected.topic || tried.topics.includes(expected.topic)) &&
    (!expected.act || tried.acts.includes(expected.act)) &&
    (!expected.skus.length || same(expected.skus, tried.skus))
  );
}

/** @param {string[]} some @param {string[]} others */
const same = (some, others) => some.every((sku) => others.includes(sku)) && others.every((sku) => some.includes(sku));

/** How many turns of a conversation the bot got right. @param {readonly Expected[]} turns @param {readonly Tried[]} tried */
export function score(turns, tried) {
  const judged = turns.map((turn, at) => (tried[at] ? meets(turn, tried[at]) : null)).filter((met) => met !== null);
  return { of: judged.length, right: judged.filter(Boolean).length };
}

/** What is at first believed of an answer: the bot was sure of it, or nobody knows. @param {Tried} tried */
export const presumed = ({ act, confidence }) =>
  act && !UNSURE.includes(act) && (confidence === null || confidence >= FAIR) ? "right" : "open";

/**
 * What a test expects of a turn that somebody has judged.
 * @param {Tried} tried
 * @param {"right"|"wrong"|"open"} verdict
 * @param {string} topic what it should have been, when it was wrong; empty where nobody says
 * @returns {Expected}
 */
export function expectation({ text, topic: read, skus, act }, verdict, topic) {
  if (verdict === "right") return { text, topic: read, skus, act };
  return { text, topic: (verdict === "wrong" && topic) || null, skus: [], act: null };
}
