// @ts-check
/** Every conversation this page knows of, as a card, and the lists that an agent sees of them. */
import { reasonSign } from "../labels.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */
/** @typedef {import("../types.js").View} View */

/** @type {readonly View[]} */
export const VIEWS = Object.freeze(["queue", "mine", "due", "open", "resolved"]);

/** @type {Record<View, string>} */
export const VIEW_TITLES = { queue: "Queue", mine: "Mine", due: "Due", open: "All open", resolved: "Resolved" };

const MINUTE_MS = 60_000;
const SKEW_SLACK_MS = 2_000;

export class Cards {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Card>} */
    this.held = new Map();
    /** @type {Map<string, number>} when each card's waiting_seconds was true, on this machine's clock */
    this.stamped = new Map();
    /** @type {Set<View>} the views that have been answered at least once */
    this.listed = new Set();
    this.announced = false;
    /** Milliseconds that the desk's clock is ahead of this machine's. */
    this.skew = 0;
  }

  /** @param {string|null|undefined} id */
  get(id) {
    return id ? this.held.get(id) : undefined;
  }

  clear() {
    this.held.clear();
    this.stamped.clear();
    this.listed.clear();
    this.announced = false;
  }

  /**
   * @param {Card} card
   * @param {View} view
   */
  belongs(card, view) {
    if (view === "queue") return card.state === "queued" || card.state === "offered";
    if (view === "mine") return card.state === "agent" && card.agent?.id === this.desk.agent?.id;
    if (view === "due") return card.state === "deferred" || Boolean(card.due_at && card.state !== "resolved");
    if (view === "open") return card.state !== "resolved";
    return card.state === "resolved";
  }

  /** Whether it is being offered to this agent. @param {Card} card */
  offeredToMe(card) {
    return card.state === "offered" && Boolean(card.offered) && card.offered?.agent.id === this.desk.agent?.id;
  }

  /** Whether it waits for this agent in person. @param {Card} card */
  forMe(card) {
    return this.belongs(card, "queue") && card.wanted_agent?.id === this.desk.agent?.id;
  }

  /** Whether an agent may take it: it waits, or its promise is due. @param {Card} card */
  takeable(card) {
    return this.belongs(card, "queue") || card.state === "deferred";
  }

  /**
   * The cards of a view in the order an agent works them: safety first, then who waits longest; the
   * wide views by latest activity, promises by when they are due.
   * @param {View} view
   * @returns {Card[]}
   */
  inView(view) {
    const cards = [...this.held.values()].filter((card) => this.belongs(card, view));
    if (view === "open" || view === "resolved") return cards.sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    if (view === "due") return cards.sort((a, b) => (a.due_at ?? "9").localeCompare(b.due_at ?? "9"));
    const since = (/** @type {Card} */ card) => card.queued_at ?? card.updated_at;
    const pressing = (/** @type {Card} */ card) => (view === "queue" ? (reasonSign(card.reason)?.rank ?? 2) : 2);
    return cards.sort((a, b) => pressing(a) - pressing(b) || since(a).localeCompare(since(b)));
  }

  /**
   * A view in its parts, empty ones left out; a view of one part has no heading.
   * @param {View} view
   * @returns {{name: string, cards: Card[]}[]}
   */
  parts(view) {
    const cards = this.inView(view);
    /** @type {(card: Card) => string} */
    const nameOf =
      view === "queue"
        ? (card) => this.queuePart(card)
        : view === "mine"
          ? (card) => (card.held ? "On hold" : "Active")
          : view === "due"
            ? (card) => dueName(card, this.now())
            : () => "";
    /** @type {Map<string, Card[]>} */
    const parts = new Map(PARTS[view].map((name) => [name, []]));
    for (const card of cards) parts.get(nameOf(card))?.push(card);
    if (view === "mine") parts.get("Mentions of you")?.push(...this.mentioning());
    return [...parts].map(([name, some]) => ({ name, cards: some })).filter((part) => part.cards.length);
  }

  /** Somebody else's conversations in which this agent is mentioned and has not read it. */
  mentioning() {
    return [...this.held.values()].filter(
      (card) => this.desk.mentions.unread.has(card.id) && !this.belongs(card, "mine"),
    );
  }

  /** @param {Card} card */
  queuePart(card) {
    if (card.reason === "safety") return "Safety first";
    if (this.offeredToMe(card)) return "Offered to you";
    return this.forMe(card) ? "For you" : "Waiting";
  }

  /** The seconds somebody has waited. @param {Card} card */
  waited(card) {
    const since = this.stamped.get(card.id) ?? Date.now();
    return (card.waiting_seconds ?? 0) + (Date.now() - since) / 1000;
  }

  /** The time as the desk has it: a wrong clock on this machine does no harm. */
  now() {
    return Date.now() + this.skew;
  }

  /** @param {Card} card */
  compareClocks(card) {
    if (!card.queued_at || !this.belongs(card, "queue")) return;
    const skew = Date.parse(card.queued_at) + (card.waiting_seconds ?? 0) * 1000 - Date.now();
    if (Math.abs(skew - this.skew) > SKEW_SLACK_MS) this.skew = skew;
  }

  /**
   * The seconds left to answer first, below zero when they are over; null when no time is set.
   * @param {Card} card
   */
  slack(card) {
    if (!card.first_response_due || !(this.belongs(card, "queue") || this.belongs(card, "mine"))) return null;
    return (Date.parse(card.first_response_due) - this.now()) / 1000;
  }

  /** Whether its promise was to be kept by now. @param {Card} card */
  overdue(card) {
    return Boolean(card.due_at) && Date.parse(card.due_at ?? "") <= this.now();
  }

  /** @param {Card} card */
  unread(card) {
    if (card.state === "resolved" || card.seq <= (this.desk.threads.seen[card.id] ?? 0)) return 0;
    return Number(card.unread) || 0;
  }

  /**
   * Takes a view's complete list: cards that are no longer in it are forgotten.
   * @param {View} view
   * @param {Card[]} cards
   * @param {number} [askedAt] when the list was asked for: what has come since is newer than the list
   */
  holdView(view, cards, askedAt = Infinity) {
    const listed = new Set(cards.map((card) => card.id));
    const gone = [...this.held.values()].filter(
      (card) => this.belongs(card, view) && !listed.has(card.id) && !this.wanted(card),
    );
    for (const { id } of gone) if ((this.stamped.get(id) ?? 0) < askedAt) this.held.delete(id);
    this.hold(cards);
  }

  /** Whether the page shows it apart from its view. @param {Card} card */
  wanted(card) {
    return card.id === this.desk.selected || this.desk.mentions.unread.has(card.id);
  }

  /** @param {Card[]} cards */
  hold(cards) {
    const waitingBefore = new Set(this.inView("queue").map((card) => card.id));
    for (const card of cards) {
      const held = this.held.get(card.id);
      if (held && (held.epoch > card.epoch || (held.epoch === card.epoch && held.seq > card.seq))) continue;
      this.held.set(card.id, card);
      this.compareClocks(card);
      this.stamped.set(card.id, Date.now());
      if (held) this.desk.moves.changedHands(held, card);
    }
    this.announceArrivals(waitingBefore);
    this.desk.changed(CHANGE.cards);
  }

  /** @param {string} id */
  forget(id) {
    this.held.delete(id);
    this.desk.changed(CHANGE.cards);
  }

  /** @param {Set<string>} waitingBefore */
  announceArrivals(waitingBefore) {
    if (!this.listed.has("queue")) return;
    if (this.announced) {
      for (const card of this.inView("queue")) {
        if (!waitingBefore.has(card.id)) this.desk.changed(CHANGE.work, { kind: "queue", card });
      }
    }
    this.announced = true;
  }
}

/** @type {Record<View, string[]>} */
const PARTS = {
  queue: ["Safety first", "Offered to you", "For you", "Waiting"],
  mine: ["Active", "On hold", "Mentions of you"],
  due: ["Overdue", "Within the hour", "Later"],
  open: [""],
  resolved: [""],
};

/**
 * @param {Card} card
 * @param {number} now
 */
function dueName(card, now) {
  if (!card.due_at) return "Later";
  const left = Date.parse(card.due_at) - now;
  if (left <= 0) return "Overdue";
  return left < 60 * MINUTE_MS ? "Within the hour" : "Later";
}
