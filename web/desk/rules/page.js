// @ts-check
import { el, setText } from "../../shared/dom.js";
import { field } from "../sheet.js";
import { call } from "../api.js";
import { Part } from "../part.js";

/** @typedef {import("../state/desk.js").Desk} Desk */

/** @type {{name: string, label: string, hint: string, min: number, max: number}[]} */
const NUMBERS = [
  {
    name: "capacity",
    label: "Conversations at a time",
    hint: "For every agent who has no number of their own.",
    min: 1,
    max: 100,
  },
  {
    name: "offer_seconds",
    label: "Seconds to accept an offer",
    hint: "Then somebody else is asked.",
    min: 5,
    max: 600,
  },
  {
    name: "first_response_seconds",
    label: "Seconds to the first answer",
    hint: "What you promise yourselves; the queue counts down to it.",
    min: 10,
    max: 86_400,
  },
  {
    name: "warn_seconds",
    label: "Seconds before that to warn",
    hint: "A conversation is marked from then on.",
    min: 0,
    max: 86_400,
  },
  {
    name: "longest_wait_minutes",
    label: "Minutes of the longest wait",
    hint: "After it the customer is promised an answer later.",
    min: 1,
    max: 1440,
  },
  {
    name: "grace_seconds",
    label: "Seconds of a lost connection",
    hint: "After them an agent counts as away.",
    min: 1,
    max: 600,
  },
  {
    name: "lost_minutes",
    label: "Minutes until work is passed on",
    hint: "Conversations of an agent who is gone go back to the queue, in front.",
    min: 1,
    max: 240,
  },
];

/** How the queue is run. */
export class DeskRules extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {any} the rules as they are kept */
    this.rules = null;
    this.fault = el("p", { class: "menu-note", role: "alert" });
    this.offer = el("input", { type: "checkbox", role: "switch", class: "switch", dataset: { testid: "rule-offer" } });
    this.skills = el("textarea", { id: "rule-skills", rows: 4, spellcheck: "false" });
    this.numbers = NUMBERS.map(({ name, min, max }) =>
      el("input", {
        id: `rule-${name}`,
        type: "number",
        required: true,
        min,
        max,
        dataset: { testid: `rule-${name}` },
      }),
    );
    this.save = el("button", {
      type: "submit",
      class: "button primary",
      text: "Save",
      disabled: true,
      dataset: { testid: "rules-save" },
    });
  }

  begin() {
    const form = el(
      "form",
      {
        class: "admin-card admin-padded admin-form",
        on: {
          submit: (/** @type {Event} */ event) => void this.submit(event),
          input: () => (this.save.disabled = !this.rules),
        },
      },
      el(
        "label",
        { class: "menu-row" },
        el("span", { text: "Offer work by itself to whoever has been free longest" }),
        this.offer,
      ),
      ...NUMBERS.map(({ label, hint }, index) => field(label, this.numbers[index], hint)),
      field(
        "Skills",
        this.skills,
        "Which skill a topic or a reason needs, one a line, like “complaint: complaints”. A skill that is named like a topic needs no line.",
      ),
      this.fault,
      el("div", { class: "sheet-end" }, this.save),
    );
    this.replaceChildren(
      el("div", { class: "page-head" }, el("h1", { tabindex: "-1", text: "Queue settings" })),
      el("div", { class: "page-body admin-body admin-narrow" }, form),
    );
    void this.load();
  }

  async load() {
    try {
      this.show(await call("GET", "/settings"));
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /** @param {any} rules */
  show(rules) {
    this.rules = rules;
    this.offer.checked = rules.routing === "offer";
    NUMBERS.forEach(({ name }, index) => (this.numbers[index].value = String(rules[name])));
    this.skills.value = Object.entries(rules.skills)
      .map(([need, skill]) => `${need}: ${skill}`)
      .join("\n");
    this.save.disabled = true;
  }

  /** The skills as they are written, by what needs them. */
  skillsWritten() {
    const lines = this.skills.value.split("\n").map((line) => line.split(":").map((word) => word.trim()));
    return Object.fromEntries(lines.filter(([need, skill]) => need && skill));
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    setText(this.fault, "");
    const numbers = NUMBERS.map(({ name }, index) => [name, Number(this.numbers[index].value)]);
    const wanted = {
      ...this.rules,
      ...Object.fromEntries(numbers),
      routing: this.offer.checked ? "offer" : "manual",
      skills: this.skillsWritten(),
    };
    try {
      this.show(await call("PUT", "/settings", wanted));
      this.desk.warnSeconds = this.rules.warn_seconds;
      this.desk.notify({ text: "The queue is run by the new rules." });
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }
}

customElements.define("desk-rules", DeskRules);
