// @ts-check
/** The public API, one method a call. Every failure is an {@link ApiError}. */
import { request } from "../shared/http.js";

/**
 * @typedef {{title: string, payload?: string, text?: string}} Choice
 * @typedef {{seq: number, id?: string, key?: string, at: string, from: "customer"|"bot"|"agent"|"system",
 *   text: string, buttons?: Choice[], image?: string, author?: string, reply_to?: number,
 *   meta?: {act?: string, payload?: string} | null}} Message
 * @typedef {{position: number | null, waited: number}} Place
 * @typedef {{type: "snapshot", state: string, epoch: number, seq: number, agent: {name: string} | null,
 *   queue: Place | null, messages: Message[]}} Snapshot
 * @typedef {{id: string, token: string}} Credentials
 * @typedef {{shop: {name: string}, words: Record<string, string>, starters: Choice[]}} Widget
 */

export class Api {
  /** @param {URL} base where the desk is served */
  constructor(base) {
    this.base = base;
    this.root = new URL("api/v1/", base);
  }

  /** @returns {Promise<Widget>} */
  widget() {
    return request("GET", new URL("widget", this.root), { credentials: "omit" });
  }

  /**
   * @param {{locale: string, page: string}} context
   * @returns {Promise<Credentials & {state: string, epoch: number}>}
   */
  create(context) {
    return request("POST", new URL("conversations", this.root), { body: context, credentials: "omit" });
  }

  /**
   * Store one message. The same key always gives the same seq, however often it is sent.
   * @param {Credentials} who
   * @param {string} key
   * @param {{text: string} | {payload: string}} body
   * @returns {Promise<{seq: number}>}
   */
  send(who, key, body) {
    return this.call(who, "POST", "messages", { body, headers: { "Idempotency-Key": key }, keepalive: true });
  }

  /**
   * What came after a seq, waiting up to `wait` seconds for something from the other side.
   * @param {Credentials} who
   * @param {number} after
   * @param {number} wait
   * @param {AbortSignal} [signal]
   * @returns {Promise<Omit<Snapshot, "type">>}
   */
  poll(who, after, wait, signal) {
    return this.call(who, "GET", `messages?after=${after}&wait=${wait}`, {
      signal,
      timeout: (wait + 15) * 1000,
    });
  }

  /**
   * One of the customer's own controls.
   * @param {Credentials} who
   * @param {"handoff" | "cancel" | "end" | "feedback"} control
   * @param {object} [body]
   */
  control(who, control, body = {}) {
    return this.call(who, "POST", control, { body });
  }

  /**
   * @param {Credentials} who
   * @param {number} after
   */
  socketAddress(who, after) {
    const url = new URL(`conversations/${encodeURIComponent(who.id)}/socket?after=${after}`, this.root);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url;
  }

  /**
   * @param {Credentials} who
   * @param {string} method
   * @param {string} path
   * @param {Parameters<typeof request>[2]} options
   */
  call(who, method, path, options = {}) {
    return request(method, new URL(`conversations/${encodeURIComponent(who.id)}/${path}`, this.root), {
      ...options,
      credentials: "omit",
      headers: { Authorization: `Bearer ${who.token}`, ...options.headers },
    });
  }
}
