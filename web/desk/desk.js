// @ts-check
/**
 * What this agent's browser knows about the desk, and everything an agent can do. The elements on
 * the page listen to it and never talk to the service themselves.
 */

import { ApiError, randomKey } from "../shared/http.js";
import * as api from "./api.js";
import { reasonSign, visitorName } from "./labels.js";
import { DeskSocket } from "./socket.js";
import { recall, remember, unsent } from "./storage.js";

/** @typedef {import("./types.js").Agent} Agent */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").View} View */

/**
 * @typedef {Message & {key?: string}} Held a stored message; `key` is set when it was sent from this page
 * @typedef {{messages: Held[], context: Context|null, status: "loading"|"ready"|"failed", error: string}} Thread
 * @typedef {{text: string, about?: string, tone?: "done"|"info"|"bad", action?: {label: string, run: () => void}}} Notice
 */

/** The topics of `desk.addEventListener`: each is dispatched after what it names has changed. */
export const CHANGE = Object.freeze({
  session: "session",
  connection: "connection",
  cards: "cards",
  selection: "selection",
  thread: "thread",
  typing: "typing",
  notice: "notice",
  work: "work",
});

/** @type {readonly View[]} */
export const VIEWS = Object.freeze(["queue", "mine", "open", "resolved"]);

const TYPING_SHOWN_MS = 6_000;
const TYPING_SENT_EVERY_MS = 3_000;
const RESEND_AFTER_MS = 4_000;
const READ_MARKS_KEPT = 400;

export class Desk extends EventTarget {
  constructor() {
    super();
    /** @type {Agent|null} */
    this.agent = null;
    /** @type {View} */
    this.view = "queue";
    /** @type {string|null} */
    this.selected = null;
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    /** @type {Map<string, number>} when each card's waiting_seconds was true, on this machine's clock */
    this.stamped = new Map();
    /** @type {Set<View>} the views that have been answered at least once */
    this.listed = new Set();
    /** @type {string} */
    this.listError = "";
    /** @type {Map<string, Thread>} */
    this.threads = new Map();
    /** @type {Record<string, Outgoing[]>} */
    this.outbox = {};
    /** @type {Map<string, number>} when the customer's typing sign goes out */
    this.typing = new Map();
    /** @type {{state: import("./socket.js").SocketState, retryAt: number|null}} */
    this.connection = { state: "connecting", retryAt: null };
    /** @type {"online"|"away"} */
    this.presence = "online";
    /** @type {Set<string>} the moves under way, as `id` */
    this.moving = new Set();
    /** @type {Record<string, number>} */
    this.seen = {};
    this.typingSentAt = 0;
    this.announced = false;
    this.socket = new DeskSocket({
      onFrame: (frame) => this.receive(frame),
      onState: (state, retryAt) => this.connectionChanged(state, retryAt),
    });
  }

  /**
   * @param {string} kind one of CHANGE
   * @param {unknown} [detail]
   */
  changed(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** @param {Notice} notice */
  notify(notice) {
    this.changed(CHANGE.notice, notice);
  }

  // Session

  /** Finds out whether somebody is signed in already. */
  async restore() {
    try {
      const { agent } = await api.currentSession();
      this.enter(agent);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.leave(error.status === 401 ? "" : error.message);
    }
  }

  /**
   * @param {string} email
   * @param {string} password
   */
  async signIn(email, password) {
    const { agent } = await api.signIn(email, password);
    this.enter(agent);
  }

  async signOut() {
    try {
      await api.signOut();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 401) {
        this.notify({ text: `You are still signed in. ${error.message}`, tone: "bad" });
        return;
      }
    }
    this.leave("");
  }

  /** @param {Agent} agent */
  enter(agent) {
    this.agent = agent;
    this.presence = recall("presence", /** @type {string} */ ("online")) === "away" ? "away" : "online";
    this.seen = recall(`seen.${agent.id}`, {});
    this.outbox = unsent.all(agent.id);
    this.changed(CHANGE.session);
    this.socket.start();
    void this.refresh();
    for (const id of Object.keys(this.outbox)) for (const item of this.outbox[id]) void this.deliver(id, item);
  }

  /** @param {string} why a sentence for the sign-in page, or empty */
  leave(why) {
    this.agent = null;
    this.cards.clear();
    this.stamped.clear();
    this.listed.clear();
    this.threads.clear();
    this.typing.clear();
    this.outbox = {};
    this.announced = false;
    this.socket.stop();
    this.changed(CHANGE.session, why);
  }

  /** @param {"online"|"away"} state */
  setPresence(state) {
    this.presence = state;
    remember("presence", state);
    this.socket.send({ type: "presence", state });
    this.changed(CHANGE.connection);
  }

  /**
   * Deals with a refused call: a lost session goes back to the sign-in page, everything else is handed back.
   * @param {unknown} error
   * @returns {ApiError}
   */
  refusal(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401 && this.agent) this.leave("You have been signed out. Please sign in again.");
    return error;
  }

  // Live connection

  /**
   * @param {import("./socket.js").SocketState} state
   * @param {number|null} retryAt
   */
  connectionChanged(state, retryAt) {
    const before = this.connection.state;
    this.connection = { state, retryAt };
    if (state === "open") {
      this.socket.send({ type: "presence", state: this.presence });
      void this.refresh();
      this.sendAgain();
    }
    if (state === "lost" && before === "connecting") void this.checkSession();
    this.changed(CHANGE.connection);
  }

  /** A socket that is refused outright may mean that the session has ended. */
  async checkSession() {
    try {
      await api.currentSession();
    } catch (error) {
      this.refusal(error);
    }
  }

  /** Asks again for the lists and the open conversation: what was missed is found by seq, not by time. */
  async refresh() {
    const views = new Set(/** @type {View[]} */ (["queue", "mine", this.view]));
    await Promise.all([...views].map((view) => this.list(view)));
    if (this.selected) await this.read(this.selected);
  }

  /** @param {any} frame */
  receive(frame) {
    if (!this.agent) return;
    if (frame.type === "queue") this.holdView("queue", frame.cards ?? []);
    else if (frame.type === "conversation") this.hold([frame.conversation]);
    else if (frame.type === "message") this.heard(frame.conversation_id, frame.message);
    else if (frame.type === "typing") this.customerTypes(frame.conversation_id, frame.from);
  }

  // Cards

  /**
   * @param {Card} card
   * @param {View} view
   */
  belongs(card, view) {
    if (view === "queue") return ["queued", "offered", "deferred"].includes(card.state);
    if (view === "mine") return card.state === "agent" && card.agent?.id === this.agent?.id;
    if (view === "open") return card.state !== "resolved";
    return card.state === "resolved";
  }

  /**
   * The cards of a view in the order an agent works them: safety first, then who waits longest; the
   * wide views by latest activity.
   * @param {View} view
   * @returns {Card[]}
   */
  inView(view) {
    const cards = [...this.cards.values()].filter((card) => this.belongs(card, view));
    const since = (/** @type {Card} */ card) => card.queued_at ?? card.updated_at;
    if (view === "open" || view === "resolved") return cards.sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    const pressing = (/** @type {Card} */ card) => (view === "queue" ? (reasonSign(card.reason)?.rank ?? 2) : 2);
    return cards.sort((a, b) => pressing(a) - pressing(b) || since(a).localeCompare(since(b)));
  }

  /** @param {Card} card */
  waited(card) {
    const since = this.stamped.get(card.id) ?? Date.now();
    return (card.waiting_seconds ?? 0) + (Date.now() - since) / 1000;
  }

  /** @param {Card} card */
  unread(card) {
    if (card.state === "resolved" || card.seq <= (this.seen[card.id] ?? 0)) return 0;
    return Number(card.unread) || 0;
  }

  /** @param {View} view */
  async list(view) {
    try {
      const { conversations } = await api.listConversations(view);
      this.listed.add(view);
      this.listError = "";
      this.holdView(view, conversations);
    } catch (error) {
      const refused = this.refusal(error);
      if (this.agent) {
        this.listError = refused.message;
        this.changed(CHANGE.cards);
      }
    }
  }

  /**
   * Takes a view's complete list: cards that are no longer in it are forgotten.
   * @param {View} view
   * @param {Card[]} cards
   */
  holdView(view, cards) {
    const listed = new Set(cards.map((card) => card.id));
    for (const card of [...this.cards.values()]) {
      if (this.belongs(card, view) && !listed.has(card.id) && card.id !== this.selected) this.cards.delete(card.id);
    }
    this.hold(cards);
  }

  /** @param {Card[]} cards */
  hold(cards) {
    const waitingBefore = new Set(this.inView("queue").map((card) => card.id));
    for (const card of cards) {
      const held = this.cards.get(card.id);
      if (held && (held.epoch > card.epoch || (held.epoch === card.epoch && held.seq > card.seq))) continue;
      this.cards.set(card.id, card);
      this.stamped.set(card.id, Date.now());
      if (held && card.id === this.selected && !this.moving.has(card.id)) this.sayWhoTookIt(held, card);
    }
    this.announceArrivals(waitingBefore);
    this.changed(CHANGE.cards);
  }

  /**
   * Tells the agent when the conversation in front of them changes hands without them.
   * @param {Card} before
   * @param {Card} after
   */
  sayWhoTookIt(before, after) {
    if (after.epoch === before.epoch) return;
    const someone = after.state === "agent" && after.agent?.id !== this.agent?.id ? after.agent : null;
    if (someone && someone.id !== before.agent?.id) {
      this.notify({ text: `${someone.name} has taken ${visitorName(after.id)}.`, about: after.id, tone: "info" });
    } else if (this.belongs(before, "mine") && after.state === "bot") {
      this.notify({ text: `${visitorName(after.id)} has gone back to the bot.`, about: after.id, tone: "info" });
    } else if (this.belongs(before, "mine") && after.state === "resolved") {
      this.notify({ text: `${visitorName(after.id)} has ended the conversation.`, about: after.id, tone: "info" });
    }
  }

  /** @param {Set<string>} waitingBefore */
  announceArrivals(waitingBefore) {
    if (!this.listed.has("queue")) return;
    const waiting = this.inView("queue");
    if (this.announced) {
      for (const card of waiting) if (!waitingBefore.has(card.id)) this.changed(CHANGE.work, { kind: "queue", card });
    }
    this.announced = true;
  }

  // Conversations

  /**
   * @param {View} view
   * @param {string|null} [id] the conversation to open; null shows the list alone
   */
  show(view, id = this.selected) {
    const viewChanged = view !== this.view;
    if (!viewChanged && id === this.selected) return;
    this.view = view;
    this.selected = id;
    this.changed(CHANGE.selection);
    if (viewChanged && this.agent) void this.list(view);
    if (id && this.agent) void this.read(id);
  }

  /** @param {string} id @returns {Thread} */
  thread(id) {
    let thread = this.threads.get(id);
    if (!thread) {
      thread = { messages: [], context: null, status: "loading", error: "" };
      this.threads.set(id, thread);
    }
    return thread;
  }

  /**
   * Fetches what is missing of a conversation.
   * @param {string} id
   */
  async read(id) {
    const thread = this.thread(id);
    const after = thread.messages.at(-1)?.seq ?? 0;
    try {
      const { conversation, messages, context } = await api.readConversation(id, after);
      thread.context = context;
      thread.status = "ready";
      this.hold([conversation]);
      for (const message of messages) this.keep(id, message);
      this.markRead(id);
    } catch (error) {
      const refused = this.refusal(error);
      if (thread.status === "loading" || refused.status === 404) {
        thread.status = "failed";
        thread.error = refused.message;
      }
    }
    this.changed(CHANGE.thread, id);
  }

  /**
   * Adds a stored message in its place, once.
   * @param {string} id
   * @param {Message} message
   * @param {string} [key] the reply of this page that it is
   */
  keep(id, message, key) {
    const { messages } = this.thread(id);
    if (messages.some((held) => held.seq === message.seq)) return;
    /** @type {Held} */
    const held = key ? { ...message, key } : message;
    const place = messages.findLastIndex((other) => other.seq < message.seq);
    messages.splice(place + 1, 0, held);
  }

  /**
   * The reply under way that a live message confirms, when its confirmation by HTTP is still to come.
   * @param {string} id
   * @param {Message} message
   */
  confirmed(id, message) {
    if (message.from !== "agent" || message.author !== this.agent?.name) return undefined;
    return (this.outbox[id] ?? []).find((item) => item.text === message.text)?.key;
  }

  /**
   * A message that arrived over the live connection.
   * @param {string} id
   * @param {Message} message
   */
  heard(id, message) {
    if (message.from === "customer") this.typing.delete(id);
    const card = this.cards.get(id);
    const thread = this.threads.get(id);
    if (thread?.status === "ready") {
      const last = thread.messages.at(-1)?.seq ?? 0;
      const key = this.confirmed(id, message);
      this.keep(id, message, key);
      if (key) this.dropOutgoing(id, key);
      if (message.seq > last + 1) void this.read(id);
      this.changed(CHANGE.thread, id);
    }
    if (message.from === "customer" && card && this.belongs(card, "mine")) {
      this.changed(CHANGE.work, { kind: "message", card, message });
    }
    this.markRead(id);
  }

  /** @param {string} id */
  markRead(id) {
    if (id !== this.selected || document.visibilityState !== "visible" || !this.agent) return;
    const seq = this.threads.get(id)?.messages.at(-1)?.seq ?? 0;
    if (seq <= (this.seen[id] ?? 0)) return;
    delete this.seen[id];
    this.seen[id] = seq;
    const kept = Object.entries(this.seen).slice(-READ_MARKS_KEPT);
    this.seen = Object.fromEntries(kept);
    remember(`seen.${this.agent.id}`, this.seen);
    this.changed(CHANGE.cards);
  }

  /**
   * @param {string} id
   * @param {string} from
   */
  customerTypes(id, from) {
    if (from !== "customer") return;
    this.typing.set(id, Date.now() + TYPING_SHOWN_MS);
    this.changed(CHANGE.typing, id);
    setTimeout(() => this.changed(CHANGE.typing, id), TYPING_SHOWN_MS + 50);
  }

  /** @param {string} id */
  isTyping(id) {
    return (this.typing.get(id) ?? 0) > Date.now();
  }

  // Moves

  /** @param {string} id */
  accept(id) {
    return this.move(id, "accept");
  }

  /** @param {string} id */
  takeOver(id) {
    return this.move(id, "takeover");
  }

  /** @param {string} id */
  async giveBack(id) {
    const moved = await this.move(id, "return");
    if (!moved) return;
    this.notify({
      text: `${visitorName(id)} is with the bot again.`,
      about: id,
      action: { label: "Take it back", run: () => void this.takeOver(id) },
    });
  }

  /** @param {string} id */
  async resolve(id) {
    const moved = await this.move(id, "resolve");
    if (!moved) return;
    this.notify({
      text: `${visitorName(id)} is resolved.`,
      about: id,
      action: { label: "Undo", run: () => void this.takeOver(id) },
    });
  }

  /**
   * Changes who owns a conversation. A refusal is told to the agent in words.
   * @param {string} id
   * @param {"accept"|"takeover"|"return"|"resolve"} move
   * @returns {Promise<boolean>} whether it happened
   */
  async move(id, move) {
    const card = this.cards.get(id);
    if (!card || this.moving.has(id)) return false;
    this.moving.add(id);
    this.changed(CHANGE.cards);
    try {
      const { conversation } = await api.moveConversation(id, move, card.epoch);
      this.hold([conversation]);
      return true;
    } catch (error) {
      await this.explainRefusal(id, move, this.refusal(error));
      return false;
    } finally {
      this.moving.delete(id);
      this.changed(CHANGE.cards);
      if (this.selected === id && this.agent) void this.read(id);
    }
  }

  /**
   * @param {string} id
   * @param {string} move
   * @param {ApiError} error
   */
  async explainRefusal(id, move, error) {
    if (!this.agent) return;
    if (error.status !== 409) {
      this.notify({ text: error.message, about: id, tone: "bad" });
      return;
    }
    await Promise.all([this.read(id), this.list("queue")]);
    const card = this.cards.get(id);
    const owner = card?.state === "agent" ? card.agent : null;
    if (owner && owner.id !== this.agent.id && (move === "accept" || move === "takeover")) {
      this.notify({ text: `${owner.name} was first and is answering ${visitorName(id)}.`, about: id, tone: "info" });
    } else if (card?.state === "resolved" && move === "takeover") {
      this.notify({
        text: `${visitorName(id)} stays resolved. It opens again when the customer writes.`,
        about: id,
        tone: "info",
      });
    } else if (error.code === "stale") {
      this.notify({
        text: `${visitorName(id)} has moved on in the meantime. This is how it stands now.`,
        about: id,
        tone: "info",
      });
    } else {
      this.notify({ text: error.message, about: id, tone: "bad" });
    }
  }

  // Replies

  /**
   * Shows a reply at once and sends it until the desk has it.
   * @param {string} id
   * @param {string} text
   */
  say(id, text) {
    /** @type {Outgoing} */
    const item = { key: randomKey(), text, at: new Date().toISOString(), status: "sending" };
    this.outbox[id] = [...(this.outbox[id] ?? []), item];
    this.keepOutbox();
    this.changed(CHANGE.thread, id);
    this.typingSentAt = 0;
    void this.deliver(id, item);
  }

  /**
   * @param {string} id
   * @param {string} key
   */
  retry(id, key) {
    const item = (this.outbox[id] ?? []).find((other) => other.key === key);
    if (item) void this.deliver(id, item);
  }

  /** What did not reach the desk goes out once the desk is there again. */
  sendAgain() {
    for (const [id, items] of Object.entries(this.outbox)) {
      for (const item of items) if (item.status === "failed" && item.unheard) void this.deliver(id, item);
    }
  }

  /**
   * @param {string} id
   * @param {Outgoing} item
   * @param {number} [attempt]
   * @returns {Promise<void>}
   */
  async deliver(id, item, attempt = 1) {
    item.status = "sending";
    item.error = undefined;
    this.changed(CHANGE.thread, id);
    try {
      const { seq } = await api.sendReply(id, item.text, item.key);
      if (!this.outbox[id]?.includes(item)) return;
      this.keep(
        id,
        { seq, id: item.key, at: item.at, from: "agent", text: item.text, author: this.agent?.name },
        item.key,
      );
      this.dropOutgoing(id, item.key);
      if (seq > 1 && !this.thread(id).messages.some((held) => held.seq === seq - 1)) void this.read(id);
    } catch (error) {
      const refused = this.refusal(error);
      if (refused.retryable && attempt === 1 && this.agent && navigator.onLine) {
        await new Promise((done) => setTimeout(done, RESEND_AFTER_MS));
        if (this.outbox[id]?.includes(item)) return this.deliver(id, item, 2);
      }
      item.status = "failed";
      item.error = refused.message;
      item.unheard = refused.status === 0;
      this.keepOutbox();
    }
    this.changed(CHANGE.thread, id);
  }

  /**
   * @param {string} id
   * @param {string} key
   */
  dropOutgoing(id, key) {
    const rest = (this.outbox[id] ?? []).filter((item) => item.key !== key);
    if (rest.length) this.outbox[id] = rest;
    else delete this.outbox[id];
    this.keepOutbox();
    this.changed(CHANGE.thread, id);
  }

  keepOutbox() {
    if (this.agent) unsent.keep(this.agent.id, this.outbox);
  }

  /**
   * Tells the customer that the agent is writing, at most every few seconds.
   * @param {string} id
   */
  writing(id) {
    if (Date.now() - this.typingSentAt < TYPING_SENT_EVERY_MS) return;
    this.typingSentAt = Date.now();
    api.sendTyping(id).catch((error) => this.refusal(error));
  }
}
