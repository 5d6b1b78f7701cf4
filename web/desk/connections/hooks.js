// @ts-check
/** Webhooks: other systems that are told what happens here. */
import { el, fill } from "../../shared/dom.js";
import { ago } from "../../shared/time.js";
import { ask } from "../form.js";
import { sign } from "../icons.js";
import { row, rowButton } from "../row.js";
import { field, Sheet, showSecret } from "../sheet.js";
import * as calls from "./calls.js";
import { choices, chosen } from "./choices.js";
import { Systems } from "./systems.js";

/** @typedef {import("./calls.js").Hook} Hook */
/** @typedef {import("./calls.js").Delivery} Delivery */

const STATES = { working: "Working", failing: "Failing", off: "Switched off", new: "Not tried yet" };
const DELIVERIES = { waiting: "Waiting", delivered: "Delivered", dead: "Given up" };

export class DeskHooks extends Systems {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    super(desk, "Webhooks", { text: "New webhook", testid: "hook-new" });
    /** @type {{type: string, title: string}[]} */
    this.events = [];
  }

  async rows() {
    const { webhooks, events } = await calls.hooks();
    this.events = events;
    const none = el("li", { class: "quiet", text: "Nobody is told what happens here." });
    return webhooks.length ? webhooks.map((hook) => this.row(hook)) : [none];
  }

  /** @param {Hook} hook */
  row(hook) {
    const events = hook.events.length ? hook.events.join(", ") : "every event";
    const late = hook.waiting ? `${hook.waiting} waiting` : "";
    const dead = hook.dead ? `${hook.dead} given up` : "";
    const last = hook.delivered_at ? `last ${ago(hook.delivered_at)}` : "";
    return row(
      { testid: "hook", state: hook.state },
      [
        el("strong", { text: hook.name }),
        el("span", { class: "hook-state", dataset: { state: hook.state }, text: STATES[hook.state] }),
      ],
      [
        el("p", { class: "mono hook-url", text: hook.url }),
        el("p", { class: "quiet", text: [events, last, late, dead].filter(Boolean).join(" · ") }),
        hook.error && hook.state === "failing" ? el("p", { class: "hook-error", text: hook.error }) : null,
      ],
      rowButton("Deliveries", `Deliveries of ${hook.name}`, () => this.deliveries(hook)),
      hook.kind === "http" && rowButton("Change", `Change ${hook.name}`, () => this.change(hook)),
    );
  }

  add() {
    const name = el("input", { id: "hook-name", required: true, maxlength: 200, autocomplete: "off" });
    const url = el("input", { id: "hook-url", type: "url", required: true, placeholder: "https://" });
    const events = choices(
      "It is told of",
      this.events.map(({ type, title }) => ({ value: type, text: title })),
    );
    const run = async () => {
      const added = await calls.addHook({ name: name.value, url: url.value, events: chosen(events) });
      sheet.close();
      await this.load();
      this.showSecret(added.webhook, added.secret);
    };
    const sheet = ask(
      this,
      { title: "New webhook", verb: "Add it", testid: "hook-add", run },
      field("Name", name),
      field("Address", url),
      events,
      el("p", { class: "quiet", text: "Without a choice it is told of everything." }),
    );
    name.focus();
  }

  /**
   * @param {Hook} hook
   * @param {string} secret
   */
  showSecret(hook, secret) {
    const more = `${hook.name} checks with it that a call comes from here.`;
    showSecret(this, { title: "The secret", label: "Signing secret", secret, more });
  }

  /** @param {Hook} hook */
  change(hook) {
    const sheet = new Sheet(hook.name, this);
    const act = (/** @type {() => Promise<string>} */ run) => async () => {
      try {
        this.desk.notify({ text: await run() });
        sheet.close();
        await this.load();
      } catch (error) {
        sheet.refuse(this.desk.refusal(error).message);
      }
    };
    const renew = act(async () => {
      const { webhook, secret = "" } = await calls.changeHook(hook.id, { new_secret: true });
      this.showSecret(webhook, secret);
      return "The old secret signs too for another day.";
    });
    const turn = act(async () => {
      await calls.changeHook(hook.id, { active: !hook.active });
      return hook.active ? `${hook.name} is switched off.` : `${hook.name} is switched on.`;
    });
    const test = act(async () => {
      await calls.ping(hook.id);
      return "A test event is on its way.";
    });
    const remove = act(async () => {
      await calls.removeHook(hook.id);
      return `${hook.name} is removed.`;
    });
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {() => Promise<void>} */ run) =>
      el("button", { type: "button", class: "menu-item", on: { click: () => void run() } }, sign(icon), text);
    sheet.open(
      el("p", { class: "mono hook-url", text: hook.url }),
      el(
        "div",
        {},
        item("send", "Send a test event", test),
        item(hook.active ? "pause" : "play", hook.active ? "Switch it off" : "Switch it on", turn),
        item("key", "Make a new secret", renew),
        item("trash", "Remove it", remove),
      ),
      sheet.error,
    );
  }

  /** @param {Hook} hook */
  async deliveries(hook) {
    const sheet = new Sheet(`Sent to ${hook.name}`, this);
    const list = el("ul", { class: "admin-list deliveries", role: "list" });
    sheet.open(list, sheet.error);
    try {
      const { deliveries } = await calls.deliveries(hook.id);
      fill(
        list,
        ...deliveries.map((delivery) => this.delivery(hook, delivery, sheet)),
        !deliveries.length && el("li", { class: "quiet", text: "Nothing yet." }),
      );
    } catch (error) {
      sheet.refuse(this.desk.refusal(error).message);
    }
  }

  /**
   * @param {Hook} hook
   * @param {Delivery} delivery
   * @param {Sheet} sheet
   */
  delivery(hook, delivery, sheet) {
    const again = async () => {
      try {
        await calls.redeliver(hook.id, delivery.id);
        sheet.close();
        this.desk.notify({ text: "It is on its way again." });
      } catch (error) {
        sheet.refuse(this.desk.refusal(error).message);
      }
    };
    const answer = delivery.status ? `answered ${delivery.status}` : (delivery.error ?? "");
    const tries = delivery.attempts === 1 ? "once" : `${delivery.attempts} times`;
    return row(
      {},
      [
        el("strong", { class: "mono", text: delivery.event.type }),
        el("span", { class: "hook-state", dataset: { state: delivery.state }, text: DELIVERIES[delivery.state] }),
      ],
      [
        el("p", {
          class: "quiet",
          text: [ago(delivery.event.at), `tried ${tries}`, answer].filter(Boolean).join(" · "),
        }),
      ],
      rowButton("Again", `Send ${delivery.event.type} again`, again),
    );
  }
}

customElements.define("desk-hooks", DeskHooks);
