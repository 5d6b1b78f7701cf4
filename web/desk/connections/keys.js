// @ts-check
/** API keys: other systems act at the desk with them, each as an agent of its own. */
import { el } from "../../shared/dom.js";
import { ago, dayName } from "../../shared/time.js";
import { ask } from "../form.js";
import { row, rowButton } from "../row.js";
import { field, showSecret } from "../sheet.js";
import * as calls from "./calls.js";
import { choices, chosen } from "./choices.js";
import { Systems } from "./systems.js";

/** @typedef {import("./calls.js").Key} Key */

const STATES = { active: "", expired: "Expired", revoked: "Revoked" };

export class DeskKeys extends Systems {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    super(desk, "API keys", { text: "New key", testid: "key-new" });
    /** @type {{scope: string, title: string}[]} */
    this.scopes = [];
  }

  async rows() {
    const { keys, scopes } = await calls.keys();
    this.scopes = scopes;
    const none = el("li", { class: "quiet", text: "No other system acts at this desk." });
    return keys.length ? keys.map((key) => this.row(key)) : [none];
  }

  /** @param {Key} key */
  row(key) {
    const used = key.last_used_at ? `used ${ago(key.last_used_at)}` : "never used";
    const until = key.expires_at && key.state === "active" ? `until ${dayName(key.expires_at)}` : "";
    return row(
      { testid: "key", state: key.state },
      [
        el("strong", { text: key.name }),
        el("span", { class: "mono", text: `${key.prefix}…` }),
        STATES[key.state] && el("span", { class: "tag", text: STATES[key.state] }),
      ],
      [el("p", { class: "quiet", text: [key.scopes.join(", "), used, until].filter(Boolean).join(" · ") })],
      key.state === "active" && rowButton("Revoke", `Revoke ${key.name}`, () => this.revoke(key)),
    );
  }

  add() {
    const name = el("input", { id: "key-name", required: true, maxlength: 200, autocomplete: "off" });
    const days = el("input", { id: "key-days", type: "number", min: 1, max: 3650, inputmode: "numeric" });
    const scopes = choices(
      "It may",
      this.scopes.map(({ scope, title }) => ({ value: scope, text: title })),
    );
    const run = async () => {
      const wanted = { name: name.value, scopes: chosen(scopes), days: Number(days.value) || null };
      const { key, token } = await calls.makeKey(wanted);
      sheet.close();
      await this.load();
      const more = `${key.name} sends it with every call, as “Authorization: Bearer …”.`;
      showSecret(this, { title: "The key", label: "API key", secret: token, more });
    };
    const sheet = ask(
      this,
      { title: "New API key", verb: "Make it", testid: "key-make", run },
      field("Name", name, "The agents see what it does under this name."),
      scopes,
      field("Days until it expires", days, "Empty: never."),
    );
    name.focus();
  }

  /** @param {Key} key */
  revoke(key) {
    const run = async () => {
      await calls.revokeKey(key.id);
      this.desk.notify({ text: `${key.name} is revoked.` });
      await this.load();
    };
    ask(
      this,
      { title: "Revoke this key?", verb: "Revoke", tone: "danger", testid: "key-revoke", run },
      el("p", { text: `Whatever uses ${key.name} is shut out at once, for good.` }),
    );
  }
}

customElements.define("desk-keys", DeskKeys);
