// @ts-check
/** The bridge to Chatwoot: who answers there goes on doing so. */
import { el, fill, setText } from "../../shared/dom.js";
import { copyText } from "../admin/copy.js";
import { field, Sheet } from "../admin/sheet.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import * as calls from "./calls.js";

/** @typedef {import("./calls.js").Chatwoot} Chatwoot */

export class DeskChatwoot extends Part {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.list = el("ul", { class: "admin-list admin-card", role: "list" });
    this.fault = el("p", { class: "menu-note", role: "alert" });
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "connections-head" }, el("h2", { class: "admin-title", text: "Chatwoot" })),
      this.fault,
      this.list,
    );
    void this.load();
  }

  async load() {
    try {
      const { chatwoot, fixed } = await calls.chatwoot();
      setText(this.fault, "");
      fill(this.list, this.row(chatwoot, fixed));
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /**
   * @param {Chatwoot | null} bridge
   * @param {boolean} fixed
   */
  row(bridge, fixed) {
    const where = bridge ? `Account ${bridge.account_id}, inbox ${bridge.inbox_id}` : "";
    const signed = bridge && (bridge.signed ? "its calls are signed" : "its calls are not signed");
    return el(
      "li",
      { dataset: { testid: "chatwoot" } },
      el(
        "div",
        { class: "admin-list-words" },
        el("p", { class: bridge ? "mono hook-url" : "", text: bridge ? bridge.base_url : "Not set up" }),
        el("p", {
          class: "quiet",
          text: bridge
            ? [where, signed, fixed && "set up by the environment"].filter(Boolean).join(" · ")
            : "Handoffs can be answered in Chatwoot, in the customer's same thread.",
        }),
      ),
      bridge && small("Copy webhook address", () => void this.copy(bridge)),
      !fixed && small(bridge ? "Change" : "Set up", () => this.change(bridge)),
      bridge && !fixed && small("Remove", () => void this.remove()),
    );
  }

  /** @param {Chatwoot} bridge */
  async copy(bridge) {
    await copyText(new URL(bridge.callback, location.href).href);
    this.desk.notify({ text: "Copied; it is the webhook address of the inbox in Chatwoot." });
  }

  async remove() {
    try {
      await calls.removeChatwoot();
      this.desk.notify({ text: "Chatwoot is told nothing any more." });
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
    await this.load();
  }

  /** @param {Chatwoot | null} bridge */
  change(bridge) {
    const sheet = new Sheet("Chatwoot", this);
    const inputs = {
      url: el("input", { id: "chatwoot-url", type: "url", required: true, value: bridge?.base_url ?? "https://" }),
      account: number("chatwoot-account", bridge?.account_id),
      inbox: number("chatwoot-inbox", bridge?.inbox_id),
      token: el("input", { id: "chatwoot-token", type: "password", required: !bridge, autocomplete: "off" }),
      secret: el("input", { id: "chatwoot-secret", type: "password", autocomplete: "off" }),
    };
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        await calls.setUpChatwoot({
          base_url: inputs.url.value,
          account_id: inputs.account.valueAsNumber,
          inbox_id: inputs.inbox.valueAsNumber,
          token: inputs.token.value || null,
          webhook_secret: inputs.secret.value || null,
        });
        sheet.close();
        await this.load();
      } catch (error) {
        sheet.refuse(this.desk.refusal(error).message);
      }
    };
    const kept = bridge ? "Left empty, the one that is known stays." : undefined;
    sheet.open(
      el(
        "form",
        { class: "admin-form", on: { submit: (/** @type {Event} */ event) => void submit(event) } },
        field("Address", inputs.url),
        field("Account number", inputs.account),
        field("Number of the API inbox", inputs.inbox),
        field("Access token", inputs.token, kept),
        field("Webhook secret", inputs.secret, kept ?? "Where Chatwoot shows one for the inbox."),
        sheet.error,
        el(
          "div",
          { class: "sheet-end" },
          el("button", { type: "submit", class: "button primary" }, sign("check"), "Save"),
        ),
      ),
    );
    inputs.url.focus();
  }
}

/**
 * @param {string} id
 * @param {number} [value]
 */
const number = (id, value) => el("input", { id, type: "number", min: 1, required: true, value: value ?? "" });

/**
 * @param {string} text
 * @param {() => void} run
 */
const small = (text, run) => el("button", { type: "button", class: "button small", text, on: { click: run } });

customElements.define("desk-chatwoot", DeskChatwoot);
