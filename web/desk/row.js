// @ts-check
/** The lines of a list: what each is called, what is known of it, and what can be done with it. */
import { el } from "../shared/dom.js";

/** @typedef {import("../shared/dom.js").Child} Child */

/**
 * @param {Record<string, string>} data
 * @param {Child[]} head its name and what belongs beside that
 * @param {Child[]} lines what is below
 * @param {...Child} actions
 */
export const row = (data, head, lines, ...actions) =>
  el(
    "li",
    { dataset: data },
    el("div", { class: "admin-list-words" }, el("p", { class: "admin-list-head" }, ...head), ...lines),
    ...actions,
  );

/**
 * A button in a line.
 * @param {string} text
 * @param {string} label the same for those who do not see the line
 * @param {() => unknown} run
 */
export const rowButton = (text, label, run) =>
  el("button", { type: "button", class: "button small", "aria-label": label, text, on: { click: () => void run() } });
