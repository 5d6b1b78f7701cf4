// @ts-check
/** The bridge to Chatwoot: who answers there goes on doing so. */
import { el, setText } from "../../shared/dom.js";
import { copyText } from "../copy.js";
import { ask } from "../form.js";
import { row, rowButton } from "../row.js";
import { field } from "../sheet.js";
import * as calls from "./calls.js";
import { Systems } from "./systems.js";

/** @typedef {import("./calls.js").Chatwoot} Chatwoot */

export class DeskChatwoot extends Systems {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    super(desk, "Chatwoot");
  }

  async rows() {
    const { chatwoot, fixed } = await calls.chatwoot();
    return [this.row(chatwoot, fixed)];
  }

  /**
   * @param {Chatwoot | null} bridge
   * @param {boolean} fixed
   */
  row(bridge, fixed) {
    const where = bridge ? `Account ${bridge.account_id}, inbox ${bridge.inbox_id}` : "";
    const signed = bridge && (bridge.signed ? "its calls are signed" : "its calls are not signed");
    return row(
      { testid: "chatwoot" },
      [el("span", { class: bridge ? "mono hook-url" : "", text: bridge ? bridge.base_url : "Not set up" })],
      [
        el("p", {
          class: "quiet",
          text: bridge
            ? [where, signed, fixed && "set up by the environment"].filter(Boolean).join(" · ")
            : "Handoffs can be answered in Chatwoot, in the customer's same thread.",
        }),
      ],
      bridge && rowButton("Copy webhook address", "Copy the webhook address for Chatwoot", () => this.copy(bridge)),
      !fixed && rowButton(bridge ? "Change" : "Set up", `${bridge ? "Change" : "Set up"} Chatwoot`, () => this.change(bridge)),
      bridge && !fixed && rowButton("Remove", "Remove Chatwoot", () => this.remove()),
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
    const inputs = {
      url: el("input", { id: "chatwoot-url", type: "url", required: true, value: bridge?.base_url ?? "https://" }),
      account: number("chatwoot-account", bridge?.account_id),
      inbox: number("chatwoot-inbox", bridge?.inbox_id),
      token: el("input", { id: "chatwoot-token", type: "password", required: !bridge, autocomplete: "off" }),
      secret: el("input", { id: "chatwoot-secret", type: "password", autocomplete: "off" }),
    };
    const run = async () => {
      await calls.setUpChatwoot({
        base_url: inputs.url.value,
        account_id: inputs.account.valueAsNumber,
        inbox_id: inputs.inbox.valueAsNumber,
        token: inputs.token.value || null,
        webhook_secret: inputs.secret.value || null,
      });
      await this.load();
    };
    const kept = bridge ? "Left empty, the one that is known stays." : undefined;
    ask(
      this,
      { title: "Chatwoot", verb: "Save", run },
      field("Address", inputs.url),
      field("Account number", inputs.account),
      field("Number of the API inbox", inputs.inbox),
      field("Access token", inputs.token, kept),
      field("Webhook secret", inputs.secret, kept ?? "Where Chatwoot shows one for the inbox."),
    );
    inputs.url.focus();
  }
}

/**
 * @param {string} id
 * @param {number} [value]
 */
const number = (id, value) => el("input", { id, type: "number", min: 1, required: true, value: value ?? "" });

customElements.define("desk-chatwoot", DeskChatwoot);
