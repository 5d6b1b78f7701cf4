// @ts-check
/**
 * The list that opens while somebody writes: snippets after `/`, colleagues after `@`. Arrows move,
 * Enter and Tab choose, Escape closes; the text box keeps the focus.
 */
import { el, fill, setAttribute } from "../../shared/dom.js";
import { avatar } from "../pieces.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {{name: string, hint: string, text: string, aside?: string, face?: Node}} Choice */
/** @typedef {{sign: string, label: string, none: string, choices: (typed: string) => Choice[]}} Source */

const MOST = 8;

export class Completion {
  /**
   * @param {HTMLTextAreaElement} box
   * @param {() => Source} source what is offered at the moment
   * @param {() => void} chosen something was chosen and stands in the box
   */
  constructor(box, source, chosen) {
    this.box = box;
    this.source = source;
    this.chosen = chosen;
    /** @type {Choice[]} */
    this.choices = [];
    this.at = 0;
    this.from = -1;
    /** What was typed when the list was sent away; it stays away until that changes. */
    this.dismissed = "";
    this.list = el("div", {
      id: "completion",
      class: "completion",
      role: "listbox",
      hidden: true,
      dataset: { testid: "completion" },
    });
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", "completion");
    box.addEventListener("blur", () => this.close());
    // A press on the list must not take the focus from the text box.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  get open() {
    return !this.list.hidden;
  }

  close() {
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  dismiss() {
    this.dismissed = this.box.value.slice(0, this.box.selectionStart);
    this.close();
  }

  /** Opens, narrows or closes the list for what stands before the caret. */
  update() {
    const source = this.source();
    const before = this.box.value.slice(0, this.box.selectionStart);
    if (before === this.dismissed) return;
    this.dismissed = "";
    const found = new RegExp(`(?:^|\\s)${source.sign}([\\p{L}\\d_-]*)$`, "u").exec(before);
    if (!found) return this.close();
    this.from = before.length - found[1].length - 1;
    this.choices = source.choices(found[1]).slice(0, MOST);
    this.at = 0;
    if (!this.choices.length && found[1].length > 0) return this.close();
    this.list.setAttribute("aria-label", source.label);
    this.list.hidden = false;
    this.draw(source);
  }

  /** @param {Source} source */
  draw(source) {
    fill(
      this.list,
      ...this.choices.map((choice, index) =>
        el(
          "div",
          {
            id: `completion-${index}`,
            class: "choice",
            role: "option",
            dataset: { testid: "choice" },
            on: { click: () => this.choose(index) },
          },
          choice.face,
          el("span", { class: "choice-name", text: choice.name }),
          el("span", { class: "choice-hint", text: choice.hint }),
          choice.aside ? el("span", { class: "tag", text: choice.aside }) : null,
        ),
      ),
      !this.choices.length && el("p", { class: "quiet choice", text: source.none }),
    );
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((node, index) => {
      if (node.getAttribute("role") === "option") setAttribute(node, "aria-selected", String(index === this.at));
    });
    setAttribute(this.box, "aria-activedescendant", this.choices.length ? `completion-${this.at}` : null);
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  /**
   * Deals with a key of the text box.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was for the list
   */
  pressed(event) {
    if (!this.open) return false;
    const count = this.choices.length;
    if (event.key === "Escape") this.dismiss();
    else if (!count) return false;
    else if (event.key === "ArrowDown") this.at = (this.at + 1) % count;
    else if (event.key === "ArrowUp") this.at = (this.at - 1 + count) % count;
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.choose(this.at);
    else return false;
    if (this.open) this.mark();
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {number} index */
  choose(index) {
    const { text } = this.choices[index];
    this.box.setRangeText(text, this.from, this.box.selectionStart, "end");
    this.close();
    this.box.dispatchEvent(new InputEvent("input"));
    this.close();
    this.chosen();
  }
}

/**
 * @param {Desk} desk
 * @param {string} id
 * @returns {Source}
 */
export const snippetSource = (desk, id) => ({
  sign: "/",
  label: "Snippets",
  none: "There are no snippets yet.",
  choices: (typed) =>
    desk.snippets.matching(typed).map((snippet) => ({
      name: `/${snippet.shortcut}`,
      hint: snippet.title,
      text: desk.snippets.filled(snippet.text, id),
      aside: snippet.mine && !snippet.shared ? "Mine" : undefined,
    })),
});

/**
 * @param {Desk} desk
 * @returns {Source}
 */
export const mentionSource = (desk) => ({
  sign: "@",
  label: "Colleagues",
  none: "You have no colleagues here yet.",
  choices: (typed) =>
    desk.team.others
      .filter(({ name }) =>
        name
          .toLocaleLowerCase()
          .split(/\s+/u)
          .some((word) => word.startsWith(typed.toLocaleLowerCase())),
      )
      .map(({ name, presence, role }) => ({
        name,
        hint: role,
        text: `@${name} `,
        face: avatar(name, presence),
      })),
});

/**
 * The ids of the colleagues whom a note mentions.
 * @param {string} text
 * @param {{id: string, name: string}[]} team
 */
export const mentionsOf = (text, team) => team.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id);
