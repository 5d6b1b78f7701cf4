// @ts-check
/** The public API, one method a call. Every failure is an {@link ApiError}. */
import { ApiError, request } from "../shared/http.js";

/**
 * @typedef {{title: string, payload?: string, text?: string}} Choice
 * @typedef {{seq: number, id?: string, key?: string, at: string, from: "customer"|"bot"|"agent"|"system",
 *   text: string, buttons?: Choice[], image?: string, attachments?: Attachment[], author?: string,
 *   reply_to?: number, meta?: {act?: string, payload?: string} | null}} Message
 * @typedef {{id: string, name: string, type: string, size: number, url: string}} Attachment
 * @typedef {{low: number, high: number}} Range seconds
 * @typedef {{position: number | null, waited: number, expected?: Range | null}} Place
 * @typedef {{due_at: string, contact: string | null, by: "email" | "phone" | "thread"}} Promised
 * @typedef {{now: boolean, opens_at: string | null}} Opening
 * @typedef {{state: string, epoch: number, agent: {name: string} | null, held?: boolean,
 *   promise?: Promised | null, open?: Opening}} Standing
 * @typedef {Standing & {type: "snapshot", seq: number, queue: Place | null, messages: Message[],
 *   read_seq?: number}} Snapshot
 * @typedef {{id: string, day: string, part: string, starts_at: string, due_at: string}} PromiseChoice
 * @typedef {{soonest: string | null, choices: PromiseChoice[], time_zone: string,
 *   by_email: boolean}} PromiseChoices
 * @typedef {{name?: string, email?: string, phone?: string, preferred?: string}} Contact
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
   * @param {{locale: string, page: string, identity?: object, previous?: Credentials}} context
   * @returns {Promise<Credentials & {state: string, epoch: number}>}
   */
  create(context) {
    return request("POST", new URL("conversations", this.root), { body: context, credentials: "omit" });
  }

  /**
   * Store one message. The same key always gives the same seq, however often it is sent.
   * @param {Credentials} who
   * @param {string} key
   * @param {{text?: string, payload?: string, files?: string[]}} body
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
   * What can be promised now.
   * @param {Credentials} who
   * @returns {Promise<PromiseChoices>}
   */
  promiseChoices(who) {
    return this.call(who, "GET", "promise");
  }

  /**
   * Leave an address and be promised an answer.
   * @param {Credentials} who
   * @param {Contact} contact
   * @returns {Promise<Omit<Snapshot, "type">>}
   */
  promise(who, contact) {
    return this.call(who, "POST", "promise", { body: contact });
  }

  /**
   * Upload a file, to be sent with a message later.
   * @param {Credentials} who
   * @param {string} key
   * @param {File} file
   * @param {(share: number) => void} progress told how much is there, from 0 to 1
   * @param {AbortSignal} signal
   * @returns {Promise<Attachment>}
   */
  upload(who, key, file, progress, signal) {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      call.open("POST", new URL(`conversations/${encodeURIComponent(who.id)}/files`, this.root));
      call.setRequestHeader("Authorization", `Bearer ${who.token}`);
      call.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      call.setRequestHeader("Idempotency-Key", key);
      call.setRequestHeader("X-Filename", encodeURIComponent(file.name));
      call.responseType = "json";
      call.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
      call.onerror = call.onabort = () => reject(new ApiError(0, "network", "The upload was cut off."));
      call.onload = () => {
        if (call.status === 201 && call.response?.file) resolve(call.response.file);
        else reject(refusal(call));
      };
      signal.addEventListener("abort", () => call.abort(), { once: true });
      call.send(file);
    });
  }

  /**
   * A file that was uploaded and not sent is not wanted any more.
   * @param {Credentials} who
   * @param {string} id
   */
  takeBack(who, id) {
    return this.call(who, "DELETE", `files/${encodeURIComponent(id)}`);
  }

  /**
   * A file with an address that is good for a while from now.
   * @param {Credentials} who
   * @param {string} id
   * @returns {Promise<{file: Attachment}>}
   */
  file(who, id) {
    return this.call(who, "GET", `files/${encodeURIComponent(id)}`);
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

/** @param {XMLHttpRequest} call */
function refusal(call) {
  const fault = call.response?.error ?? {};
  return new ApiError(call.status, fault.code ?? `http_${call.status}`, fault.message ?? "", {
    field: fault.field,
    retryAfter: Number(call.getResponseHeader("Retry-After")) || 0,
  });
}
