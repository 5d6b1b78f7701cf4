// @ts-check
/** What the bot made of a turn, as a small card. */
import { el } from "../../../shared/dom.js";
import { actLabel, topicLabel } from "../../labels.js";
import { confidence } from "../../pieces.js";

/** @typedef {import("../types.js").Tried} Tried */
/** @typedef {import("../types.js").Expected} Expected */

/** @param {Tried} tried @param {(name: string) => string} titleOf */
export const reading = ({ topics, skus, act, confidence: sure, reply }, titleOf) =>
  el(
    "div",
    { class: "made-of", dataset: { testid: "reading" } },
    el(
      "p",
      { class: "made-of-head" },
      ...topics.map((topic) => el("span", { class: "tag strong", text: titleOf(topic) })),
      !topics.length && el("span", { class: "tag", text: "No topic" }),
      act && el("span", { class: "tag", text: actLabel(act) }),
      ...skus.map((sku) => el("span", { class: "sku", text: sku })),
      sure !== null && confidence(sure),
    ),
    el("p", { class: "made-of-reply", dir: "auto", text: reply || "No reply." }),
  );

/** What a test expects, in a row of words. @param {Expected} expected @param {(name: string) => string} titleOf */
export const expected = ({ topic, skus, act }, titleOf) =>
  el(
    "span",
    { class: "expected" },
    topic && el("span", { class: "tag strong", text: titleOf(topic) }),
    act && el("span", { class: "tag", text: actLabel(act) }),
    ...skus.map((sku) => el("span", { class: "sku", text: sku })),
    !topic && !act && !skus.length && el("span", { class: "quiet", text: "anything" }),
  );

/**
 * The titles of the topics by name; what steers the talk has none that its name does not say.
 * @param {readonly {name: string, title: string, kind: string}[]} topics
 */
export function titles(topics) {
  const known = new Map(topics.filter(({ kind }) => kind !== "control").map(({ name, title }) => [name, title]));
  return (/** @type {string} */ name) => known.get(name) ?? topicLabel(name);
}
