// @ts-check
/** The agent's own account: the password, and where they are signed in. */
import { el, fill, setText } from "../../shared/dom.js";
import { Part } from "../part.js";
import { avatar } from "../pieces.js";
import * as calls from "./calls.js";
import { sessionList } from "./session-list.js";
import { field } from "../sheet.js";
import { roleLabel } from "./words.js";

/** @typedef {import("../state/desk.js").Desk} Desk */

export class DeskAccount extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.current = secret("account-current", "current-password");
    this.wanted = secret("account-new", "new-password");
    this.error = el("p", { class: "menu-note", role: "alert", dataset: { testid: "password-error" } });
    this.sessions = el("div", { class: "admin-card" });
  }

  begin() {
    const { name, email, role } = /** @type {import("../types.js").Agent} */ (this.desk.agent);
    this.replaceChildren(
      el("div", { class: "page-head" }, el("h1", { tabindex: "-1", text: "My account" })),
      el(
        "div",
        { class: "page-body admin-body admin-narrow" },
        el(
          "div",
          { class: "admin-person admin-me" },
          avatar(name),
          el(
            "div",
            {},
            el("span", { class: "admin-name", text: name }),
            el("span", { class: "quiet", text: `${email} · ${roleLabel(role)}` }),
          ),
        ),
        el("h2", { class: "admin-title", text: "Password" }),
        el(
          "form",
          {
            class: "admin-form admin-card admin-padded",
            on: { submit: (/** @type {Event} */ event) => void this.changePassword(event) },
          },
          field("Current password", this.current),
          field("New password", this.wanted, "At least 12 characters; a few words are easiest to remember."),
          this.error,
          el(
            "div",
            { class: "sheet-end" },
            el("button", {
              type: "submit",
              class: "button primary",
              dataset: { testid: "password-save" },
              text: "Change password",
            }),
          ),
        ),
        el("h2", { class: "admin-title", text: "Signed in" }),
        this.sessions,
      ),
    );
    void this.load();
  }

  async load() {
    try {
      const { sessions } = await calls.sessions();
      fill(this.sessions, sessionList(sessions, (session) => void this.end(session.id)));
    } catch (error) {
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
    }
  }

  /** @param {string} id */
  async end(id) {
    try {
      await calls.endSession(id);
    } catch (error) {
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
    }
    await this.load();
  }

  /** @param {Event} event */
  async changePassword(event) {
    event.preventDefault();
    try {
      await calls.changePassword(this.current.value, this.wanted.value);
      this.current.value = "";
      this.wanted.value = "";
      setText(this.error, "");
      this.desk.notify({ text: "The password is changed. You are signed out everywhere else.", tone: "done" });
      await this.load();
    } catch (error) {
      setText(this.error, this.desk.refusal(error).message);
    }
  }
}

/**
 * @param {string} id
 * @param {string} kind what a password manager may put in
 */
const secret = (id, kind) => el("input", { id, type: "password", autocomplete: kind, required: true });

customElements.define("desk-account", DeskAccount);
