// @ts-check
import { el, fill, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import { iconButton } from "../pieces.js";
import { CHANGE } from "../state/change.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Snippet} Snippet */

const PLACES = ["customer", "agent", "product", "shop"];

/** The replies that an agent has ready: their own, and those that everybody shares. */
export class DeskSnippets extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.list = el("ul", { class: "snippet-list", role: "list" });
    this.form = new SnippetForm(desk);
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "page-head" },
        el("h1", { tabindex: "-1", text: "Snippets" }),
        el(
          "button",
          {
            type: "button",
            class: "button primary",
            dataset: { testid: "snippet-new" },
            on: { click: () => this.form.open(null) },
          },
          sign("plus"),
          "New snippet",
        ),
      ),
      el("div", { class: "page-body" }, el("p", { class: "quiet", text: "Type / in a reply to use one." }), this.list),
      this.form,
    );
    this.hear(this.desk, CHANGE.snippets, () => this.update());
    this.update();
  }

  update() {
    const { all } = this.desk.snippets;
    fill(
      this.list,
      ...all.map((snippet) => this.row(snippet)),
      !all.length && el("li", { class: "quiet", text: "There are none yet." }),
    );
  }

  /** @param {Snippet} snippet */
  row(snippet) {
    const changeable = !snippet.builtin && (snippet.mine || this.desk.may("lead"));
    return el(
      "li",
      { class: "snippet", dataset: { testid: "snippet" } },
      el(
        "div",
        { class: "snippet-words" },
        el(
          "p",
          { class: "snippet-head" },
          el("strong", { text: snippet.title }),
          el("span", { class: "mono", text: `/${snippet.shortcut}` }),
          el("span", { class: "tag", text: snippet.builtin ? "Built in" : snippet.shared ? "Shared" : "Mine" }),
        ),
        el("p", { class: "snippet-text", dir: "auto", text: snippet.text }),
      ),
      changeable && iconButton({ label: `Change ${snippet.title}`, icon: "pen", run: () => this.form.open(snippet) }),
      changeable && iconButton({ label: `Delete ${snippet.title}`, icon: "trash", run: () => void this.drop(snippet) }),
    );
  }

  /** @param {Snippet} snippet */
  async drop(snippet) {
    const { title: name, shortcut, text, shared } = snippet;
    try {
      await this.desk.snippets.remove(snippet.id);
      this.desk.notify({
        text: `“${snippet.title}” is deleted.`,
        action: { label: "Undo", run: () => void this.desk.snippets.save({ title: name, shortcut, text, shared }) },
      });
    } catch (error) {
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
    }
  }
}

/** Writing a snippet, or changing one. */
class SnippetForm extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {Snippet|null} */
    this.changing = null;
    const input = (/** @type {string} */ name) =>
      el("input", { id: `snippet-${name}`, required: true, maxlength: 80, autocomplete: "off" });
    this.heading = el("h2", { id: "snippet-form-title" });
    this.name = input("title");
    this.shortcut = input("shortcut");
    this.text = el("textarea", { id: "snippet-text", rows: 5, maxlength: 4000, required: true });
    this.shared = el("input", { type: "checkbox", role: "switch", class: "switch" });
    this.error = el("p", { class: "menu-note", role: "alert" });
  }

  begin() {
    const field = (/** @type {string} */ label, /** @type {HTMLElement} */ control) =>
      el("div", { class: "field" }, el("label", { for: control.id, text: label }), control);
    this.dialog = el(
      "dialog",
      { class: "sheet", "aria-labelledby": "snippet-form-title" },
      el(
        "form",
        {
          class: "transfer",
          method: "dialog",
          on: { submit: (/** @type {Event} */ event) => void this.submit(event) },
        },
        el(
          "div",
          { class: "sheet-head" },
          this.heading,
          iconButton({ label: "Close", icon: "close", run: () => this.dialog?.close() }),
        ),
        field("Title", this.name),
        field("Shortcut", this.shortcut),
        field("Text", this.text),
        el(
          "p",
          { class: "quiet" },
          "Filled in for you: ",
          ...PLACES.map((place) => el("span", { class: "mono snippet-place", text: `{{${place}}}` })),
        ),
        this.desk.may("lead") && el("label", { class: "menu-row" }, el("span", { text: "For everybody" }), this.shared),
        this.error,
        el("div", { class: "sheet-end" }, el("button", { type: "submit", class: "button primary", text: "Save" })),
      ),
    );
    this.replaceChildren(this.dialog);
  }

  /** @param {Snippet|null} snippet the one to change; null makes a new one */
  open(snippet) {
    this.changing = snippet;
    setText(this.heading, snippet ? "Change a snippet" : "New snippet");
    this.name.value = snippet?.title ?? "";
    this.shortcut.value = snippet?.shortcut ?? "";
    this.text.value = snippet?.text ?? "";
    this.shared.checked = snippet?.shared ?? false;
    setText(this.error, "");
    this.dialog?.showModal();
    this.name.focus();
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const snippet = {
      title: this.name.value.trim(),
      shortcut: this.shortcut.value.trim().replace(/^\//u, ""),
      text: this.text.value.trim(),
      shared: this.shared.checked,
    };
    try {
      await this.desk.snippets.save(snippet, this.changing?.id);
      this.dialog?.close();
    } catch (error) {
      setText(this.error, this.desk.refusal(error).message);
    }
  }
}

customElements.define("desk-snippets", DeskSnippets);
customElements.define("desk-snippet-form", SnippetForm);
