// @ts-check
import { el, fill, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { keyed } from "../keyed.js";
import { waitText } from "../labels.js";
import { Part } from "../part.js";
import { VIEW_TITLES } from "../state/cards.js";
import { CHANGE } from "../state/change.js";
import { makeCard, tickCard, updateCard } from "./card.js";
import { DeskSearch } from "./search.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */
/** @typedef {import("../types.js").View} View */
/** @typedef {{kind: "name", key: string, text: string, count: number}|{kind: "card", key: string, card: Card}} Row */

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
  due: {
    icon: "promise",
    title: "No promises to keep",
    text: "Customers who left their contact because nobody was free appear here, with the time they were given.",
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

/** The cards of the chosen view, or what a search has found. */
export class DeskList extends Part {
  /**
   * @param {Desk} desk
   * @param {{open: (id: string, seq?: number) => void, accept: (id: string) => void}} actions
   */
  constructor(desk, actions) {
    super();
    this.desk = desk;
    this.actions = actions;
    this.heading = el("h1", { class: "list-title", tabindex: "-1" });
    this.sub = el("p", { class: "list-sub" });
    this.search = new DeskSearch(desk, actions);
    this.list = el("ul", { class: "cards", role: "list", dataset: { testid: "cards" } });
    this.empty = el("div", { class: "empty", hidden: true, dataset: { testid: "list-empty" } });
    this.scroller = el("div", { class: "list-scroll" }, this.list, this.empty);
    this.emptyFor = "";
  }

  begin() {
    this.classList.add("list-pane");
    this.setAttribute("aria-label", "Conversations");
    this.replaceChildren(
      el("div", { class: "list-head" }, el("div", { class: "list-line" }, this.heading, this.sub), this.search.field),
      this.search,
      this.scroller,
    );
    this.hear(this.desk, [CHANGE.cards, CHANGE.selection, CHANGE.search, CHANGE.thread], () => this.update());
    this.every(1000, () => this.tick());
    this.update();
  }

  update() {
    const { view, cards, search } = this.desk;
    const searching = search.active;
    setText(this.heading, searching ? "Search" : VIEW_TITLES[view]);
    this.dataset.view = view;
    this.scroller.hidden = searching;
    this.search.hidden = !searching;
    const parts = cards.parts(view);
    keyed(
      this.list,
      rows(view, parts),
      (row) => row.key,
      (row) => (row.kind === "name" ? makeName() : makeCard(row.card, this.actions)),
      (node, row) => (row.kind === "name" ? updateName(node, row) : updateCard(node, row.card, this.desk)),
    );
    this.list.hidden = parts.length === 0;
    this.showEmpty(parts.length === 0);
    this.tick();
  }

  /** @param {boolean} empty */
  showEmpty(empty) {
    this.empty.hidden = !empty;
    if (!empty) return;
    const { view, listError, cards } = this.desk;
    const loading = !cards.listed.has(view);
    const what = loading ? (listError ? "error" : "loading") : view;
    if (what === this.emptyFor) return;
    this.emptyFor = what;
    if (what === "loading") fill(this.empty, skeletons());
    else if (what === "error") fill(this.empty, ...this.trouble(listError));
    else {
      const words = EMPTY[view];
      fill(
        this.empty,
        el("div", { class: "empty-mark" }, sign(words.icon, "empty-icon")),
        el("h2", { text: words.title }),
        el("p", { text: words.text }),
      );
    }
  }

  /** @param {string} error */
  trouble(error) {
    const again = () => void this.desk.refresh();
    return [
      sign("offline", "empty-icon"),
      el("h2", { text: "The list did not load" }),
      el("p", { text: error }),
      el("button", { type: "button", class: "button", text: "Try again", on: { click: again } }),
    ];
  }

  tick() {
    for (const node of this.list.children) {
      const card = this.desk.cards.get(/** @type {HTMLElement} */ (node).dataset.id);
      if (card) tickCard(/** @type {HTMLElement} */ (node), card, this.desk);
    }
    setText(this.sub, this.summary());
  }

  summary() {
    const { view, cards, search } = this.desk;
    if (search.active) return "";
    if (!cards.listed.has(view)) return "";
    const shown = cards.inView(view);
    if (view === "queue") {
      if (!shown.length) return "";
      return `${shown.length} waiting, longest ${waitText(Math.max(...shown.map((card) => cards.waited(card))))}`;
    }
    if (view === "due") {
      const late = shown.filter((card) => cards.overdue(card)).length;
      return late ? `${late} overdue` : "";
    }
    return shown.length === 1 ? "1 conversation" : shown.length ? `${shown.length} conversations` : "";
  }

  focusSearch() {
    this.search.focusField();
  }
}

/**
 * @param {View} view
 * @param {{name: string, cards: Card[]}[]} parts
 * @returns {Row[]}
 */
function rows(view, parts) {
  const named =
    parts.length > 1 ||
    view === "due" ||
    ["Safety first", "Offered to you", "For you", "On hold", "Mentions of you"].includes(parts[0]?.name);
  return parts.flatMap(({ name, cards }) => [
    .../** @type {Row[]} */ (named ? [{ kind: "name", key: `name ${name}`, text: name, count: cards.length }] : []),
    ...cards.map((card) => /** @type {Row} */ ({ kind: "card", key: `${view} ${card.id}`, card })),
  ]);
}

const makeName = () =>
  el("li", { class: "list-part" }, el("h2", {}, el("span"), el("span", { class: "list-part-count" })));

/**
 * @param {HTMLElement} node
 * @param {{text: string, count: number}} row
 */
function updateName(node, { text, count }) {
  const [name, number] = /** @type {HTMLElement} */ (node.firstElementChild).children;
  setText(name, text);
  setText(number, String(count));
  node.dataset.name = text;
}

const skeletons = () =>
  el(
    "div",
    { class: "skeletons", role: "status", "aria-label": "Loading" },
    ...[1, 2, 3].map(() => el("div", { class: "skeleton" })),
  );

customElements.define("desk-list", DeskList);
