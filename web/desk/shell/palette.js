// @ts-check
import { el, fill, setAttribute } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { kbd } from "../pieces.js";

/**
 * @typedef {object} Command
 * @property {string} group
 * @property {string} name
 * @property {string} icon
 * @property {string} [hint]
 * @property {string} [keys]
 * @property {string} [also] other words it is found by
 * @property {() => void} run
 */

const MOST = 40;
const EVERYTHING = {
  name: "palette",
  label: "Find or do",
  placeholder: "Find a conversation, a colleague, a command…",
};

/** Everything the agent can do or go to, found by typing. */
export class DeskPalette extends HTMLElement {
  /**
   * @param {(typed: string) => Command[]} commands what is offered, in order, before it is narrowed
   * @param {{name: string, label: string, placeholder: string}} [words] `name` is unique in the document
   */
  constructor(commands, words = EVERYTHING) {
    super();
    const { name, label, placeholder } = words;
    this.name = name;
    this.commands = commands;
    /** @type {Command[]} */
    this.shown = [];
    this.at = 0;
    this.input = el("input", {
      type: "text",
      class: "palette-input",
      placeholder,
      "aria-label": label,
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": `${name}-list`,
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      dataset: { testid: `${name}-input` },
    });
    this.list = el("div", { id: `${name}-list`, class: "palette-list", role: "listbox", "aria-label": "Results" });
    this.none = el("p", { class: "quiet sheet-none", hidden: true, role: "status", text: "Nothing by that name." });
    this.dialog = el(
      "dialog",
      { class: "sheet palette", "aria-label": label, dataset: { testid: name } },
      el("div", { class: "palette-field" }, sign("search"), this.input, kbd("Esc")),
      this.list,
      this.none,
    );
  }

  connectedCallback() {
    this.replaceChildren(this.dialog);
    this.input.addEventListener("input", () => this.draw());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  toggle() {
    if (this.dialog.open) return this.dialog.close();
    this.input.value = "";
    this.draw();
    this.dialog.showModal();
    this.input.focus();
  }

  draw() {
    const words = this.input.value.trim().toLocaleLowerCase().split(/\s+/u).filter(Boolean);
    const fits = (/** @type {Command} */ { name, group, hint = "", also = "" }) => {
      const text = `${name} ${group} ${hint} ${also}`.toLocaleLowerCase();
      return words.every((word) => text.includes(word));
    };
    this.shown = this.commands(this.input.value.trim()).filter(fits).slice(0, MOST);
    this.at = 0;
    fill(this.list, ...this.groups());
    this.none.hidden = this.shown.length > 0;
    this.mark();
  }

  groups() {
    /** @type {Map<string, HTMLElement[]>} */
    const groups = new Map();
    this.shown.forEach((command, index) => {
      const held = groups.get(command.group) ?? [];
      held.push(this.option(command, index));
      groups.set(command.group, held);
    });
    return [...groups].map(([title, options], index) =>
      el(
        "div",
        { role: "group", class: "palette-group", "aria-labelledby": `${this.name}-group-${index}` },
        el("p", { id: `${this.name}-group-${index}`, class: "part-label", role: "presentation", text: title }),
        ...options,
      ),
    );
  }

  /**
   * @param {Command} command
   * @param {number} index
   */
  option({ name, icon, hint, keys }, index) {
    return el(
      "div",
      {
        id: `${this.name}-${index}`,
        class: "palette-option",
        role: "option",
        dataset: { testid: `${this.name}-option` },
        on: { click: () => this.run(index), pointermove: () => this.moveTo(index) },
      },
      sign(icon),
      el("span", { class: "choice-name", text: name }),
      hint && el("span", { class: "choice-hint", dir: "auto", text: hint }),
      keys && el("span", { class: "palette-keys" }, ...keys.split(" ").map(kbd)),
    );
  }

  mark() {
    const options = [...this.list.querySelectorAll("[role=option]")];
    options.forEach((node, index) => setAttribute(node, "aria-selected", String(index === this.at)));
    setAttribute(this.input, "aria-activedescendant", options.length ? `${this.name}-${this.at}` : null);
  }

  /** @param {number} index */
  moveTo(index) {
    if (index === this.at) return;
    this.at = index;
    this.mark();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const count = this.shown.length;
    if (event.key === "ArrowDown" && count) this.moveTo((this.at + 1) % count);
    else if (event.key === "ArrowUp" && count) this.moveTo((this.at - 1 + count) % count);
    else if (event.key === "Enter" && count) this.run(this.at);
    else return;
    this.list.querySelector(`#${this.name}-${this.at}`)?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
  }

  /** @param {number} index */
  run(index) {
    const command = this.shown[index];
    this.dialog.close();
    command.run();
  }
}

customElements.define("desk-palette", DeskPalette);
