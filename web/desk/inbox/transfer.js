// @ts-check
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { presenceLabel, skillLabel } from "../labels.js";
import { avatar, iconButton } from "../pieces.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {{key: string, name: string, hint: string, face: () => Node, target: import("../state/moves.js").Target}} Option */

/** Handing a conversation on, to a person or to whoever has a skill, with a note for them. */
export class DeskTransfer extends HTMLElement {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.conversation = "";
    this.at = 0;
    /** @type {Option[]} */
    this.options = [];
    this.input = el("input", {
      type: "text",
      class: "sheet-input",
      placeholder: "A colleague or a skill",
      "aria-label": "Transfer to",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "transfer-list",
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      dataset: { testid: "transfer-to" },
    });
    this.list = el("div", {
      id: "transfer-list",
      class: "sheet-list",
      role: "listbox",
      "aria-label": "Colleagues and skills",
    });
    this.none = el("p", { class: "quiet sheet-none", hidden: true, text: "Nobody by that name, and no such skill." });
    this.note = el("textarea", {
      id: "transfer-note",
      rows: 3,
      maxlength: 4000,
      placeholder: "What they should know. Only colleagues see it.",
      dataset: { testid: "transfer-note" },
    });
    this.button = el("button", { type: "submit", class: "button primary", dataset: { testid: "transfer-go" } });
  }

  connectedCallback() {
    this.form = el(
      "form",
      { class: "transfer", method: "dialog" },
      el(
        "div",
        { class: "sheet-head" },
        el("h2", { id: "transfer-title", text: "Transfer" }),
        iconButton({ label: "Close", icon: "close", run: () => this.dialog?.close() }),
      ),
      this.input,
      this.list,
      this.none,
      el("label", { for: "transfer-note", class: "field-label", text: "Note" }),
      this.note,
      el("div", { class: "sheet-end" }, this.button),
    );
    this.dialog = el(
      "dialog",
      { class: "sheet", "aria-labelledby": "transfer-title", dataset: { testid: "transfer-dialog" } },
      this.form,
    );
    this.replaceChildren(this.dialog);
    this.input.addEventListener("input", () => this.draw());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form?.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog?.close());
  }

  /**
   * @param {string} id
   * @param {string} [wanted] what to look for at once
   */
  open(id, wanted = "") {
    this.conversation = id;
    this.input.value = wanted;
    this.note.value = "";
    void this.desk.team.load().then(() => this.draw());
    this.draw();
    this.dialog?.showModal();
    this.input.focus();
  }

  /** @returns {Option[]} */
  all() {
    const { team } = this.desk;
    const people = team.others.map((agent) => ({
      key: agent.id,
      name: agent.name,
      hint: `${presenceLabel(agent.presence)} · ${agent.load} of ${agent.capacity}`,
      face: () => avatar(agent.name, agent.presence),
      target: { agent },
    }));
    const skills = team.skills.map((skill) => {
      const able = team.others.filter((agent) => agent.skills.includes(skill) && agent.presence === "online").length;
      return {
        key: `skill ${skill}`,
        name: skillLabel(skill),
        hint: able === 1 ? "1 colleague online" : `${able} colleagues online`,
        face: () => el("span", { class: "avatar skill", "aria-hidden": "true" }, sign("skill")),
        target: { skill },
      };
    });
    return [...people, ...skills];
  }

  draw() {
    const wanted = this.input.value.trim().toLocaleLowerCase();
    this.options = this.all().filter((option) => option.name.toLocaleLowerCase().includes(wanted));
    this.at = 0;
    fill(
      this.list,
      ...this.options.map((option, index) =>
        el(
          "div",
          {
            id: `transfer-${index}`,
            class: "sheet-option",
            role: "option",
            dataset: { testid: "transfer-option" },
            on: { click: () => this.choose(index) },
          },
          option.face(),
          el("span", { class: "choice-name", text: option.name }),
          el("span", { class: "choice-hint", text: option.hint }),
        ),
      ),
    );
    this.none.hidden = this.options.length > 0;
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((node, index) => setAttribute(node, "aria-selected", String(index === this.at)));
    setAttribute(this.input, "aria-activedescendant", this.options.length ? `transfer-${this.at}` : null);
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    const chosen = this.options[this.at];
    this.button.disabled = !chosen;
    setText(this.button, chosen ? `Transfer to ${chosen.name}` : "Transfer");
  }

  /** @param {number} index */
  choose(index) {
    this.at = index;
    this.mark();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const count = this.options.length;
    if (event.key === "ArrowDown" && count) this.choose((this.at + 1) % count);
    else if (event.key === "ArrowUp" && count) this.choose((this.at - 1 + count) % count);
    else if (event.key === "Enter") this.note.focus();
    else return;
    event.preventDefault();
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const chosen = this.options[this.at];
    if (!chosen) return;
    this.dialog?.close();
    void this.desk.moves.transfer(this.conversation, { ...chosen.target, note: this.note.value.trim() });
  }
}

customElements.define("desk-transfer", DeskTransfer);
