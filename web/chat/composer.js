// @ts-check
/**
 * Where the customer writes: grows with the text, sends on Enter, breaks the line on Shift and Enter, and
 * takes files that are chosen, pasted or dropped along.
 */
import { el, icon, setAttribute, setText } from "../shared/dom.js";
import { icons } from "./icons.js";

/**
 * Text longer than this is not taken in at all; the desk decides what it accepts and says so in words.
 */
const LONGEST = 10_000;

export class Composer {
  /**
   * @param {import("./files.js").Files} files
   * @param {{send: (text: string, files: import("./api.js").Attachment[]) => void,
   *   writing: () => void}} actions
   */
  constructor(files, actions) {
    this.files = files;
    this.actions = actions;
    /** Sent with Enter while a file was on its way: it goes as soon as that has arrived. */
    this.waiting = false;
    this.label = el("label", { class: "visually-hidden", for: "input" });
    this.input = el("textarea", {
      id: "input",
      rows: 1,
      maxlength: LONGEST,
      dir: "auto",
      autocomplete: "off",
      enterkeyhint: "send",
      dataset: { testid: "input" },
      on: {
        input: () => this.edited(),
        keydown: (event) => this.key(event),
        paste: (event) => files.taken(event.clipboardData) && event.preventDefault(),
      },
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
      files.note,
      files.tray,
      el("div", { class: "field" }, this.input, files.button, this.button),
      files.picker,
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
    this.waiting = this.files.busy;
    const text = this.input.value.trim();
    if (this.waiting || (!text && !this.files.ready)) return;
    this.input.value = "";
    const files = this.files.take();
    this.edited();
    this.actions.send(text, files);
    this.input.focus();
  }

  /** Files were added, have arrived or were removed. */
  filesChanged() {
    this.allow();
    if (this.waiting && !this.files.busy) this.submit();
  }

  edited() {
    this.waiting = false;
    this.allow();
    this.fit();
    if (this.input.value) this.actions.writing();
  }

  allow() {
    this.button.disabled = !this.input.value.trim() && !this.files.ready;
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
