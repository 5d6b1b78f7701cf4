// @ts-check
/** What the holder of an invitation sees: who asks them in, and a password to choose. */
import { el, setText } from "../../shared/dom.js";
import { ApiError } from "../../shared/http.js";
import { sign } from "../icons.js";
import * as calls from "./calls.js";
import { roleLabel } from "./words.js";

/** @typedef {import("../state/desk.js").Desk} Desk */

export class DeskInvitation extends HTMLElement {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.token = "";
    this.shortest = 0;
    this.name = el("input", { id: "join-name", required: true, maxlength: 200, autocomplete: "name" });
    this.email = el("input", { type: "email", autocomplete: "username", readonly: true, hidden: true });
    this.password = el("input", {
      id: "join-password",
      type: "password",
      required: true,
      autocomplete: "new-password",
      "aria-describedby": "join-hint",
      on: { input: () => this.measure() },
    });
    this.hint = el("p", { class: "quiet", id: "join-hint" });
    this.bar = el("span", { class: "strength-fill" });
    this.error = el("p", { class: "sign-in-error", role: "alert", dataset: { testid: "join-error" } });
    this.button = el("button", {
      type: "submit",
      class: "button primary large",
      dataset: { testid: "join-submit" },
      text: "Go to the desk",
    });
  }

  /** @param {string[]} parts */
  async route([token = ""]) {
    this.token = decodeURIComponent(token);
    try {
      this.ask(await calls.welcome(this.token));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.turnAway(error.message);
    }
  }

  /** @param {import("./types.js").Welcome} welcome */
  ask(welcome) {
    this.shortest = welcome.shortest;
    this.name.value = welcome.name;
    this.email.value = welcome.email;
    const lead = welcome.reset
      ? `A new password for ${welcome.email}.`
      : `${welcome.invited_by} invites you to the agent desk, as ${roleLabel(welcome.role).toLowerCase()} with ${welcome.email}.`;
    this.put(
      el("h1", { id: "join-title", text: welcome.reset ? `Hello ${welcome.name}` : "Welcome" }),
      el("p", { class: "sign-in-lead", text: lead }),
      this.error,
      this.email,
      !welcome.reset && el("label", { for: "join-name", text: "What customers call you" }),
      !welcome.reset && this.name,
      el("label", { for: "join-password", text: "Password" }),
      this.password,
      el("span", { class: "strength", "aria-hidden": "true" }, this.bar),
      this.hint,
      this.button,
    );
    this.measure();
    (welcome.reset ? this.password : this.name).focus();
  }

  /** @param {string} why */
  turnAway(why) {
    this.put(
      el("h1", { id: "join-title", tabindex: "-1", text: "This link no longer works" }),
      el("p", { class: "sign-in-lead", text: why }),
      el("a", { class: "button large", href: "/desk", text: "Sign in" }),
    );
    this.querySelector("h1")?.focus();
  }

  /** @param {...import("../../shared/dom.js").Child} children */
  put(...children) {
    const form = el(
      "form",
      {
        class: "sign-in-card",
        "aria-labelledby": "join-title",
        novalidate: true,
        on: { submit: (/** @type {Event} */ event) => void this.submit(event) },
      },
      el("div", { class: "sign-in-mark" }, sign("chat")),
      ...children,
    );
    this.replaceChildren(el("main", { class: "sign-in" }, form, el("p", { class: "sign-in-foot", text: "Steward" })));
  }

  /** Length is what makes a password strong. */
  measure() {
    const length = [...this.password.value].length;
    this.bar.style.inlineSize = `${Math.min(100, (100 * length) / (this.shortest * 1.5))}%`;
    this.bar.dataset.level = length < this.shortest ? "short" : "fine";
    const missing = this.shortest - length;
    setText(
      this.hint,
      !length
        ? `At least ${this.shortest} characters; a few words are easiest to remember.`
        : missing > 0
          ? `${missing} more ${missing === 1 ? "character" : "characters"}.`
          : "Long enough.",
    );
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    this.button.disabled = true;
    try {
      await calls.join(this.token, { name: this.name.value, password: this.password.value });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.button.disabled = false;
      if (error.status === 404) this.turnAway(error.message);
      else this.refuse(error.message);
      return;
    }
    // The token is used up and of no use in the history.
    history.replaceState(null, "", "/desk");
    await this.desk.restore();
  }

  /** @param {string} why */
  refuse(why) {
    setText(this.error, why);
    const field = this.name.value.trim() ? this.password : this.name;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  }
}

customElements.define("desk-invitation", DeskInvitation);
