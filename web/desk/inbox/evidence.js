// @ts-check
/** How the bot read the customer: its candidates with their probabilities, and the closest thing it knows. */
import { el } from "../../shared/dom.js";
import { percent, topicLabel } from "../labels.js";

/** @typedef {import("../types.js").Evidence} Evidence */

/**
 * @param {Evidence|null} evidence
 * @param {(topic: string) => string} [titleOf]
 * @returns {Node[]} nothing when the bot has read nothing
 */
export function readings(evidence, titleOf = topicLabel) {
  const list = evidence?.readings ?? [];
  const nearest = evidence?.nearest;
  const threshold = evidence?.threshold;
  /** @type {Node[]} */
  const nodes = [];
  if (list.length)
    nodes.push(
      el(
        "ul",
        { class: "readings", role: "list" },
        ...list.map(([topic, probability], index) => reading(titleOf(topic), probability, index === 0, threshold)),
      ),
    );
  if (threshold) nodes.push(el("p", { class: "quiet", text: `It answers by itself from ${percent(threshold)}.` }));
  if (nearest?.text) nodes.push(closest(nearest));
  return nodes;
}

/** @param {{text: string, similarity: number}} nearest */
function closest({ text, similarity }) {
  return el(
    "div",
    { class: "nearest" },
    el("p", { class: "part-label", text: "Closest known question" }),
    el("blockquote", { dir: "auto", text }),
    Number.isFinite(similarity) ? el("p", { class: "quiet", text: `${percent(similarity)} alike` }) : null,
  );
}

/**
 * @param {string} title
 * @param {number} probability
 * @param {boolean} best
 * @param {number|undefined} threshold
 */
function reading(title, probability, best, threshold) {
  const fillBar = el("span", { class: "bar-fill" });
  fillBar.style.inlineSize = percent(probability);
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, fillBar);
  if (threshold && best) {
    const tick = el("span", { class: "bar-tick" });
    tick.style.insetInlineStart = percent(threshold);
    bar.append(tick);
  }
  return el(
    "li",
    { class: "reading", dataset: { best: String(best) } },
    el("span", { text: title }),
    el("span", { class: "figures", text: percent(probability) }),
    bar,
  );
}
