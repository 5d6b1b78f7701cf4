// @ts-check
/** One fact as customers are told it, read and edited in place. */
import { el, fill, setText } from "../../../shared/dom.js";
import { ApiError } from "../../../shared/http.js";
import { Part } from "../../part.js";
import { iconButton } from "../../pieces.js";
import { Field } from "../../form.js";
import { linesOf, nameFrom } from "../words.js";
import { LONGEST_ANSWER } from "./answer.js";
import { factChange } from "./pending.js";

/** @typedef {import("./facts.js").TopicFacts} TopicFacts */
/** @typedef {import("./pending.js").DraftedFact} DraftedFact */

/** @type {Record<string, {label: string, hint: string, type?: string}>} the columns of prices and stock */
const CELLS = {
  amount: { label: "Price", hint: "With two decimals, like 189.00.", type: "text" },
  offer: { label: "Offer", hint: "A whole sentence, or nothing." },
  instalments: { label: "Instalments", hint: "A whole sentence, or nothing." },
  running_cost: { label: "Running cost", hint: "A whole sentence, or nothing." },
  count: { label: "In stock", hint: "How many there are; 0 when it is sold out.", type: "text" },
  back_on: { label: "Back on", hint: "Only while it is sold out.", type: "date" },
  note: { label: "Note", hint: "A whole sentence, or nothing." },
};
const STATE_WORDS = { kept: "", changed: "changed", new: "new", going: "going" };
const KEYWORDS_SHOWN = 4;
const NEAR_THE_END = 80;

/** What a fact is called. @param {{aspect: string, title: string}} fact */
export const factLabel = ({ aspect, title }) => title || CELLS[aspect]?.label || aspect;

export class FactRow extends Part {
  /**
   * @param {TopicFacts} sheet
   * @param {{sku: string, name: string}} product
   */
  constructor(sheet, product) {
    super();
    this.sheet = sheet;
    this.product = product;
    /** @type {DraftedFact|null} */
    this.fact = null;
    this.editing = false;
    this.shownAs = "";
    this.classList.add("fact");
    this.dataset.testid = "fact-row";
  }

  /** @param {DraftedFact} fact */
  show(fact) {
    this.fact = fact;
    this.dataset.aspect = fact.aspect;
    this.dataset.state = fact.state;
    const as = JSON.stringify([fact, this.sheet.writable]);
    if (this.editing || as === this.shownAs) return;
    this.shownAs = as;
    this.read();
  }

  /** Shows it to be read. */
  read() {
    const fact = /** @type {DraftedFact} */ (this.fact);
    const { state, change, text } = fact;
    const label = factLabel(fact);
    this.editing = false;
    this.removeAttribute("data-editing");
    fill(
      this,
      el("div", { class: "fact-about" }, el("strong", { text: label }), keywordsOf(fact)),
      el("p", {
        class: text ? "fact-text" : "fact-text quiet",
        dir: "auto",
        text: text || "Nothing",
        on: { dblclick: () => state !== "going" && this.edit() },
      }),
      el(
        "div",
        { class: "fact-acts" },
        state !== "kept" && el("span", { class: "tag strong", text: STATE_WORDS[state] }),
        change &&
          iconButton({
            label: `Take the change back: ${label}`,
            icon: "undo",
            testid: "fact-undo",
            run: () => void this.sheet.changes.drop(change.id),
          }),
        state !== "going" &&
          iconButton({ label: this.named("Edit", label), icon: "pen", testid: "fact-edit", run: () => this.edit() }),
      ),
    );
  }

  /** @param {string} verb @param {string} label */
  named(verb, label) {
    return this.product.name ? `${verb}: ${label}, ${this.product.name}` : `${verb}: ${label}`;
  }

  /** Begins a fact that is not there yet. */
  begun() {
    this.fact = { aspect: "", title: "", keywords: [], text: "", state: "new", change: null, base: null };
    this.edit();
  }

  edit() {
    const fact = /** @type {DraftedFact} */ (this.fact);
    this.editing = true;
    this.shownAs = "";
    this.dataset.editing = "";
    const cell = this.sheet.kind === "cells" ? CELLS[fact.aspect] : null;
    const id = `fact-${this.product.sku || "shop"}-${fact.aspect || "new"}`;
    const common = { id, autocomplete: "off", dataset: { testid: "fact-text" } };
    const control = cell?.type
      ? el("input", { ...common, type: cell.type, value: fact.text })
      : el("textarea", { ...common, rows: 4, maxlength: LONGEST_ANSWER });
    control.value = fact.text;
    this.text = new Field(cell ? cell.label : "What the bot says, word for word", control, cell?.hint);
    if (!cell) control.addEventListener("input", () => this.count());
    this.about = cell ? null : this.aboutFields(id, fact);
    this.fault = el("p", { class: "field-fault", role: "alert" });
    this.saveButton = el("button", {
      type: "submit",
      class: "button primary small",
      dataset: { testid: "fact-save" },
      text: "Save",
    });
    const isNew = !fact.aspect;
    fill(
      this,
      el(
        "form",
        {
          class: "fact-form",
          novalidate: true,
          on: {
            submit: (/** @type {Event} */ event) => {
              event.preventDefault();
              void this.save();
            },
            keydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event),
          },
        },
        !cell && !isNew && el("h4", { class: "fact-form-head", text: factLabel(fact) }),
        isNew && this.about?.element,
        this.text.element,
        !isNew && this.about?.element,
        this.fault,
        el(
          "div",
          { class: "fact-end" },
          !cell && fact.base && this.removal(fact),
          el("button", { type: "button", class: "button small", text: "Cancel", on: { click: () => this.cancel() } }),
          this.saveButton,
        ),
      ),
    );
    (isNew && this.about ? this.about.title.control : control).focus();
  }

  /** What it is called and asked by: in front for a new one, else put away. @param {string} id @param {DraftedFact} fact */
  aboutFields(id, { title, keywords, aspect }) {
    const titled = new Field(
      "What it is about",
      el("input", {
        id: `${id}-title`,
        value: title,
        maxlength: 80,
        autocomplete: "off",
        dataset: { testid: "fact-title" },
      }),
    );
    const words = new Field(
      "Words by which a customer asks for it",
      el("textarea", { id: `${id}-keywords`, rows: 2, dataset: { testid: "fact-keywords" } }),
      "One or several, with commas between them.",
    );
    words.control.value = keywords.join(", ");
    const fields = [titled.element, words.element];
    const element = aspect
      ? el("details", { class: "fact-more" }, el("summary", { text: "Title and keywords" }), ...fields)
      : el("div", { class: "fact-more" }, ...fields);
    return { title: titled, keywords: words, element };
  }

  /** @param {DraftedFact} fact */
  removal(fact) {
    return el("button", {
      type: "button",
      class: "link-button fact-remove",
      text: "Remove this fact",
      dataset: { testid: "fact-remove" },
      on: { click: () => void this.send(fact, "") },
    });
  }

  count() {
    const left = LONGEST_ANSWER - (this.text?.control.value.length ?? 0);
    this.text?.say(left <= NEAR_THE_END ? `${left} characters left.` : "");
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Escape") this.cancel();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  cancel() {
    if (!this.fact?.aspect) {
      this.sheet.forget(this);
      return;
    }
    this.read();
    this.focusEdit();
  }

  focusEdit() {
    const [edit, undo] = ["fact-edit", "fact-undo"].map((id) => this.querySelector(`[data-testid=${id}]`));
    /** @type {HTMLElement|null} */ (edit ?? undo)?.focus();
  }

  async save() {
    const fact = /** @type {DraftedFact} */ (this.fact);
    const text = this.text?.value ?? "";
    if (this.about) {
      const fine = [
        this.about.title.refuse(this.about.title.value ? "" : "It needs a few words."),
        this.text?.refuse(text ? "" : "Without words the bot would answer nothing."),
      ];
      if (!fine.every(Boolean)) {
        /** @type {HTMLElement|null} */ (this.querySelector("[aria-invalid=true]"))?.focus();
        return;
      }
    }
    await this.send(fact, text);
  }

  /** @param {DraftedFact} fact @param {string} text nothing takes it away */
  async send(fact, text) {
    const { topic, changes } = this.sheet;
    const title = this.about?.title.value ?? fact.title;
    const keywords = this.about ? linesOf(this.about.keywords.value.replaceAll(",", "\n")) : fact.keywords;
    const aspect = fact.aspect || this.sheet.freeAspect(this.product.sku, nameFrom(title) || "fact");
    const place = { topic, sku: this.product.sku, aspect, base: fact.base };
    const wanted = factChange(place, text || !this.about ? { text, title, keywords } : { ...named(fact.base), text });
    if (this.saveButton) this.saveButton.disabled = true;
    try {
      if (wanted) await changes.propose(wanted);
      // One change says what becomes of a fact: an earlier one has nothing to add.
      if (fact.change) await changes.drop(fact.change.id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refuse(this.sheet.page.desk.refusal(error));
      return;
    } finally {
      if (this.saveButton) this.saveButton.disabled = false;
    }
    this.done();
  }

  done() {
    this.editing = false;
    if (!this.fact?.aspect) {
      this.sheet.forget(this);
      return;
    }
    this.sheet.draw();
    if (this.shownAs === "") this.read();
    this.focusEdit();
  }

  /** Says what is wrong where it is wrong. @param {ApiError} error */
  refuse({ field, message }) {
    const { about } = this;
    // What is wrong with the file as a whole is told by its column.
    const meant = field ?? (/:\d+: (keywords|title)\b/u.exec(message)?.[1] || "text");
    const at =
      about && meant === "keywords"
        ? about.keywords
        : about && ["title", "aspect"].includes(meant)
          ? about.title
          : this.text;
    if (about?.element instanceof HTMLDetailsElement && at !== this.text) about.element.open = true;
    setText(this.fault ?? this, at ? "" : message);
    at?.refuse(message);
    at?.control.focus();
  }
}

/** @param {import("../types.js").Fact|null} base */
const named = (base) => ({ title: base?.title ?? "", keywords: base?.keywords ?? [] });

/** The first words by which it is asked for. @param {DraftedFact} fact */
function keywordsOf({ keywords }) {
  if (!keywords.length) return null;
  const more = keywords.length - KEYWORDS_SHOWN;
  return el("span", {
    class: "quiet fact-keywords",
    title: keywords.join(", "),
    text: keywords.slice(0, KEYWORDS_SHOWN).join(", ") + (more > 0 ? ` +${more}` : ""),
  });
}

customElements.define("desk-fact", FactRow);
