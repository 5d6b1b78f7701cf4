// @ts-check
/** Replies on their way: shown at once, sent until the desk has them, kept over a reload. */
import { randomKey } from "../../shared/http.js";
import * as api from "../api.js";
import { unsent } from "../storage.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Attachment} Attachment */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Outgoing} Outgoing */

const TYPING_SENT_EVERY_MS = 3_000;
const RESEND_AFTER_MS = 4_000;

export class Outbox {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Record<string, Outgoing[]>} */
    this.held = {};
    this.typingSentAt = 0;
  }

  /** @param {string} id */
  of(id) {
    return this.held[id] ?? [];
  }

  clear() {
    this.held = {};
  }

  /** Takes up what an earlier page of this agent could not send. @param {string} agent */
  recall(agent) {
    this.held = unsent.all(agent);
    for (const id of Object.keys(this.held)) for (const item of this.held[id]) void this.deliver(id, item);
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {Attachment[]} [files]
   */
  say(id, text, files = []) {
    /** @type {Outgoing} */
    const item = { key: randomKey(), text, files, at: new Date().toISOString(), status: "sending" };
    this.held[id] = [...this.of(id), item];
    this.remember();
    this.desk.changed(CHANGE.thread, id);
    this.typingSentAt = 0;
    void this.deliver(id, item);
  }

  /**
   * @param {string} id
   * @param {string} key
   */
  retry(id, key) {
    const item = this.of(id).find((other) => other.key === key);
    if (item) void this.deliver(id, item);
  }

  /** What did not reach the desk goes out once the desk is there again. */
  sendAgain() {
    for (const [id, items] of Object.entries(this.held)) {
      for (const item of items) if (item.status === "failed" && item.unheard) void this.deliver(id, item);
    }
  }

  /**
   * The reply under way that a live message confirms, when its confirmation by HTTP is still to come.
   * @param {string} id
   * @param {Message} message
   */
  confirmed(id, message) {
    if (message.from !== "agent" || message.author !== this.desk.agent?.name) return undefined;
    return this.of(id).find((item) => item.text === message.text)?.key;
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
    this.desk.changed(CHANGE.thread, id);
    try {
      const files = (item.files ?? []).map((file) => file.id);
      const { seq } = await api.sendReply(id, { ...(item.text && { text: item.text }), files }, item.key);
      if (this.held[id]?.includes(item)) this.stored(id, item, seq);
    } catch (error) {
      const refused = this.desk.refusal(error);
      if (refused.retryable && attempt === 1 && this.desk.agent && navigator.onLine) {
        await new Promise((done) => setTimeout(done, RESEND_AFTER_MS));
        if (this.held[id]?.includes(item)) return this.deliver(id, item, 2);
      }
      item.status = "failed";
      item.error = refused.message;
      item.unheard = refused.status === 0;
      this.remember();
    }
    this.desk.changed(CHANGE.thread, id);
  }

  /**
   * @param {string} id
   * @param {Outgoing} item
   * @param {number} seq
   */
  stored(id, item, seq) {
    const { agent, threads } = this.desk;
    /** @type {Message} */
    const message = { seq, id: item.key, at: item.at, from: "agent", text: item.text, author: agent?.name };
    if (item.files?.length) message.attachments = item.files;
    threads.keep(id, message, item.key);
    this.drop(id, item.key);
    if (seq > 1 && !threads.get(id).messages.some((held) => held.seq === seq - 1)) void threads.read(id);
  }

  /**
   * @param {string} id
   * @param {string} key
   */
  drop(id, key) {
    const rest = this.of(id).filter((item) => item.key !== key);
    if (rest.length) this.held[id] = rest;
    else delete this.held[id];
    this.remember();
    this.desk.changed(CHANGE.thread, id);
  }

  remember() {
    if (this.desk.agent) unsent.keep(this.desk.agent.id, this.held);
  }

  /**
   * Tells the customer and the colleagues that the agent is writing, at most every few seconds.
   * @param {string} id
   */
  writing(id) {
    if (Date.now() - this.typingSentAt < TYPING_SENT_EVERY_MS) return;
    this.typingSentAt = Date.now();
    this.desk.socket.send({ type: "typing", conversation_id: id });
  }
}
