// @ts-check
/** Webhooks: other systems that are told what happens here. */
import { el, fill, setText } from "../../shared/dom.js";
import { ago } from "../../shared/time.js";
import { field, Sheet, showSecret } from "../admin/sheet.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import * as calls from "./calls.js";
import { choices, chosen } from "./choices.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./calls.js").Hook} Hook */
/** @typedef {import("./calls.js").Delivery} Delivery */

const STATES = { working: "Working", failing: "Failing", off: "Switched off", new: "Not tried yet" };
const DELIVERIES = { waiting: "Waiting", delivered: "Delivered", dead: "Given up" };

export class DeskHooks extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {{type: string, title: string}[]} */
    this.events = [];
    this.list = el("ul", { class: "admin-list admin-card", role: "list" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "button",
        disabled: true,
        dataset: { testid: "hook-new" },
        on: { click: () => this.add() },
      },
      sign("plus"),
      "New webhook",
    );
    this.fault = el("p", { class: "menu-note", role: "alert" });
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "connections-head" }, el("h2", { class: "admin-title", text: "Webhooks" }), this.button),
      this.fault,
      this.list,
    );
    void this.load();
  }

  async load() {
    try {
      const { webhooks, events } = await calls.hooks();
      this.events = events;
      setText(this.fault, "");
      this.button.disabled = false;
      fill(
        this.list,
        ...webhooks.map((hook) => this.row(hook)),
        !webhooks.length && el("li", { class: "quiet", text: "Nobody is told what happens here." }),
      );
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /** @param {Hook} hook */
  row(hook) {
    const events = hook.events.length ? hook.events.join(", ") : "every event";
    const late = hook.waiting ? `${hook.waiting} waiting` : "";
    const dead = hook.dead ? `${hook.dead} given up` : "";
    const last = hook.delivered_at ? `last ${ago(hook.delivered_at)}` : "";
    return el(
      "li",
      { dataset: { testid: "hook", state: hook.state } },
      el(
        "div",
        { class: "admin-list-words" },
        el(
          "p",
          { class: "admin-list-head" },
          el("strong", { text: hook.name }),
          el("span", { class: "hook-state", dataset: { state: hook.state }, text: STATES[hook.state] }),
        ),
        el("p", { class: "mono hook-url", text: hook.url }),
        el("p", { class: "quiet", text: [events, last, late, dead].filter(Boolean).join(" · ") }),
        hook.error && hook.state === "failing" ? el("p", { class: "hook-error", text: hook.error }) : null,
      ),
      button("Deliveries", `Deliveries of ${hook.name}`, () => void this.deliveries(hook)),
      hook.kind === "http" && button("Change", `Change ${hook.name}`, () => this.change(hook)),
    );
  }

  add() {
    const sheet = new Sheet("New webhook", this);
    const name = el("input", { id: "hook-name", required: true, maxlength: 200, autocomplete: "off" });
    const url = el("input", { id: "hook-url", type: "url", required: true, placeholder: "https://" });
    const events = choices(
      "It is told of",
      this.events.map(({ type, title }) => ({ value: type, text: title })),
    );
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        const added = await calls.addHook({ name: name.value, url: url.value, events: chosen(events) });
        sheet.close();
        await this.load();
        this.showSecret(added.webhook, added.secret);
      } catch (error) {
        sheet.refuse(this.desk.refusal(error).message);
      }
    };
    sheet.open(
      el(
        "form",
        { class: "admin-form", on: { submit: (/** @type {Event} */ event) => void submit(event) } },
        field("Name", name),
        field("Address", url),
        events,
        el("p", { class: "quiet", text: "Without a choice it is told of everything." }),
        sheet.error,
        el(
          "div",
          { class: "sheet-end" },
          el("button", { type: "submit", class: "button primary", dataset: { testid: "hook-add" }, text: "Add it" }),
        ),
      ),
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
    return el(
      "li",
      {},
      el(
        "div",
        { class: "admin-list-words" },
        el(
          "p",
          { class: "admin-list-head" },
          el("strong", { class: "mono", text: delivery.event.type }),
          el("span", { class: "hook-state", dataset: { state: delivery.state }, text: DELIVERIES[delivery.state] }),
        ),
        el("p", {
          class: "quiet",
          text: [ago(delivery.event.at), `tried ${tries}`, answer].filter(Boolean).join(" · "),
        }),
      ),
      button("Again", `Send ${delivery.event.type} again`, () => void again()),
    );
  }
}

/**
 * @param {string} text
 * @param {string} label
 * @param {() => void} run
 */
const button = (text, label, run) =>
  el("button", { type: "button", class: "button small", "aria-label": label, text, on: { click: run } });

customElements.define("desk-hooks", DeskHooks);
