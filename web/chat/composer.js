// @ts-check
/** Where the customer writes: grows with the text, sends on Enter, breaks the line on Shift and Enter. */
import { el, icon, setAttribute, setText } from "../shared/dom.js";
import { icons } from "./icons.js";

/**
 * Text longer than this is not taken in at all; the desk decides what it accepts and says so in words.
 */
const LONGEST = 10_000;

export class Composer {
  /** @param {{send: (text: string) => void, writing: () => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.label = el("label", { class: "visually-hidden", for: "input" });
    this.input = el("textarea", {
      id: "input",
      rows: 1,
      maxlength: LONGEST,
      dir: "auto",
      autocomplete: "off",
      enterkeyhint: "send",
      dataset: { testid: "input" },
      on: { input: () => this.edited(), keydown: (event) => this.key(event) },
    });
    this.button = el(
      "button",
      { type: "submit", class: "send", disabled: true, dataset: { testid: "send" } },
      icon(icons.send),
    );
    const submitted = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.submit();
    };
    this.node = el(
      "form",
      { class: "composer", novalidate: true, on: { submit: submitted } },
      this.label,
      el("div", { class: "field" }, this.input, this.button),
    );
  }

  /** @param {{label: string, placeholder: string, send: string}} words */
  name(words) {
    setText(this.label, words.label);
    setAttribute(this.input, "placeholder", words.placeholder);
    setAttribute(this.button, "aria-label", words.send);
    setAttribute(this.button, "title", words.send);
  }

  focus() {
    this.input.focus();
  }

  /** @param {string} text put there for the customer to finish, the caret behind it */
  prefill(text) {
    this.input.value = text;
    this.edited();
    this.input.setSelectionRange(text.length, text.length);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.edited();
    this.actions.send(text);
    this.input.focus();
  }

  edited() {
    this.button.disabled = !this.input.value.trim();
    this.fit();
    if (this.input.value) this.actions.writing();
  }

  /** Be as tall as the text, up to the limit that the style sheet sets. */
  fit() {
    this.input.style.height = "auto";
    if (this.input.scrollHeight) this.input.style.height = `${this.input.scrollHeight}px`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }
}
