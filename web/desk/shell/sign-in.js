// @ts-check
import { el, setText } from "../../shared/dom.js";
import { ApiError } from "../../shared/http.js";
import * as api from "../api.js";
import { sign } from "../icons.js";

/** @typedef {import("../state/desk.js").Desk} Desk */

/** @type {Record<string, string>} */
const REFUSALS = {
  denied: "Your account could not be used to sign in here. Ask whoever runs the desk.",
  expired: "That took too long. Please try again.",
  unavailable: "The sign-in service cannot be reached at the moment.",
};

/** Why single sign-on has sent the browser back, in a sentence. @param {string|undefined} code */
export const refusedBy = (code) => REFUSALS[code ?? ""] ?? "";

/** @type {Record<string, string>} */
const BROUGHT_BACK = {
  denied: "The company account did not let you in.",
  unknown: "Nobody has invited the address of your company account. Ask an administrator.",
  expired: "That took too long. Please try again.",
  unavailable: "The company account cannot be reached just now. Try again in a moment.",
};

/** The sign-in page. What goes wrong is said in words beside the form and the e-mail address is kept. */
export class DeskSignIn extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {string} why a sentence about why the agent has to sign in, or empty
   */
  constructor(desk, why) {
    super();
    this.desk = desk;
    this.why = why;
    this.email = el("input", {
      id: "sign-in-email",
      name: "email",
      type: "email",
      autocomplete: "username",
      required: true,
      spellcheck: "false",
      autocapitalize: "none",
      dataset: { testid: "sign-in-email" },
    });
    this.password = el("input", {
      id: "sign-in-password",
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: true,
      dataset: { testid: "sign-in-password" },
    });
    this.error = el("p", {
      class: "sign-in-error",
      id: "sign-in-error",
      role: "alert",
      dataset: { testid: "sign-in-error" },
    });
    this.others = el("div", { class: "sign-in-others" });
    this.button = el("button", {
      type: "submit",
      class: "button primary large",
      dataset: { testid: "sign-in-submit" },
      text: "Sign in",
    });
  }

  connectedCallback() {
    const form = el(
      "form",
      {
        class: "sign-in-card",
        "aria-labelledby": "sign-in-title",
        novalidate: true,
        on: { submit: (/** @type {Event} */ event) => this.submit(event) },
      },
      el("div", { class: "sign-in-mark" }, sign("chat")),
      el("h1", { id: "sign-in-title", text: "Agent desk" }),
      el("p", { class: "sign-in-lead", text: "Sign in to see who is waiting." }),
      this.error,
      el("label", { for: "sign-in-email", text: "E-mail address" }),
      this.email,
      el("label", { for: "sign-in-password", text: "Password" }),
      this.password,
      this.button,
      this.others,
    );
    this.replaceChildren(el("main", { class: "sign-in" }, form, el("p", { class: "sign-in-foot", text: "Steward" })));
    setText(this.error, this.why || broughtBack());
    this.email.focus();
    void this.offerProviders();
  }

  /** Puts up a button for each single sign-on that the shop has set up. */
  async offerProviders() {
    try {
      const { providers } = await api.providers();
      for (const { name, url } of providers)
        this.others.append(
          el("a", { class: "button large", href: url, dataset: { testid: "single-sign-on" } }, `Sign in with ${name}`),
        );
    } catch (error) {
      // The password still works.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const missing = this.missing();
    if (missing) {
      this.refuse(missing.text, missing.field);
      return;
    }
    this.busy(true);
    try {
      await this.desk.signIn(this.email.value.trim(), this.password.value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.busy(false);
      if (error.status === 401) this.password.value = "";
      this.refuse(error.message, this.password);
    }
  }

  /** @returns {{text: string, field: HTMLInputElement}|null} */
  missing() {
    if (!this.email.value.trim()) return { text: "Please enter your e-mail address.", field: this.email };
    if (!this.email.validity.valid) return { text: "That does not look like an e-mail address.", field: this.email };
    if (!this.password.value) return { text: "Please enter your password.", field: this.password };
    return null;
  }

  /**
   * @param {string} text
   * @param {HTMLInputElement} field
   */
  refuse(text, field) {
    this.error.textContent = text;
    for (const input of [this.email, this.password]) {
      input.setAttribute("aria-invalid", String(input === field));
      input.setAttribute("aria-describedby", input === field ? "sign-in-error" : "");
    }
    field.focus();
  }

  /** @param {boolean} on */
  busy(on) {
    this.button.disabled = on;
    setText(this.button, on ? "Signing in…" : "Sign in");
  }
}

/** Why a sign-in with the company account led back here, as the address says; empty when it does not. */
function broughtBack() {
  const [, place, code] = location.hash.split("/");
  if (place !== "sign-in") return "";
  history.replaceState(null, "", location.pathname);
  return BROUGHT_BACK[code] ?? BROUGHT_BACK.unavailable;
}

customElements.define("desk-sign-in", DeskSignIn);
