// @ts-check
import { el, fill, setAttribute, setText } from "../shared/dom.js";
import { ago } from "../shared/time.js";
import { CHANGE } from "./desk.js";
import { sign } from "./icons.js";
import { keyed } from "./keyed.js";
import { percent, reasonSign, stateSign, topicLabel, visitorName, waitLevel, waitText } from "./labels.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").View} View */

/** @type {Record<View, string>} */
const TITLES = { queue: "Queue", mine: "Mine", open: "All open", resolved: "Resolved" };

/** @type {Record<View, {icon: string, title: string, text: string}>} */
const EMPTY = {
  queue: {
    icon: "leaf",
    title: "Nobody is waiting",
    text: "The bot is taking care of everyone. New conversations appear here by themselves.",
  },
  mine: {
    icon: "chat",
    title: "No conversations of your own",
    text: "Accept one from the queue and it stays here until you resolve it or give it back to the bot.",
  },
  open: {
    icon: "all",
    title: "Nothing is open",
    text: "Conversations with the bot and with your colleagues appear here while they last.",
  },
  resolved: {
    icon: "checkCircle",
    title: "Nothing resolved yet",
    text: "What you close is kept here to read again or to reopen.",
  },
};

/** The cards of the chosen view, each with reason, wait and what the bot made of it. */
export class DeskQueueList extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {{open: (id: string) => void, accept: (id: string) => void}} actions
   */
  constructor(desk, actions) {
    super();
    this.desk = desk;
    this.actions = actions;
    this.heading = el("h1", { class: "list-title", tabindex: "-1" });
    this.sub = el("p", { class: "list-sub" });
    this.list = el("ul", { class: "cards", role: "list", dataset: { testid: "cards" } });
    this.empty = el("div", { class: "empty", hidden: true, dataset: { testid: "list-empty" } });
    this.emptyFor = "";
  }

  connectedCallback() {
    this.classList.add("list-pane");
    this.setAttribute("aria-label", "Conversations");
    this.replaceChildren(
      el("div", { class: "list-head" }, this.heading, this.sub),
      el("div", { class: "list-scroll" }, this.list, this.empty),
    );
    for (const kind of [CHANGE.cards, CHANGE.selection]) this.desk.addEventListener(kind, () => this.update());
    this.clock = window.setInterval(() => this.tick(), 1000);
    this.update();
  }

  disconnectedCallback() {
    clearInterval(this.clock);
  }

  update() {
    const { view } = this.desk;
    const cards = this.desk.inView(view);
    setText(this.heading, TITLES[view]);
    this.dataset.view = view;
    keyed(
      this.list,
      cards,
      (card) => `${view} ${card.id}`,
      (card) => this.makeCard(card),
      (node, card) => this.updateCard(node, card),
    );
    this.list.hidden = cards.length === 0;
    this.showEmpty(cards.length === 0);
    this.tick();
  }

  /** @param {boolean} empty */
  showEmpty(empty) {
    this.empty.hidden = !empty;
    if (!empty) return;
    const { view, listError } = this.desk;
    const loading = !this.desk.listed.has(view);
    const what = loading ? (listError ? "error" : "loading") : view;
    if (what === this.emptyFor) return;
    this.emptyFor = what;
    if (what === "loading") {
      fill(
        this.empty,
        el(
          "div",
          { class: "skeletons", role: "status", "aria-label": "Loading" },
          ...[1, 2, 3].map(() => el("div", { class: "skeleton" })),
        ),
      );
    } else if (what === "error") {
      fill(
        this.empty,
        sign("offline", "empty-icon"),
        el("h2", { text: "The list did not load" }),
        el("p", { text: listError }),
        el("button", {
          type: "button",
          class: "button",
          text: "Try again",
          on: { click: () => void this.desk.refresh() },
        }),
      );
    } else {
      const words = EMPTY[view];
      fill(
        this.empty,
        el("div", { class: "empty-mark" }, sign(words.icon, "empty-icon")),
        el("h2", { text: words.title }),
        el("p", { text: words.text }),
      );
    }
  }

  /** The parts of a card that change every second. */
  tick() {
    const { view } = this.desk;
    const cards = this.desk.inView(view);
    for (const node of this.list.querySelectorAll("[data-testid=card]")) {
      const card = this.desk.cards.get(/** @type {HTMLElement} */ (node).dataset.id ?? "");
      const time = node.querySelector(".card-time");
      if (!card || !time) continue;
      const waiting = this.desk.belongs(card, "queue");
      const seconds = this.desk.waited(card);
      setText(time.lastElementChild ?? time, waiting ? waitText(seconds) : ago(card.updated_at, "en"));
      setAttribute(time, "data-level", waiting ? waitLevel(seconds) : null);
    }
    setText(this.sub, this.summary(view, cards));
  }

  /**
   * @param {View} view
   * @param {Card[]} cards
   */
  summary(view, cards) {
    if (!this.desk.listed.has(view)) return "";
    if (view === "queue") {
      if (cards.length === 0) return "All quiet";
      const longest = Math.max(...cards.map((card) => this.desk.waited(card)));
      return `${cards.length} waiting · longest ${waitText(longest)}`;
    }
    if (view === "mine") {
      const waiting = this.desk.inView("queue").length;
      return `${cards.length} with you${waiting ? ` · ${waiting} in the queue` : ""}`;
    }
    return cards.length === 1 ? "1 conversation" : `${cards.length} conversations`;
  }

  /** @param {Card} card */
  makeCard(card) {
    const open = el("button", {
      type: "button",
      class: "card-open",
      dataset: { testid: "card-open" },
      on: { click: () => this.actions.open(card.id) },
    });
    const accept = el("button", {
      type: "button",
      class: "button small card-accept",
      dataset: { testid: "card-accept" },
      text: "Accept",
      on: { click: () => this.actions.accept(card.id) },
    });
    return el(
      "li",
      { class: "card", dataset: { testid: "card", id: card.id } },
      el(
        "div",
        { class: "card-top" },
        el("span", { class: "card-sign" }),
        el("span", { class: "card-time" }, sign("clock", "icon"), el("span", { class: "figures" })),
      ),
      open,
      el("div", { class: "card-bottom" }, el("div", { class: "card-facts" }), accept),
    );
  }

  /**
   * @param {HTMLElement} node
   * @param {Card} card
   */
  updateCard(node, card) {
    const { view } = this.desk;
    const waiting = this.desk.belongs(card, "queue");
    const unread = this.desk.unread(card);
    const reason = reasonSign(card.reason);
    const shown = waiting ? (reason ?? stateSign(card.state)) : this.ownerSign(card);
    setAttribute(node, "data-reason", card.reason);
    setAttribute(node, "data-state", card.state);
    setAttribute(node, "data-safety", waiting && card.reason === "safety");
    setAttribute(node, "data-unread", view === "mine" && unread > 0);
    const open = /** @type {HTMLElement} */ (node.querySelector(".card-open"));
    setAttribute(open, "aria-current", card.id === this.desk.selected ? "true" : null);
    const words = card.preview || card.summary || "Nothing written yet";
    setText(open, words);
    setAttribute(open, "dir", "auto");
    setAttribute(
      open,
      "aria-label",
      [shown.label, unread && view === "mine" ? `${unread} new` : "", visitorName(card.id), words]
        .filter(Boolean)
        .join(". "),
    );
    this.updateSign(
      /** @type {HTMLElement} */ (node.querySelector(".card-sign")),
      view === "mine" ? null : shown,
      card,
      unread,
    );
    this.updateFacts(/** @type {HTMLElement} */ (node.querySelector(".card-facts")), card);
    const accept = /** @type {HTMLButtonElement} */ (node.querySelector(".card-accept"));
    accept.hidden = !waiting;
    accept.disabled = this.desk.moving.has(card.id);
    setAttribute(accept, "aria-label", `Accept ${visitorName(card.id)}`);
  }

  /** @param {Card} card */
  ownerSign(card) {
    const state = stateSign(card.state);
    if (card.state !== "agent" || !card.agent) return state;
    return { ...state, label: card.agent.id === this.desk.agent?.id ? "With you" : card.agent.name };
  }

  /**
   * @param {HTMLElement} place
   * @param {import("./labels.js").Sign|null} shown what to show; null shows the visitor's name
   * @param {Card} card
   * @param {number} unread
   */
  updateSign(place, shown, card, unread) {
    const mark = `${shown?.label ?? visitorName(card.id)} ${unread}`;
    if (place.dataset.mark === mark) return;
    place.dataset.mark = mark;
    if (shown) fill(place, pill(shown));
    else
      fill(
        place,
        el("strong", { text: visitorName(card.id) }),
        card.reason === "safety" && pill(reasonSign("safety")),
        unread > 0 && el("span", { class: "new-count", text: `${unread} new` }),
      );
  }

  /**
   * @param {HTMLElement} place
   * @param {Card} card
   */
  updateFacts(place, card) {
    const mark = JSON.stringify([card.topic, card.skus, card.confidence, card.summary]);
    if (place.dataset.mark === mark) return;
    place.dataset.mark = mark;
    const read = card.topic || card.skus?.length || card.confidence !== null;
    if (!read) {
      fill(place, card.summary && el("span", { text: card.summary }));
      return;
    }
    fill(
      place,
      card.topic && card.topic !== card.reason && el("span", { text: topicLabel(card.topic) }),
      ...(card.skus ?? []).map((sku) => el("span", { class: "sku", text: sku })),
      card.confidence !== null && card.confidence !== undefined && confidence(card.confidence),
    );
  }
}

/** @param {import("./labels.js").Sign|null} shown */
const pill = (shown) =>
  shown && el("span", { class: "pill", dataset: { tone: shown.tone } }, sign(shown.icon), shown.label);

/**
 * How sure the bot was, as a small bar with its number.
 * @param {number} probability
 */
export function confidence(probability) {
  const bar = el("span", { class: "meter-fill" });
  bar.style.inlineSize = percent(probability);
  return el(
    "span",
    { class: "sure", title: "How sure the bot was of its reading" },
    el("span", { class: "meter", "aria-hidden": "true" }, bar),
    percent(probability),
    el("span", { class: "visually-hidden", text: " sure" }),
  );
}

customElements.define("desk-queue-list", DeskQueueList);
