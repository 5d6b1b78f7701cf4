// @ts-check
/**
 * What this agent's browser knows about the desk, and everything an agent can do. The elements on
 * the page listen to it and never talk to the service themselves. Each noun has a module of its own;
 * here is what joins them: the session, the live connection, and what is on screen.
 */
import { ApiError } from "../../shared/http.js";
import * as api from "../api.js";
import { visitorName } from "../labels.js";
import { may } from "../permissions.js";
import { DeskSocket } from "../socket.js";
import { Cards } from "./cards.js";
import { CHANGE } from "./change.js";
import { Marks } from "./marks.js";
import { Mentions } from "./mentions.js";
import { Moves } from "./moves.js";
import { Outbox } from "./outbox.js";
import { Products } from "./products.js";
import { Search } from "./search.js";
import { Snippets } from "./snippets.js";
import { Suggestions } from "./suggestions.js";
import { Team } from "./team.js";
import { Threads } from "./threads.js";

/** @typedef {import("../types.js").Agent} Agent */
/** @typedef {import("../types.js").View} View */
/** @typedef {{text: string, about?: string, tone?: "done"|"info"|"bad",
 *   action?: {label: string, key?: string, run: () => void}}} Notice */

const WARN_SECONDS = 30;

export class Desk extends EventTarget {
  constructor() {
    super();
    /** @type {Agent|null} */
    this.agent = null;
    /** @type {View} */
    this.view = "queue";
    /** @type {string|null} */
    this.selected = null;
    /** @type {number|null} the message to show when the conversation opens */
    this.sought = null;
    /** Whether the conversations are on screen, and not another page. */
    this.inSight = true;
    this.listError = "";
    /** Seconds before a promise to answer is broken from which it is marked. */
    this.warnSeconds = WARN_SECONDS;
    /** @type {{state: import("../socket.js").SocketState, retryAt: number|null}} */
    this.connection = { state: "connecting", retryAt: null };
    /** @type {Map<string, import("../types.js").Promised>} */
    this.promises = new Map();
    this.frames = new EventTarget();
    this.cards = new Cards(this);
    this.threads = new Threads(this);
    this.outbox = new Outbox(this);
    this.moves = new Moves(this);
    this.team = new Team(this);
    this.mentions = new Mentions(this);
    this.marks = new Marks(this);
    this.snippets = new Snippets(this);
    this.suggestions = new Suggestions(this);
    this.search = new Search(this);
    this.products = new Products(this);
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

  /**
   * Listens to frames of the live connection, for pages that show more than conversations.
   * @param {string} type
   * @param {(frame: any) => void} listener
   * @param {AbortSignal} signal
   */
  hear(type, listener, signal) {
    this.frames.addEventListener(type, (event) => listener(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  /** Whether the agent who is signed in may do this. @param {string|null} permission */
  may(permission) {
    return Boolean(this.agent && may(this.agent, permission));
  }

  /** How a customer is called: by their name where it is known. @param {string} id */
  nameOf(id) {
    const customer = this.threads.held.get(id)?.context?.packet.customer;
    return customer?.name || this.promises.get(id)?.contact?.name || visitorName(id);
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
    this.team.recallPresence();
    this.threads.recallSeen(agent.id);
    this.changed(CHANGE.session);
    if (!this.may("answer") && !this.may("improve")) {
      this.socket.stop();
      return;
    }
    this.socket.start();
    void this.products.load();
    if (!this.may("answer")) return;
    void this.refresh();
    void this.snippets.load();
    void this.loadSettings();
    this.outbox.recall(agent.id);
  }

  /** @param {string} why a sentence for the sign-in page, or empty */
  leave(why) {
    this.agent = null;
    const { cards, threads, team, outbox, mentions, marks, suggestions, search } = this;
    for (const noun of [cards, threads, team, outbox, mentions, marks, suggestions, search]) noun.clear();
    this.promises.clear();
    this.socket.stop();
    this.changed(CHANGE.session, why);
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

  async loadSettings() {
    try {
      this.warnSeconds = (await api.settings()).warn_seconds;
    } catch (error) {
      this.refusal(error);
    }
  }

  // Live connection

  /**
   * @param {import("../socket.js").SocketState} state
   * @param {number|null} retryAt
   */
  connectionChanged(state, retryAt) {
    const before = this.connection.state;
    this.connection = { state, retryAt };
    if (state === "open" && this.may("answer")) this.catchUp();
    if (state === "lost" && before === "connecting") void this.checkSession();
    this.changed(CHANGE.connection);
  }

  /** Says and asks what was missed while the connection was lost. */
  catchUp() {
    this.team.sayPresence();
    this.sayViewing();
    void this.refresh();
    this.outbox.sendAgain();
  }

  /** A socket that is refused outright may mean that the session has ended. */
  async checkSession() {
    try {
      await api.currentSession();
    } catch (error) {
      this.refusal(error);
    }
  }

  /** The session has ended, or this agent may do other things now than when it began. */
  async sessionChanged() {
    this.socket.stop();
    try {
      const { agent } = await api.currentSession();
      this.enter(agent);
    } catch (error) {
      this.refusal(error);
      if (this.agent) this.socket.start();
    }
  }

  /** Tells the colleagues which conversation is in front of this agent. */
  sayViewing() {
    this.socket.send({ type: "viewing", conversation_id: this.inSight ? this.selected : null });
  }

  /** @param {any} frame */
  receive(frame) {
    if (!this.agent) return;
    const id = frame.conversation_id;
    if (frame.type === "queue") this.cards.holdView("queue", frame.cards ?? []);
    else if (frame.type === "conversation") this.cards.hold([frame.conversation]);
    else if (frame.type === "message") this.threads.heard(id, frame.message);
    else if (frame.type === "typing") this.threads.customerTypes(id, frame.from);
    else if (frame.type === "presence") this.team.hold(frame.agents);
    else if (frame.type === "viewers") this.team.holdViewers(id, frame.viewers);
    else if (frame.type === "note") this.threads.keepNote(id, frame.note);
    else if (frame.type === "mention") this.mentions.heard(id, frame.note);
    else if (frame.type === "mark") this.marks.heard(id, frame.seq, frame.by);
    else if (frame.type === "read") this.threads.readByCustomer(id, frame.seq);
    else if (frame.type === "offer") this.offered(frame.conversation);
    else if (frame.type === "offer_gone") void this.list("queue");
    else if (frame.type === "removed") this.cards.forget(id);
    else if (frame.type === "session") void this.sessionChanged();
    this.frames.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  /** @param {import("../types.js").Card} card */
  offered(card) {
    this.cards.hold([card]);
    this.changed(CHANGE.work, { kind: "offer", card });
  }

  // What is on screen

  /** Asks again for the lists and the open conversation: what was missed is found by seq, not by time. */
  async refresh() {
    const views = new Set(/** @type {View[]} */ (["queue", "mine", "due", this.view]));
    await Promise.all([...[...views].map((view) => this.list(view)), this.team.load(), this.mentions.load()]);
    if (this.selected) await this.threads.read(this.selected);
  }

  /** @param {View} view */
  async list(view) {
    const askedAt = Date.now();
    try {
      const cards = view === "due" ? await this.listPromises() : (await api.listConversations(view)).conversations;
      this.cards.listed.add(view);
      this.listError = "";
      this.cards.holdView(view, cards, askedAt);
    } catch (error) {
      const refused = this.refusal(error);
      if (this.agent) {
        this.listError = refused.message;
        this.changed(CHANGE.cards);
      }
    }
  }

  async listPromises() {
    const { promises } = await api.promises();
    this.promises = new Map(promises.map((promise) => [promise.conversation.id, promise]));
    return promises.map((promise) => ({ ...promise.conversation, due_at: promise.due_at }));
  }

  /** Marks a promise as kept. @param {string} id */
  async keepPromise(id) {
    try {
      const epoch = this.cards.get(id)?.epoch ?? 0;
      this.cards.hold([(await api.promiseDone(id, epoch)).conversation]);
      this.notify({ text: `The promise to ${this.nameOf(id)} is kept.`, about: id });
    } catch (error) {
      this.notify({ text: this.refusal(error).message, about: id, tone: "bad" });
    }
    await this.list("due");
  }

  /**
   * @param {View} view
   * @param {string|null} [id] the conversation to open; null shows the list alone
   * @param {number|null} [seq] the message to show first
   */
  show(view, id = this.selected, seq = null) {
    const viewChanged = view !== this.view;
    this.sought = seq;
    if (!viewChanged && id === this.selected) {
      if (seq && id) this.changed(CHANGE.thread, id);
      return;
    }
    this.view = view;
    this.selected = id;
    this.changed(CHANGE.selection);
    this.sayViewing();
    if (viewChanged && this.agent) void this.list(view);
    if (id && this.agent) {
      void this.threads.read(id);
      void this.suggestions.load(id);
      void this.mentions.read(id);
    }
  }

  /** Another page came in front of the conversations, or went. @param {boolean} inSight */
  setInSight(inSight) {
    if (inSight === this.inSight) return;
    this.inSight = inSight;
    this.sayViewing();
    if (inSight && this.selected) this.threads.markRead(this.selected);
  }

  /** Undoes the last resolve or transfer and opens the conversation again. @param {string|null} [id] */
  async undo(id = this.moves.undoable) {
    if (id && (await this.moves.undo(id))) this.changed(CHANGE.work, { kind: "undone", id });
  }
}
