// @ts-check
/** The words and signs of the operators' inbox. */
import { topicLabel } from "../../labels.js";

/** @typedef {import("./types.js").Why} Why */
/** @typedef {import("../../labels.js").Sign} Sign */

/** Why a message is here, in the order of the filters. @type {Record<Why, Sign & {means: string}>} */
export const WHYS = {
  unsure: { label: "Not sure", icon: "question", tone: "unsure", rank: 0, means: "the bot asked what was meant" },
  handed_over: { label: "Handed over", icon: "person", tone: "person", rank: 0, means: "a person had to answer" },
  thumbs_down: {
    label: "Thumbs down",
    icon: "thumbsDown",
    tone: "complaint",
    rank: 0,
    means: "the answer did not help",
  },
  rephrased: { label: "Asked again", icon: "retry", tone: "order", rank: 0, means: "the customer put it another way" },
  complaint: {
    label: "Complaint",
    icon: "complaint",
    tone: "complaint",
    rank: 0,
    means: "a complaint followed the answer",
  },
  no_answer: {
    label: "No fact",
    icon: "file",
    tone: "neutral",
    rank: 0,
    means: "understood, but the shop’s facts hold no answer",
  },
  bot_error: { label: "Bot fault", icon: "fault", tone: "fault", rank: 0, means: "the bot could not answer at all" },
  marked: { label: "Marked", icon: "spark", tone: "marked", rank: 0, means: "an agent says the bot should have known" },
};

/** @param {string} why @returns {Sign & {means: string}} */
export const whySign = (why) =>
  WHYS[/** @type {Why} */ (why)] ?? { label: topicLabel(why), icon: "info", tone: "neutral", rank: 0, means: "" };

/** @type {Record<string, string>} */
const AUTHORS = { customer: "Customer", bot: "Bot", agent: "Agent", system: "Desk" };

/** @param {string} from */
export const authorOf = (from) => AUTHORS[from] ?? from;

/** @param {number} count */
export const messages = (count) => (count === 1 ? "1 message" : `${count} messages`);

/** @param {string} text */
export const quoted = (text) => `“${text}”`;

/**
 * A label as it is named on the page.
 * @param {{kind: string, topic?: string|null}} label
 * @param {(topic: string) => string} titleOf
 */
export function labelWords({ kind, topic }, titleOf) {
  if (kind === "out_of_scope") return "Out of scope";
  if (kind === "ignore") return "Ignored";
  return topic ? titleOf(topic) : "Labelled";
}
