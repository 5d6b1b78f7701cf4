// @ts-check
/** What the bot says to a topic: its words, the answer per product, and the buttons below it. */
import { el, fill, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { iconButton } from "../../pieces.js";
import { Field } from "../../form.js";

/** @typedef {import("./pending.js").Drafted} Drafted */
/** @typedef {import("../types.js").Operation} Operation */
/** @typedef {import("../types.js").ReplyButton} ReplyButton */
/** @typedef {import("../types.js").TopicSummary} TopicSummary */
/** @typedef {import("../../types.js").Product} Product */

const SAVE = "Save the answer";
const MOST_BUTTONS = 8;
/** From so many products on, they can be found by typing. */
const FIND_FROM = 8;
/** In characters. */
export const LONGEST_ANSWER = 600;

export class TopicAnswer extends Part {
  /** @param {{save: (operations: Operation[]) => Promise<string>}} doors answers with what was wrong, or with nothing */
  constructor({ save }) {
    super();
    this.save = save;
    /** @type {Drafted|null} */
    this.topic = null;
    /** What was shown last, to leave alone what is being written. */
    this.shownAs = "";
    /** @type {readonly Product[]} */
    this.products = [];
    /** @type {readonly TopicSummary[]} */
    this.topics = [];
    this.text = new Field(
      "What the bot says",
      el("textarea", { id: "answer-text", rows: 4, maxlength: LONGEST_ANSWER, dataset: { testid: "answer-text" } }),
    );
    this.rows = el("tbody", {});
    this.buttons = el("ul", { class: "reply-buttons", role: "list" });
    this.fault = el("p", { class: "menu-note", role: "alert" });
    this.saveButton = el("button", {
      type: "submit",
      class: "button primary",
      text: SAVE,
      disabled: true,
      dataset: { testid: "answer-save" },
    });
  }

  /**
   * @param {Drafted} topic
   * @param {readonly Product[]} products
   * @param {readonly TopicSummary[]} topics where a button may lead
   */
  show(topic, products, topics) {
    const as = JSON.stringify([topic.name, topic.answer, topic.answers, topic.buttons, products.length]);
    if (as === this.shownAs) return;
    Object.assign(this, { topic, products, topics, shownAs: as });
    if (topic.answer === null) {
      this.replaceChildren(el("div", { class: "panel-head" }, el("h3", { text: "Answer" })), byCode(topic));
      return;
    }
    this.text.control.value = topic.answer;
    this.text.say(hintOf(topic));
    fill(this.rows, ...products.map((product) => this.row(product, topic)));
    fill(this.buttons, ...topic.buttons.map((button) => this.button(button)));
    this.saveButton.disabled = true;
    this.replaceChildren(
      el(
        "div",
        { class: "panel-head" },
        el("h3", { text: "Answer" }),
        topic.fresh.size > 0 && el("span", { class: "tag strong", text: "changed" }),
      ),
      this.form(topic),
    );
  }

  /** @param {Drafted} topic */
  form(topic) {
    return el(
      "form",
      {
        class: "answer-form",
        on: {
          submit: (/** @type {Event} */ event) => void this.submit(event),
          input: () => this.touched(),
          change: () => this.touched(),
        },
      },
      this.text.element,
      topic.kind === "own" && topic.product_needed && this.facts(),
      el(
        "fieldset",
        { class: "reply-buttons-set" },
        el("legend", { class: "field-label", text: "Buttons below the answer" }),
        this.buttons,
        el(
          "button",
          {
            type: "button",
            class: "button small",
            dataset: { testid: "button-add" },
            on: { click: () => this.addButton() },
          },
          sign("plus"),
          "Add a button",
        ),
      ),
      this.fault,
      el("div", { class: "sheet-end" }, this.saveButton),
    );
  }

  facts() {
    const table = this.factsTable();
    if (this.products.length < FIND_FROM) return table;
    const find = el("input", {
      type: "search",
      class: "small-search facts-find",
      placeholder: "Find a product",
      "aria-label": "Find a product",
      on: {
        input: (/** @type {Event} */ event) => {
          event.stopPropagation();
          this.narrow(find.value);
        },
        keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && event.preventDefault(),
      },
    });
    return el("div", {}, find, table);
  }

  /** Shows the products alone whose names have these words. @param {string} sought */
  narrow(sought) {
    const words = sought.toLowerCase().split(/\s+/u).filter(Boolean);
    for (const row of this.rows.children) {
      const name = row.firstElementChild?.textContent?.toLowerCase() ?? "";
      row.toggleAttribute("hidden", !words.every((word) => name.includes(word)));
    }
  }

  factsTable() {
    return el(
      "table",
      { class: "facts" },
      el("caption", { class: "field-label", text: "{answer} for each product" }),
      el(
        "thead",
        { class: "visually-hidden" },
        el("tr", {}, el("th", { scope: "col", text: "Product" }), el("th", { scope: "col", text: "Answer" })),
      ),
      this.rows,
    );
  }

  /** @param {Product} product @param {Drafted} topic */
  row({ sku, name }, topic) {
    const input = el("input", {
      id: `fact-${sku}`,
      value: topic.answers[sku] ?? "",
      placeholder: "Not known: the bot offers a person",
      autocomplete: "off",
      dataset: { sku, testid: "fact" },
    });
    return el(
      "tr",
      { dataset: { fresh: String(topic.fresh.has(sku)) } },
      el("th", { scope: "row" }, el("label", { for: input.id, text: name }), el("span", { class: "sku", text: sku })),
      el("td", {}, input),
    );
  }

  /** @param {ReplyButton} button */
  button({ title, payload }) {
    const known = this.topics.some(({ name }) => payload === `/${name}`);
    const leads = el(
      "select",
      { "aria-label": "What the button asks" },
      ...this.topics.map(({ name, title: words }) =>
        el("option", { value: `/${name}`, selected: payload === `/${name}`, text: words }),
      ),
      !known && payload && el("option", { value: payload, selected: true, text: payload }),
    );
    const row = el(
      "li",
      { class: "reply-button", dataset: { testid: "reply-button" } },
      el("input", {
        value: title,
        maxlength: 40,
        "aria-label": "What stands on the button",
        placeholder: "On the button",
      }),
      el("span", { class: "quiet", text: "asks" }),
      leads,
      iconButton({
        label: `Remove the button ${title}`,
        icon: "trash",
        run: () => {
          row.remove();
          this.touched();
        },
      }),
    );
    return row;
  }

  addButton() {
    if (this.buttons.childElementCount >= MOST_BUTTONS) {
      setText(this.fault, `More than ${MOST_BUTTONS} buttons are not shown.`);
      return;
    }
    const row = this.button({ title: "", payload: `/${this.topics[0]?.name ?? "human"}` });
    this.buttons.append(row);
    /** @type {HTMLElement|null} */ (row.querySelector("input"))?.focus();
    this.touched();
  }

  /** The buttons as they are written; those without words are left out. @returns {ReplyButton[]} */
  get buttonsWritten() {
    return [...this.buttons.children]
      .map((row) => ({
        title: /** @type {HTMLInputElement} */ (row.querySelector("input")).value.trim(),
        payload: /** @type {HTMLSelectElement} */ (row.querySelector("select")).value,
      }))
      .filter(({ title }) => title);
  }

  /** What differs from what is kept, as edits. @returns {Operation[]} */
  get edits() {
    const { topic } = this;
    if (!topic) return [];
    const text = this.text.value;
    const buttons = this.buttonsWritten;
    /** @type {Operation[]} */
    const edits = [];
    if (text !== topic.answer || JSON.stringify(buttons) !== JSON.stringify(topic.buttons))
      edits.push({ kind: "set_answer", topic: topic.name, text, buttons });
    for (const input of this.rows.querySelectorAll("input")) {
      const sku = input.dataset.sku ?? "";
      const fact = input.value.trim();
      if (fact !== (topic.answers[sku] ?? "")) edits.push({ kind: "set_fact", topic: topic.name, sku, text: fact });
    }
    return edits;
  }

  /** What is wrong with the words; what a built-in answer may hold, the service knows. */
  get lacking() {
    if (this.topic?.kind === "own") return lacks(this.text.value, this.topic.product_needed);
    return this.text.value ? "" : lacks("", false);
  }

  touched() {
    this.saveButton.disabled = !this.edits.length;
    setText(this.fault, "");
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    if (!this.text.refuse(this.lacking)) {
      this.text.control.focus();
      return;
    }
    this.saveButton.disabled = true;
    fill(this.saveButton, el("span", { class: "spinner" }), "Saving");
    const refused = await this.save(this.edits);
    setText(this.saveButton, SAVE);
    setText(this.fault, refused);
    this.saveButton.disabled = !refused;
  }
}

/** @param {Drafted} topic */
function hintOf({ kind, product_needed: product, answer, facts }) {
  if (kind !== "own" && facts === "aspects" && answer?.includes("{answer}"))
    return "{answer} becomes the fact that was asked for: keep it. See Facts.";
  if (kind !== "own")
    return answer?.includes("{") ? "What stands in braces is filled in from the catalogue: keep it." : "";
  return product ? "{product} becomes the product's name, {answer} what stands below for it." : "";
}

/** What a text of an answer lacks, or nothing. @param {string} text @param {boolean} product */
export function lacks(text, product) {
  if (!text) return "Without words the bot would answer nothing.";
  if (product && !text.includes("{answer}")) return "Put {answer} where the product's own answer belongs.";
  const odd = [...text.matchAll(/\{([^}]*)\}/gu)]
    .map(([, name]) => name)
    .find((name) => !["product", "answer"].includes(name));
  if (odd !== undefined) return `{${odd}} is not known. {product} and {answer} are.`;
  return !product && /\{(product|answer)\}/u.test(text)
    ? "This topic is answered without a product: leave the braces out."
    : "";
}

/** @param {Drafted} topic */
const byCode = ({ kind, facts }) =>
  el(
    "p",
    { class: "notice" },
    sign("info"),
    el("span", {
      text:
        kind === "control"
          ? "This steers the conversation. What the bot does then is part of Steward; its words are in domain.yml."
          : facts === "none"
            ? "The bot works this answer out. Its words are in domain.yml, what it knows of the products in data/catalogue."
            : "The bot answers this from the catalogue, product by product: see the facts. Its words are in domain.yml.",
    }),
  );

customElements.define("desk-topic-answer", TopicAnswer);
