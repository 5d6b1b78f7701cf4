// @ts-check
/** Forms that say beside each control what is wrong with it. */
import { el, fill, setAttribute, setText } from "../shared/dom.js";
import { ApiError } from "../shared/http.js";
import { Sheet } from "./sheet.js";

/** @typedef {import("../shared/dom.js").Child} Child */
/** @typedef {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} Control */

/** A labelled control with room for a hint and for what is wrong. */
export class Field {
  /**
   * @param {string} label
   * @param {Control} control with an id
   * @param {string} [hint]
   */
  constructor(label, control, hint = "") {
    this.control = control;
    this.hint = el("p", { class: "quiet", id: `${control.id}-hint`, text: hint });
    this.fault = el("p", { class: "field-fault", id: `${control.id}-fault`, role: "alert" });
    control.setAttribute("aria-describedby", `${this.hint.id} ${this.fault.id}`);
    control.addEventListener("input", () => this.refuse(""));
    this.element = el(
      "div",
      { class: "field" },
      el("label", { for: control.id, text: label }),
      control,
      this.hint,
      this.fault,
    );
  }

  get value() {
    return this.control.value.trim();
  }

  /** @param {string} text */
  say(text) {
    setText(this.hint, text);
  }

  /** Says what is wrong; an empty text says that nothing is. @param {string} why */
  refuse(why) {
    setText(this.fault, why);
    setAttribute(this.control, "aria-invalid", why ? "true" : null);
    return !why;
  }
}

/**
 * @typedef {object} Asked
 * @property {string} title
 * @property {string} verb the word on the button
 * @property {string} [tone] "danger" for what cannot easily be undone
 * @property {string} [testid] of that button
 * @property {boolean} [wide]
 * @property {Record<string, Field>} [fields] by the name under which the service refuses them
 * @property {() => boolean} [check] says what is wrong beside the fields, instead of the browser; true when
 *   nothing is
 * @property {() => Promise<unknown>} run
 */

/**
 * A dialog with a form: checks, sends, and puts a refusal where it belongs. The dialog closes when it has run.
 * @param {HTMLElement & {desk: import("./state/desk.js").Desk}} host
 * @param {Asked} asked
 * @param {...Child} content
 * @returns {Sheet}
 */
export function ask(host, asked, ...content) {
  const { title, verb, tone = "primary", testid = "sheet-run", wide, fields = {}, check, run } = asked;
  const sheet = new Sheet(title, host);
  if (wide) sheet.dialog.classList.add("wide-sheet");
  const button = el("button", {
    type: "submit",
    class: `button ${tone}`,
    text: verb,
    dataset: { testid },
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    sheet.refuse("");
    if (button.disabled || check?.() === false) return focusFault(sheet.dialog);
    button.disabled = true;
    fill(button, el("span", { class: "spinner" }), verb);
    try {
      await run();
      sheet.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      place(host.desk.refusal(error), fields, sheet);
    } finally {
      button.disabled = false;
      setText(button, verb);
    }
  };
  sheet.open(
    el(
      "form",
      { class: "admin-form", novalidate: Boolean(check), on: { submit: (/** @type {Event} */ event) => void submit(event) } },
      ...content,
      sheet.error,
      el(
        "div",
        { class: "sheet-end" },
        el("button", { type: "button", class: "button", text: "Cancel", on: { click: () => sheet.close() } }),
        button,
      ),
    ),
  );
  return sheet;
}

/**
 * @param {ApiError} error
 * @param {Record<string, Field>} fields
 * @param {Sheet} sheet
 */
function place(error, fields, sheet) {
  const meant = fields[(error.field ?? "").split(/[.[]/u).find((name) => name in fields) ?? ""];
  if (!meant) return sheet.refuse(error.message);
  meant.refuse(error.message);
  meant.control.focus();
}

/** @param {HTMLElement} form */
function focusFault(form) {
  /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid=true]"))?.focus();
}
