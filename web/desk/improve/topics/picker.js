// @ts-check
/** Choosing a topic by typing a part of its name. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { counted } from "../words.js";

/** @typedef {import("../types.js").TopicSummary} TopicSummary */

const MOST = 60;
let made = 0;

export class TopicPicker {
  /**
   * @param {string} label
   * @param {readonly TopicSummary[]} topics in the order in which they are offered
   * @param {string} [chosen] the name of the one that is chosen at first; it stands first, too
   */
  constructor(label, topics, chosen) {
    made += 1;
    const first = topics.find((topic) => topic.name === chosen);
    /** @type {readonly TopicSummary[]} */
    this.topics = first ? [first, ...topics.filter((topic) => topic !== first)] : topics;
    /** @type {TopicSummary[]} */
    this.shown = [];
    /** Where in `shown` the chosen one is, or -1. */
    this.at = first ? 0 : -1;
    this.list = el("div", {
      id: `topics-${made}`,
      class: "sheet-list picker-list",
      role: "listbox",
      "aria-label": label,
    });
    this.input = el("input", {
      id: `topic-${made}`,
      type: "text",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": this.list.id,
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "Type a part of its name",
      dataset: { testid: "topic-pick" },
      on: { input: () => this.narrow(), keydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event) },
    });
    this.fault = el("p", { class: "field-fault", role: "alert" });
    this.element = el(
      "div",
      { class: "field picker" },
      el("label", { for: this.input.id, text: label }),
      this.input,
      this.list,
      this.fault,
    );
    this.draw(this.topics);
  }

  /** Begins the typing, with the chosen topic in sight. */
  focus() {
    this.input.focus();
    this.point();
  }

  /** The name of the chosen topic, or empty. */
  get value() {
    return this.shown[this.at]?.name ?? "";
  }

  /** Whether one is chosen; says so when none is. */
  check() {
    setText(this.fault, this.value ? "" : "Choose a topic.");
    setAttribute(this.input, "aria-invalid", this.value ? null : "true");
    return Boolean(this.value);
  }

  narrow() {
    setText(this.fault, "");
    const words = this.input.value.toLowerCase().split(/\s+/u).filter(Boolean);
    this.at = words.length ? 0 : -1;
    this.draw(
      this.topics.filter(({ name, title }) => words.every((word) => `${title} ${name}`.toLowerCase().includes(word))),
    );
  }

  /** @param {readonly TopicSummary[]} topics */
  draw(topics) {
    this.shown = topics.slice(0, MOST);
    fill(
      this.list,
      ...this.shown.map((topic, at) => this.option(topic, at)),
      !this.shown.length && el("p", { class: "quiet sheet-none", text: "No topic of that name." }),
    );
    this.point();
  }

  /** @param {TopicSummary} topic @param {number} at */
  option(topic, at) {
    return el(
      "div",
      {
        id: `${this.list.id}-${at}`,
        class: "sheet-option",
        role: "option",
        dataset: { name: topic.name },
        on: {
          pointerdown: (/** @type {Event} */ event) => event.preventDefault(),
          click: () => {
            this.at = at;
            setText(this.fault, "");
            this.point();
          },
        },
      },
      el("span", { class: "choice-name", text: topic.title }),
      el("span", { class: "choice-hint", text: counted(topic.examples, "example") }),
    );
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step || !this.shown.length) return;
    event.preventDefault();
    this.at = Math.min(Math.max(this.at + step, 0), this.shown.length - 1);
    setText(this.fault, "");
    this.point();
  }

  point() {
    for (const [at, option] of [...this.list.querySelectorAll("[role=option]")].entries()) {
      setAttribute(option, "aria-selected", String(at === this.at));
      if (at === this.at) option.scrollIntoView({ block: "nearest" });
    }
    setAttribute(this.input, "aria-activedescendant", this.shown[this.at] ? `${this.list.id}-${this.at}` : null);
  }
}
