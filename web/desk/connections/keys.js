// @ts-check
/** API keys: other systems act at the desk with them, each as an agent of its own. */
import { el, fill, setText } from "../../shared/dom.js";
import { ago, dayName } from "../../shared/time.js";
import { field, Sheet, showSecret } from "../admin/sheet.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import * as calls from "./calls.js";
import { choices, chosen } from "./choices.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./calls.js").Key} Key */

const STATES = { active: "", expired: "Expired", revoked: "Revoked" };

export class DeskKeys extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {{scope: string, title: string}[]} */
    this.scopes = [];
    this.list = el("ul", { class: "admin-list admin-card", role: "list" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "button",
        disabled: true,
        dataset: { testid: "key-new" },
        on: { click: () => this.make() },
      },
      sign("plus"),
      "New key",
    );
    this.fault = el("p", { class: "menu-note", role: "alert" });
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "connections-head" }, el("h2", { class: "admin-title", text: "API keys" }), this.button),
      this.fault,
      this.list,
    );
    void this.load();
  }

  async load() {
    try {
      const { keys, scopes } = await calls.keys();
      this.scopes = scopes;
      setText(this.fault, "");
      this.button.disabled = false;
      fill(
        this.list,
        ...keys.map((key) => this.row(key)),
        !keys.length && el("li", { class: "quiet", text: "No other system acts at this desk." }),
      );
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /** @param {Key} key */
  row(key) {
    const used = key.last_used_at ? `used ${ago(key.last_used_at)}` : "never used";
    const until = key.expires_at && key.state === "active" ? `until ${dayName(key.expires_at)}` : "";
    return el(
      "li",
      { dataset: { testid: "key", state: key.state } },
      el(
        "div",
        { class: "admin-list-words" },
        el(
          "p",
          { class: "admin-list-head" },
          el("strong", { text: key.name }),
          el("span", { class: "mono", text: `${key.prefix}…` }),
          STATES[key.state] && el("span", { class: "tag", text: STATES[key.state] }),
        ),
        el("p", { class: "quiet", text: [key.scopes.join(", "), used, until].filter(Boolean).join(" · ") }),
      ),
      key.state === "active" &&
        el("button", {
          type: "button",
          class: "button small",
          "aria-label": `Revoke ${key.name}`,
          text: "Revoke",
          on: { click: () => this.revoke(key) },
        }),
    );
  }

  make() {
    const sheet = new Sheet("New API key", this);
    const name = el("input", { id: "key-name", required: true, maxlength: 200, autocomplete: "off" });
    const days = el("input", { id: "key-days", type: "number", min: 1, max: 3650, inputmode: "numeric" });
    const scopes = choices(
      "It may",
      this.scopes.map(({ scope, title }) => ({ value: scope, text: title })),
    );
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        const wanted = { name: name.value, scopes: chosen(scopes), days: Number(days.value) || null };
        const { key, token } = await calls.makeKey(wanted);
        sheet.close();
        await this.load();
        const more = `${key.name} sends it with every call, as “Authorization: Bearer …”.`;
        showSecret(this, { title: "The key", label: "API key", secret: token, more });
      } catch (error) {
        sheet.refuse(this.desk.refusal(error).message);
      }
    };
    sheet.open(
      el(
        "form",
        { class: "admin-form", on: { submit: (/** @type {Event} */ event) => void submit(event) } },
        field("Name", name, "The agents see what it does under this name."),
        scopes,
        field("Days until it expires", days, "Empty: never."),
        sheet.error,
        el(
          "div",
          { class: "sheet-end" },
          el("button", { type: "submit", class: "button primary", dataset: { testid: "key-make" }, text: "Make it" }),
        ),
      ),
    );
    name.focus();
  }

  /** @param {Key} key */
  revoke(key) {
    const sheet = new Sheet("Revoke this key?", this);
    const run = async () => {
      try {
        await calls.revokeKey(key.id);
        sheet.close();
        this.desk.notify({ text: `${key.name} is revoked.` });
        await this.load();
      } catch (error) {
        sheet.refuse(this.desk.refusal(error).message);
      }
    };
    sheet.open(
      el("p", { text: `Whatever uses ${key.name} is shut out at once, for good.` }),
      sheet.error,
      el(
        "div",
        { class: "sheet-end" },
        el("button", { type: "button", class: "button", text: "Keep it", on: { click: () => sheet.close() } }),
        el("button", {
          type: "button",
          class: "button danger",
          text: "Revoke",
          dataset: { testid: "key-revoke" },
          on: { click: () => void run() },
        }),
      ),
    );
  }
}

customElements.define("desk-keys", DeskKeys);
