// @ts-check
import { el } from "../shared/dom.js";
import { sign } from "./icons.js";
import { drafts } from "./storage.js";

/** @typedef {import("./desk.js").Desk} Desk */

const TALLEST_PX = 220;

/** The reply box. Enter sends, Shift+Enter starts a new line; what is unfinished is kept per conversation. */
export class DeskComposer extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {string} id
   */
  constructor(desk, id) {
    super();
    this.desk = desk;
    this.conversation = id;
    this.box = el("textarea", {
      id: "reply",
      rows: 2,
      maxlength: 4000,
      placeholder: "Write to the customer…",
      dataset: { testid: "reply" },
      "aria-describedby": "reply-hint",
    });
    this.button = el(
      "button",
      { type: "submit", class: "button primary", dataset: { testid: "send" } },
      sign("send"),
      el("span", { text: "Send" }),
    );
  }

  connectedCallback() {
    const form = el(
      "form",
      {
        class: "composer",
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            this.send();
          },
        },
      },
      el("label", { for: "reply", class: "visually-hidden", text: "Reply to the customer" }),
      this.box,
      el(
        "div",
        { class: "composer-end" },
        el(
          "p",
          { id: "reply-hint", class: "hint" },
          el("kbd", { text: "Enter" }),
          " sends ",
          el(
            "span",
            { class: "hint-more" },
            el("kbd", { text: "Shift" }),
            " ",
            el("kbd", { text: "Enter" }),
            " new line",
          ),
        ),
        this.button,
      ),
    );
    this.replaceChildren(form);
    this.box.value = this.desk.agent ? drafts.get(this.desk.agent.id, this.conversation) : "";
    this.box.addEventListener("input", () => this.edited());
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.fit();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  edited() {
    this.keepDraft();
    this.fit();
    if (this.box.value.trim()) this.desk.writing(this.conversation);
  }

  keepDraft() {
    if (this.desk.agent) drafts.set(this.desk.agent.id, this.conversation, this.box.value);
  }

  send() {
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.keepDraft();
    this.fit();
    this.desk.say(this.conversation, text);
    this.box.focus();
  }

  fit() {
    this.box.style.blockSize = "auto";
    this.box.style.blockSize = `${Math.min(this.box.scrollHeight, TALLEST_PX)}px`;
    this.button.disabled = !this.box.value.trim();
  }

  focusBox() {
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }
}

customElements.define("desk-composer", DeskComposer);
