// @ts-check
import { el, fill, setAttribute, setText } from "../shared/dom.js";
import { ago, clock } from "../shared/time.js";
import { DeskComposer } from "./composer.js";
import { CHANGE } from "./desk.js";
import { sign } from "./icons.js";
import { hazardLabel, reasonSign, visitorName, waitText } from "./labels.js";
import { DeskTranscript } from "./transcript.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Card} Card */

/** The open conversation: who it is, what was said, and the next thing the agent may do. */
export class DeskConversation extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {{accept: (id: string) => void, takeOver: (id: string) => void, back: () => void, context: () => void, help: () => void}} actions
   */
  constructor(desk, actions) {
    super();
    this.desk = desk;
    this.actions = actions;
    /** @type {string|null|undefined} */
    this.shown = undefined;
    this.footFor = "";
    this.stripFor = "";
    this.name = el("h2", { tabindex: "-1", class: "conversation-name", dataset: { testid: "conversation-name" } });
    this.state = el("p", { class: "conversation-state", dataset: { testid: "conversation-state" } });
    this.strip = el("div", { class: "safety-strip", hidden: true, dataset: { testid: "safety-strip" } });
    this.foot = el("div", { class: "conversation-foot" });
    this.middle = el("div", { class: "conversation-middle" });
    this.returnButton = this.moveButton(
      "return",
      "Return to bot",
      "bot",
      () => this.desk.selected && void this.desk.giveBack(this.desk.selected),
      "B",
    );
    this.resolveButton = this.moveButton(
      "resolve",
      "Resolve",
      "check",
      () => this.desk.selected && void this.desk.resolve(this.desk.selected),
      "E",
    );
  }

  connectedCallback() {
    this.setAttribute("aria-label", "Conversation");
    this.dataset.testid = "conversation";
    for (const kind of [CHANGE.selection, CHANGE.cards, CHANGE.thread])
      this.desk.addEventListener(kind, () => this.update());
    this.clock = window.setInterval(() => this.updateState(), 1000);
    this.update();
  }

  disconnectedCallback() {
    clearInterval(this.clock);
  }

  get card() {
    return this.desk.selected ? this.desk.cards.get(this.desk.selected) : undefined;
  }

  update() {
    if (this.desk.selected !== this.shown) this.build();
    if (!this.desk.selected) return;
    const { card } = this;
    const mine = Boolean(card && this.desk.belongs(card, "mine"));
    const busy = Boolean(card && this.desk.moving.has(card.id));
    for (const button of [this.returnButton, this.resolveButton]) {
      button.hidden = !mine;
      button.disabled = busy;
    }
    this.updateState();
    this.updateStrip();
    this.updateMiddle();
    this.updateFoot();
  }

  /** Puts up the frame for another conversation, or the empty place when none is chosen. */
  build() {
    this.shown = this.desk.selected;
    this.footFor = "";
    this.stripFor = "";
    /** @type {DeskTranscript|null} */
    this.transcript = null;
    /** @type {DeskComposer|null} */
    this.composer = null;
    fill(this.middle);
    const id = this.desk.selected;
    setAttribute(this, "data-empty", !id);
    setAttribute(this, "data-conversation", id);
    if (!id) {
      fill(this, this.nothingChosen());
      return;
    }
    setText(this.name, visitorName(id));
    fill(
      this,
      el(
        "div",
        { class: "conversation-head" },
        el(
          "button",
          {
            type: "button",
            class: "icon-button back-to-list",
            "aria-label": "Back to the list",
            dataset: { testid: "back" },
            on: { click: this.actions.back },
          },
          sign("back"),
        ),
        el("span", { class: "avatar customer", "aria-hidden": "true" }, sign("person")),
        el("div", { class: "conversation-who" }, this.name, this.state),
        el(
          "div",
          { class: "conversation-actions" },
          this.returnButton,
          this.resolveButton,
          el(
            "button",
            {
              type: "button",
              class: "icon-button context-toggle",
              "aria-label": "Show context",
              title: "Context (I)",
              dataset: { testid: "context-toggle" },
              on: { click: this.actions.context },
            },
            sign("panel"),
          ),
        ),
      ),
      this.strip,
      this.middle,
      this.foot,
    );
  }

  nothingChosen() {
    return el(
      "div",
      { class: "empty wide" },
      el("div", { class: "empty-mark" }, sign("chat", "empty-icon")),
      el("h2", { text: "Choose a conversation" }),
      el("p", { text: "You see everything the customer and the bot said before you answer." }),
      el(
        "p",
        { class: "key-hints" },
        el("kbd", { text: "J" }),
        el("kbd", { text: "K" }),
        " move ",
        el("kbd", { text: "Enter" }),
        " open ",
        el("kbd", { text: "A" }),
        " accept ",
        el("kbd", { text: "?" }),
        " all keys",
      ),
    );
  }

  updateState() {
    const { card } = this;
    if (!this.desk.selected) return;
    if (!card) {
      setText(this.state, "");
      return;
    }
    const reason = reasonSign(card.reason)?.label;
    setText(this.state, [this.stateWords(card), reason].filter(Boolean).join(" · "));
  }

  /** @param {Card} card */
  stateWords(card) {
    if (this.desk.belongs(card, "queue")) return `Waiting ${waitText(this.desk.waited(card))}`;
    if (card.state === "agent")
      return this.desk.belongs(card, "mine") ? "With you" : `With ${card.agent?.name ?? "a colleague"}`;
    if (card.state === "bot") return "The bot is answering";
    return `Resolved ${ago(card.updated_at, "en")}`;
  }

  updateStrip() {
    const { card } = this;
    const thread = this.desk.selected ? this.desk.threads.get(this.desk.selected) : undefined;
    const handoff = thread?.context?.handoff;
    const safety = card?.reason === "safety" && card.state !== "resolved" && card.state !== "bot";
    const told = thread?.messages.findLast((message) => message.from === "bot" && message.meta?.act === "safety");
    const mark = safety ? `${handoff?.evidence?.hazard} ${told?.seq}` : "";
    this.strip.hidden = !safety;
    if (mark === this.stripFor) return;
    this.stripFor = mark;
    if (!safety) return;
    const hazard = handoff?.evidence?.hazard;
    fill(
      this.strip,
      sign("alert"),
      el(
        "p",
        {},
        el("strong", { text: hazard ? `Safety: ${hazardLabel(hazard).toLowerCase()}` : "Safety" }),
        told
          ? ` The bot gave the safety instruction at ${clock(told.at)}. Check that the customer is safe first.`
          : " Make sure the customer is safe before anything else.",
      ),
    );
  }

  updateMiddle() {
    const id = /** @type {string} */ (this.desk.selected);
    const thread = this.desk.thread(id);
    if (thread.status === "ready") {
      if (!this.transcript) {
        this.transcript = new DeskTranscript(this.desk, id);
        fill(this.middle, this.transcript);
      }
      return;
    }
    if (this.middle.dataset.status === `${id} ${thread.status}` && this.middle.childElementCount) return;
    this.middle.dataset.status = `${id} ${thread.status}`;
    if (thread.status === "loading")
      fill(
        this.middle,
        el(
          "div",
          { class: "skeletons talk", role: "status", "aria-label": "Loading" },
          el("div", { class: "skeleton" }),
          el("div", { class: "skeleton" }),
          el("div", { class: "skeleton" }),
        ),
      );
    else {
      fill(
        this.middle,
        el(
          "div",
          { class: "empty wide" },
          sign("offline", "empty-icon"),
          el("h2", { text: "This conversation did not open" }),
          el("p", { text: thread.error }),
          el("button", {
            type: "button",
            class: "button",
            text: "Try again",
            on: { click: () => void this.desk.read(id) },
          }),
        ),
      );
    }
  }

  updateFoot() {
    const { card } = this;
    const kind = !card
      ? ""
      : this.desk.belongs(card, "mine")
        ? "mine"
        : this.desk.belongs(card, "queue")
          ? "queue"
          : card.state;
    const mark = `${this.desk.selected} ${kind} ${kind === "agent" ? card?.agent?.id : ""} ${card && this.desk.moving.has(card.id)}`;
    if (kind === "mine" && this.composer) return;
    if (mark === this.footFor) return;
    this.footFor = mark;
    const holdsFocus = this.foot.contains(document.activeElement);
    this.composer = null;
    if (!card) fill(this.foot);
    else if (kind === "mine") {
      this.composer = new DeskComposer(this.desk, card.id);
      fill(this.foot, this.composer);
    } else fill(this.foot, this.offer(card, kind));
    if (holdsFocus) this.focusFoot();
  }

  /**
   * What an agent may do with a conversation that is not theirs.
   * @param {Card} card
   * @param {string} kind
   */
  offer(card, kind) {
    const busy = this.desk.moving.has(card.id);
    if (kind === "agent") {
      return el(
        "div",
        { class: "offer" },
        el("p", {}, el("strong", { text: card.agent?.name ?? "A colleague" }), " is answering this customer."),
      );
    }
    const waiting = kind === "queue";
    const words = waiting
      ? "The customer is waiting for a person."
      : kind === "bot"
        ? "The bot is answering. Take over to write yourself."
        : "This conversation is resolved.";
    const label = waiting ? "Accept" : kind === "bot" ? "Take over" : "Reopen";
    const run = () => (waiting ? this.actions.accept(card.id) : this.actions.takeOver(card.id));
    const button = el(
      "button",
      {
        type: "button",
        class: `button ${waiting ? "primary" : ""}`,
        dataset: { testid: waiting ? "accept" : kind === "bot" ? "takeover" : "reopen" },
        disabled: busy,
        on: { click: run },
      },
      label,
      el("kbd", { text: "A" }),
    );
    return el("div", { class: "offer" }, el("p", { text: words }), button);
  }

  focusFoot() {
    if (this.composer) this.composer.focusBox();
    else this.foot.querySelector("button")?.focus();
  }

  focusHeading() {
    this.name.focus({ preventScroll: true });
  }

  /**
   * @param {string} testid
   * @param {string} label
   * @param {string} icon
   * @param {() => void} run
   * @param {string} key
   */
  moveButton(testid, label, icon, run, key) {
    return el(
      "button",
      { type: "button", class: "button", title: `${label} (${key})`, dataset: { testid }, on: { click: run } },
      sign(icon),
      el("span", { text: label }),
    );
  }
}

customElements.define("desk-conversation", DeskConversation);
