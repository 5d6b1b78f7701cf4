// @ts-check
/** Choosing a role, each with what it is for. */
import { el } from "../../shared/dom.js";
import { ROLES } from "./words.js";

/** @typedef {import("./types.js").Role} Role */

/**
 * @param {Role} chosen
 * @returns {HTMLFieldSetElement}
 */
export const roleChoice = (chosen) =>
  el(
    "fieldset",
    { class: "roles" },
    el("legend", { class: "field-label", text: "Role" }),
    ...Object.entries(ROLES).map(([role, [name, use]]) =>
      el(
        "label",
        { class: "role" },
        el("input", { type: "radio", name: "role", value: role, checked: role === chosen }),
        el("span", { class: "role-name", text: name }),
        el("span", { class: "quiet", text: use }),
      ),
    ),
  );

/**
 * @param {HTMLElement} choice
 * @returns {Role}
 */
export const roleOf = (choice) =>
  /** @type {Role} */ (choice.querySelector(/** @type {"input"} */ ("input:checked"))?.value ?? "agent");
