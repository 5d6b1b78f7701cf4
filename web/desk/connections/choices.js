// @ts-check
import { el } from "../../shared/dom.js";

/**
 * Several of a few, each with what it means.
 * @param {string} title
 * @param {{value: string, text: string}[]} options
 */
export const choices = (title, options) =>
  el(
    "fieldset",
    { class: "roles" },
    el("legend", { class: "field-label", text: title }),
    ...options.map(({ value, text }) =>
      el(
        "label",
        { class: "role" },
        el("input", { type: "checkbox", value }),
        el("span", { class: "role-name mono", text: value }),
        el("span", { class: "quiet", text }),
      ),
    ),
  );

/** The values that are ticked. @param {HTMLElement} group */
export const chosen = (group) =>
  [...group.querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);
