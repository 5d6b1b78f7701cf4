// @ts-check
/** What was said in the conversations that this page has opened, and what is known about them. */
import { ApiError } from "../../shared/http.js";
import * as api from "../api.js";
import { recall, remember } from "../storage.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Context} Context */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Note} Note */

/**
 * @typedef {Message & {key?: string}} Held a stored message; `key` is set when it was sent from this page
 * @typedef {{messages: Held[], notes: Note[], context: Context|null, readSeq: number,
 *   status: "loading"|"ready"|"failed", error: string}} Thread
 */

const TYPING_SHOWN_MS = 6_000;
const READ_MARKS_KEPT = 400;

export class Threads {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Thread>} */
    this.held = new Map();
    /** @type {Map<string, number>} when the customer's typing sign goes out */
    this.typing = new Map();
    /** @type {Record<string, number>} the newest seq that this agent has read, by conversation */
    this.seen = {};
  }

  clear() {
    this.held.clear();
    this.typing.clear();
  }

  /** @param {string} id @returns {Thread} */
  get(id) {
    let thread = this.held.get(id);
    if (!thread) {
      thread = { messages: [], notes: [], context: null, readSeq: 0, status: "loading", error: "" };
      this.held.set(id, thread);
    }
    return thread;
  }

  /**
   * Fetches what is missing of a conversation.
   * @param {string} id
   */
  async read(id) {
    const thread = this.get(id);
    const after = thread.messages.at(-1)?.seq ?? 0;
    try {
      const opened = await api.readConversation(id, after);
      thread.context = opened.context;
      thread.readSeq = Math.max(thread.readSeq, opened.read_seq ?? 0);
      thread.status = "ready";
      for (const note of opened.notes ?? []) this.keepNote(id, note);
      this.desk.team.holdViewers(id, opened.viewers ?? []);
      this.desk.marks.hold(id, opened.marks ?? []);
      this.desk.cards.hold([opened.conversation]);
      for (const message of opened.messages) this.keep(id, message);
      this.markRead(id);
    } catch (error) {
      const refused = this.desk.refusal(error);
      if (thread.status === "loading" || refused.status === 404) {
        thread.status = "failed";
        thread.error = refused.message;
      }
    }
    this.desk.changed(CHANGE.thread, id);
  }

  /**
   * Adds a stored message in its place, once.
   * @param {string} id
   * @param {Message} message
   * @param {string} [key] the reply of this page that it is
   */
  keep(id, message, key) {
    const { messages } = this.get(id);
    if (messages.some((held) => held.seq === message.seq)) return;
    /** @type {Held} */
    const held = key ? { ...message, key } : message;
    const place = messages.findLastIndex((other) => other.seq < message.seq);
    messages.splice(place + 1, 0, held);
  }

  /**
   * Adds a note in its place, once.
   * @param {string} id
   * @param {Note} note
   */
  keepNote(id, note) {
    const { notes } = this.get(id);
    if (notes.some((held) => held.id === note.id)) return;
    const place = notes.findLastIndex((other) => other.at <= note.at);
    notes.splice(place + 1, 0, note);
    this.desk.changed(CHANGE.thread, id);
  }

  /**
   * A message that arrived over the live connection.
   * @param {string} id
   * @param {Message} message
   */
  heard(id, message) {
    if (message.from === "customer") this.typing.delete(id);
    const thread = this.held.get(id);
    if (thread?.status === "ready") {
      const last = thread.messages.at(-1)?.seq ?? 0;
      const key = this.desk.outbox.confirmed(id, message);
      this.keep(id, message, key);
      if (key) this.desk.outbox.drop(id, key);
      if (message.seq > last + 1) void this.read(id);
      this.desk.changed(CHANGE.thread, id);
    }
    const card = this.desk.cards.get(id);
    if (message.from === "customer" && card && this.desk.cards.belongs(card, "mine"))
      this.desk.changed(CHANGE.work, { kind: "message", card, message });
    this.markRead(id);
  }

  /**
   * The customer has read up to `seq`.
   * @param {string} id
   * @param {number} seq
   */
  readByCustomer(id, seq) {
    const thread = this.held.get(id);
    if (!thread || seq <= thread.readSeq) return;
    thread.readSeq = seq;
    this.desk.changed(CHANGE.thread, id);
  }

  /**
   * Adds a private note; the colleagues it mentions are told.
   * @param {string} id
   * @param {string} text
   * @param {string[]} mentions
   * @returns {Promise<boolean>} whether it is stored
   */
  async addNote(id, text, mentions) {
    try {
      const { note } = await api.addNote(id, text, mentions);
      this.keepNote(id, note);
      return true;
    } catch (error) {
      const refused = this.desk.refusal(error);
      this.desk.notify({ text: `The note is not stored. ${refused.message}`, about: id, tone: "bad" });
      return false;
    }
  }

  /** @param {string} agent whose read marks to remember */
  recallSeen(agent) {
    this.seen = recall(`seen.${agent}`, {});
  }

  /** Remembers that the open conversation was read, and tells the customer so when it is the agent's own. @param {string} id */
  markRead(id) {
    const { agent } = this.desk;
    if (id !== this.desk.selected || document.visibilityState !== "visible" || !agent || !this.desk.inSight) return;
    const seq = this.held.get(id)?.messages.at(-1)?.seq ?? 0;
    if (seq <= (this.seen[id] ?? 0)) return;
    delete this.seen[id];
    this.seen[id] = seq;
    this.seen = Object.fromEntries(Object.entries(this.seen).slice(-READ_MARKS_KEPT));
    remember(`seen.${agent.id}`, this.seen);
    const card = this.desk.cards.get(id);
    if (card && this.desk.cards.belongs(card, "mine")) void this.tellRead(id, seq);
    this.desk.changed(CHANGE.cards);
  }

  /**
   * @param {string} id
   * @param {number} seq
   */
  async tellRead(id, seq) {
    try {
      await api.sendRead(id, seq);
    } catch (error) {
      // A receipt that is lost costs nothing: the next one covers it.
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.desk.refusal(error);
    }
  }

  /**
   * @param {string} id
   * @param {string} from
   */
  customerTypes(id, from) {
    if (from !== "customer") return;
    this.typing.set(id, Date.now() + TYPING_SHOWN_MS);
    this.desk.changed(CHANGE.typing, id);
    setTimeout(() => this.desk.changed(CHANGE.typing, id), TYPING_SHOWN_MS + 50);
  }

  /** @param {string} id */
  isTyping(id) {
    return (this.typing.get(id) ?? 0) > Date.now();
  }
}
