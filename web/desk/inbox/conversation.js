// @ts-check
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { ago, clock } from "../../shared/time.js";
import { bringAddress } from "../improve/address.js";
import { sign } from "../icons.js";
import { reasonSign, resolutionLabel, skillLabel, waitText } from "../labels.js";
import { Part } from "../part.js";
import { avatar, iconButton, kbd } from "../pieces.js";
import { CHANGE } from "../state/change.js";
import { DeskComposer } from "./composer.js";
import { MovesBar } from "./moves-bar.js";
import { PromiseStrip, SafetyStrip } from "./strips.js";
import { DeskTranscript } from "./transcript.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */

/**
 * @typedef {object} Actions
 * @property {(id: string) => void} take
 * @property {() => void} transfer
 * @property {() => void} back
 * @property {() => void} context
 */

/** The open conversation: who it is, what was said, and the next thing the agent may do. */
export class DeskConversation extends Part {
  /**
   * @param {Desk} desk
   * @param {Actions} actions
   */
  constructor(desk, actions) {
    super();
    this.desk = desk;
    this.actions = actions;
    /** @type {string|null|undefined} */
    this.shown = undefined;
    this.footFor = "";
    this.viewersFor = "";
    this.name = el("h2", { tabindex: "-1", class: "conversation-name", dataset: { testid: "conversation-name" } });
    this.state = el("p", { class: "conversation-state", dataset: { testid: "conversation-state" } });
    this.viewers = el("div", { class: "viewers", dataset: { testid: "viewers" } });
    this.safety = new SafetyStrip(desk);
    this.promise = new PromiseStrip(desk);
    this.foot = el("div", { class: "conversation-foot" });
    this.middle = el("div", { class: "conversation-middle" });
    this.moves = new MovesBar(desk, () => actions.transfer());
  }

  begin() {
    this.setAttribute("aria-label", "Conversation");
    this.dataset.testid = "conversation";
    this.hear(this.desk, [CHANGE.selection, CHANGE.cards, CHANGE.thread], () => this.update());
    this.hear(this.desk, CHANGE.viewers, () => this.updateViewers());
    this.every(1000, () => this.updateState());
    this.update();
  }

  get card() {
    return this.desk.cards.get(this.desk.selected);
  }

  update() {
    if (this.desk.selected !== this.shown) this.build();
    if (!this.desk.selected) return;
    const { card } = this;
    this.moves.update(card);
    this.safety.update(card);
    this.promise.update(card);
    setText(this.name, this.desk.nameOf(this.desk.selected));
    this.updateState();
    this.updateViewers();
    this.updateMiddle();
    this.updateFoot();
  }

  /** Puts up the frame for another conversation, or the empty place when none is chosen. */
  build() {
    const id = this.desk.selected;
    this.shown = id;
    this.footFor = "";
    this.viewersFor = "";
    /** @type {DeskTranscript|null} */
    this.transcript = null;
    /** @type {DeskComposer|null} */
    this.composer = null;
    fill(this.middle);
    setAttribute(this, "data-empty", !id);
    setAttribute(this, "data-conversation", id);
    if (!id) fill(this, nothingChosen());
    else fill(this, this.head(), this.moves.menu, this.safety, this.promise, this.middle, this.foot);
  }

  head() {
    const { back, context } = this.actions;
    return el(
      "div",
      { class: "conversation-head" },
      iconButton({ label: "Back to the list", icon: "back", testid: "back", class: "back-to-list", run: back }),
      el("div", { class: "conversation-who" }, this.name, this.state),
      this.viewers,
      this.moves,
      iconButton({
        label: "Context",
        icon: "panel",
        testid: "context-toggle",
        key: "I",
        class: "context-toggle",
        run: context,
      }),
    );
  }

  updateState() {
    const { card } = this;
    if (!this.desk.selected) return;
    const reason = reasonSign(card?.reason)?.label;
    setText(this.state, card ? [this.stateWords(card), reason].filter(Boolean).join(" · ") : "");
  }

  /** @param {Card} card */
  stateWords(card) {
    const { cards } = this.desk;
    if (cards.belongs(card, "queue")) {
      const place = card.wanted_agent?.name ?? (card.skill ? skillLabel(card.skill) : "");
      return `Waiting ${waitText(cards.waited(card))}${place ? ` for ${place}` : ""}`;
    }
    if (card.state === "deferred") return card.due_at ? `Promised for ${clock(card.due_at)}` : "Promised";
    if (card.state === "agent") {
      const owner = cards.belongs(card, "mine") ? "With you" : `With ${card.agent?.name ?? "a colleague"}`;
      return card.held ? `${owner}, on hold` : owner;
    }
    if (card.state === "bot") return "The bot is answering";
    const why = card.resolution ? `${resolutionLabel(card.resolution)}, resolved` : "Resolved";
    return `${why} ${ago(card.updated_at, "en")}`;
  }

  updateViewers() {
    const id = this.desk.selected;
    if (!id) return;
    const viewers = this.desk.team.viewing(id);
    const mark = JSON.stringify(viewers);
    if (mark === this.viewersFor) return;
    this.viewersFor = mark;
    const words = (/** @type {import("../types.js").Viewer} */ one) =>
      `${one.name} ${one.typing ? "is writing" : "is looking at this"}`;
    fill(
      this.viewers,
      ...viewers.map((viewer) => {
        const face = avatar(viewer.name);
        face.title = words(viewer);
        setAttribute(face, "data-typing", viewer.typing);
        return face;
      }),
      viewers.length > 0 && el("span", { class: "visually-hidden", text: `${viewers.map(words).join(", ")}.` }),
    );
  }

  updateMiddle() {
    const id = /** @type {string} */ (this.desk.selected);
    const thread = this.desk.threads.get(id);
    if (thread.status === "ready") {
      if (!this.transcript) {
        this.transcript = new DeskTranscript(this.desk, id);
        fill(this.middle, this.transcript);
      }
      return;
    }
    if (this.middle.dataset.status === `${id} ${thread.status}` && this.middle.childElementCount) return;
    this.middle.dataset.status = `${id} ${thread.status}`;
    fill(this.middle, thread.status === "loading" ? loading() : this.failed(id, thread.error));
  }

  /**
   * @param {string} id
   * @param {string} error
   */
  failed(id, error) {
    const again = () => void this.desk.threads.read(id);
    return el(
      "div",
      { class: "empty wide" },
      sign("offline", "empty-icon"),
      el("h2", { text: "This conversation did not open" }),
      el("p", { text: error }),
      el("button", { type: "button", class: "button", text: "Try again", on: { click: again } }),
    );
  }

  updateFoot() {
    const { card } = this;
    const { cards, moves } = this.desk;
    const mine = Boolean(card && cards.belongs(card, "mine"));
    if (mine && this.composer) return;
    const busy = card && moves.underWay.has(card.id);
    const mark = card ? `${card.id} ${card.state} ${mine} ${card.agent?.id} ${busy} ${card.offered?.until}` : "";
    if (mark === this.footFor) return;
    this.footFor = mark;
    const holdsFocus = this.foot.contains(document.activeElement);
    this.composer = null;
    if (!card) fill(this.foot);
    else if (mine) {
      this.composer = new DeskComposer(this.desk, card.id);
      fill(this.foot, this.composer);
    } else fill(this.foot, this.offer(card));
    if (holdsFocus) this.focusFoot();
  }

  /**
   * What an agent may do with a conversation that is not theirs.
   * @param {Card} card
   */
  offer(card) {
    const { words, label, testid } = offerOf(card, this.desk);
    const take = () => this.actions.take(card.id);
    const busy = this.desk.moves.underWay.has(card.id);
    const primary = this.desk.cards.takeable(card);
    const name = card.agent?.name ?? "A colleague";
    return el(
      "div",
      { class: "offer" },
      card.state === "agent"
        ? el("p", {}, el("strong", { text: name }), " is answering this customer.")
        : el("p", { text: words }),
      card.state === "resolved" && this.desk.may("improve") && bringing(card.id),
      el(
        "button",
        {
          type: "button",
          class: `button ${primary ? "primary" : ""}`,
          dataset: { testid },
          disabled: busy,
          on: { click: take },
        },
        label,
        kbd("A"),
      ),
    );
  }

  /** Gets ready for a private note. */
  writeNote() {
    this.composer?.setMode("note");
    this.composer?.focusBox();
  }

  focusFoot() {
    if (this.composer) this.composer.focusBox();
    else this.foot.querySelector(/** @type {"button"} */ (".button:last-child"))?.focus();
  }

  /** Whether it is all that is on screen, so that its name is the page's first heading. @param {boolean} alone */
  beFirst(alone) {
    setAttribute(this.name, "role", alone ? "heading" : null);
    setAttribute(this.name, "aria-level", alone ? 1 : null);
  }

  focusHeading() {
    this.name.focus({ preventScroll: true });
  }
}

/**
 * @param {Card} card
 * @param {Desk} desk
 */
function offerOf(card, desk) {
  if (desk.cards.belongs(card, "queue"))
    return { words: "The customer is waiting for a person.", label: "Accept", testid: "accept" };
  if (card.state === "deferred")
    return { words: "The customer was promised an answer.", label: "Accept", testid: "accept" };
  if (card.state === "resolved") return { words: "This conversation is resolved.", label: "Reopen", testid: "reopen" };
  const words = "The bot is answering. Take over to write yourself.";
  return { words, label: "Take over", testid: "takeover" };
}

/** The way to make a test of a conversation that is over. @param {string} id */
const bringing = (id) =>
  el(
    "a",
    { class: "button", href: bringAddress(id), dataset: { testid: "bring-this" } },
    sign("tests"),
    "Bring into Tests",
  );

function nothingChosen() {
  return el(
    "div",
    { class: "empty wide" },
    el("div", { class: "empty-mark" }, sign("chat", "empty-icon")),
    el("h2", { text: "Choose a conversation" }),
    el("p", { text: "You see everything the customer and the bot said before you answer." }),
    el(
      "p",
      { class: "key-hints" },
      kbd("J"),
      kbd("K"),
      " move ",
      kbd("Enter"),
      " open ",
      kbd("A"),
      " accept ",
      kbd("Ctrl"),
      kbd("K"),
      " everything else",
    ),
  );
}

const loading = () =>
  el(
    "div",
    { class: "skeletons talk", role: "status", "aria-label": "Loading" },
    el("div", { class: "skeleton" }),
    el("div", { class: "skeleton" }),
    el("div", { class: "skeleton" }),
  );

customElements.define("desk-conversation", DeskConversation);
