// @ts-check
/**
 * The desk's HTTP calls, one function each. Every refusal arrives as an ApiError whose message is a
 * sentence that an agent can read.
 */
import { ApiError, request } from "../shared/http.js";

/** @typedef {import("./types.js").Agent} Agent */
/** @typedef {import("./types.js").Attachment} Attachment */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Colleague} Colleague */
/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Note} Note */
/** @typedef {import("./types.js").Snippet} Snippet */

const BASE = "/api/v1/desk";

/** @param {ApiError} error */
function sentence(error) {
  if (error.status === 0) return "The desk cannot be reached. Check your connection.";
  if (error.status === 429) {
    if (error.retryAfter > 0) return `Too many attempts. Try again in ${wordedSeconds(error.retryAfter)}.`;
    return error.message || "Too many attempts. Wait a minute, then try again.";
  }
  if (error.message) return error.message;
  if (error.status === 401) return "Please sign in.";
  if (error.status === 403) return "You may not do that.";
  if (error.status === 404) return "That is no longer there.";
  return `The desk answered with an error (${error.status}). Try again in a moment.`;
}

/** @param {number} seconds */
function wordedSeconds(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/**
 * A call of the desk's own API.
 * @param {string} method
 * @param {string} path below /api/v1/desk
 * @param {unknown} [body]
 * @param {{headers?: Record<string, string>, signal?: AbortSignal, timeout?: number}} [options] timeout in
 *   milliseconds
 * @returns {Promise<any>}
 * @throws {ApiError} with a sentence for the agent as its message
 */
export async function call(method, path, body, { headers = {}, signal, timeout } = {}) {
  try {
    return await request(method, BASE + path, {
      body,
      signal,
      timeout,
      headers: method === "GET" ? headers : { "X-Steward": "1", ...headers },
    });
  } catch (error) {
    if (error instanceof ApiError) error.message = sentence(error);
    throw error;
  }
}

/** @param {string} id */
const at = (id) => `/conversations/${encodeURIComponent(id)}`;

/** @returns {Promise<{agent: Agent}>} */
export const currentSession = () => call("GET", "/session");

/**
 * @param {string} email
 * @param {string} password
 * @returns {Promise<{agent: Agent}>}
 */
export const signIn = (email, password) => call("POST", "/session", { email, password });

/** @returns {Promise<void>} */
export const signOut = () => call("DELETE", "/session");

/** @returns {Promise<{providers: {name: string, url: string}[]}>} */
export const providers = () => call("GET", "/session/providers");

/**
 * @param {string} view one of queue, mine, open, resolved
 * @returns {Promise<{conversations: Card[]}>}
 */
export const listConversations = (view) => call("GET", `/conversations?view=${view}`);

/**
 * @param {string} id
 * @param {number} after the highest seq already held; 0 asks for all
 * @returns {Promise<{conversation: Card, messages: Message[], context: Context, notes?: Note[],
 *   viewers?: import("./types.js").Viewer[], read_seq?: number, marks?: import("./types.js").Mark[]}>}
 */
export const readConversation = (id, after) => call("GET", `${at(id)}?after=${after}`);

/**
 * Changes who owns a conversation or how; refused with 409 when `epoch` is not the current one.
 * @param {string} id
 * @param {string} move
 * @param {{epoch: number, [more: string]: unknown}} body
 * @returns {Promise<{conversation: Card}>}
 */
export const moveConversation = (id, move, body) => call("POST", `${at(id)}/${move}`, body);

/**
 * Stores a reply. The same key always means the same reply, however often it is sent.
 * @param {string} id
 * @param {{text?: string, files?: string[]}} reply words, files or both
 * @param {string} key
 * @returns {Promise<{seq: number}>}
 */
export const sendReply = (id, reply, key) =>
  call("POST", `${at(id)}/messages`, reply, { headers: { "Idempotency-Key": key } });

/**
 * Says that the agent has read up to `seq`.
 * @param {string} id
 * @param {number} seq
 * @returns {Promise<void>}
 */
export const sendRead = (id, seq) => call("POST", `${at(id)}/read`, { seq });

/** @returns {Promise<{agents: Colleague[], skills: string[]}>} */
export const team = () => call("GET", "/team");

/** @param {import("./types.js").Presence} state */
export const setPresence = (state) => call("PUT", "/presence", { state });

/** @returns {Promise<{warn_seconds: number, offer_seconds: number}>} */
export const settings = () => call("GET", "/settings");

/**
 * @param {string} id
 * @param {string} text
 * @param {string[]} mentions the ids of the colleagues meant
 * @returns {Promise<{note: Note}>}
 */
export const addNote = (id, text, mentions) => call("POST", `${at(id)}/notes`, { text, mentions });

/**
 * Says that the bot should have known the answer to a customer's message.
 * @param {string} id
 * @param {number} seq
 * @param {{answer_seq?: number, note?: string}} more what an agent answered
 */
export const markMissing = (id, seq, more) => call("POST", `${at(id)}/messages/${seq}/mark`, more);

/**
 * @param {string} id
 * @param {number} seq
 */
export const unmarkMissing = (id, seq) => call("DELETE", `${at(id)}/messages/${seq}/mark`);

/** @returns {Promise<{snippets: Snippet[]}>} */
export const snippets = () => call("GET", "/snippets");

/**
 * @param {{shortcut: string, title: string, text: string, shared: boolean}} snippet
 * @param {string} [id] the one to change; without it a new one is made
 * @returns {Promise<{snippet: Snippet}>}
 */
export const saveSnippet = (snippet, id) =>
  id ? call("PUT", `/snippets/${encodeURIComponent(id)}`, snippet) : call("POST", "/snippets", snippet);

/** @param {string} id */
export const deleteSnippet = (id) => call("DELETE", `/snippets/${encodeURIComponent(id)}`);

/**
 * @param {string} id
 * @returns {Promise<{suggestions: import("./types.js").Suggestion[]}>}
 */
export const suggestions = (id) => call("GET", `${at(id)}/suggestions`);

/**
 * @param {{q: string, state?: string, topic?: string, limit?: number}} wanted
 * @param {AbortSignal} signal
 * @returns {Promise<{results: import("./types.js").Found[]}>}
 */
export const search = ({ q, state, topic, limit = 30 }, signal) => {
  const query = new URLSearchParams({ q, limit: String(limit) });
  if (state) query.set("state", state);
  if (topic) query.set("topic", topic);
  return call("GET", `/search?${query}`, undefined, { signal });
};

/** @returns {Promise<{mentions: {note: Note & {conversation_id: string}, conversation: Card, read: boolean}[]}>} */
export const mentions = () => call("GET", "/mentions");

/** @param {string[]} notes the ids of the notes that were read */
export const readMentions = (notes) => call("POST", "/mentions/read", { notes });

/** @returns {Promise<{promises: import("./types.js").Promised[]}>} */
export const promises = () => call("GET", "/promises");

/**
 * Says that the customer has been reached in some other way.
 * @param {string} id
 * @param {number} epoch
 * @returns {Promise<{conversation: Card}>}
 */
export const promiseDone = (id, epoch) => call("POST", `${at(id)}/promise/done`, { epoch });

/** @returns {Promise<{shop: {name: string}}>} */
export const shop = () => request("GET", "/api/v1/widget");

/** @returns {Promise<import("./types.js").Product[]>} */
export const products = () => request("GET", "/api/v1/shop/products");

/**
 * Takes back a file that was not sent.
 * @param {string} id
 * @param {string} file
 */
export const dropFile = (id, file) => call("DELETE", `${at(id)}/files/${encodeURIComponent(file)}`);

/**
 * Uploads a file of a conversation.
 * @param {string} id
 * @param {File} file
 * @param {{progress: (share: number) => void, signal: AbortSignal}} watch
 * @returns {Promise<Attachment>}
 */
export function uploadFile(id, file, { progress, signal }) {
  // fetch tells nothing about how much has gone out.
  const upload = new XMLHttpRequest();
  return new Promise((done, failed) => {
    const fail = (/** @type {number} */ status, /** @type {any} */ fault) => {
      const error = new ApiError(status, fault?.code ?? "network", fault?.message ?? "");
      error.message = sentence(error);
      failed(error);
    };
    upload.open("POST", `${BASE}${at(id)}/files`);
    upload.responseType = "json";
    upload.setRequestHeader("X-Steward", "1");
    upload.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    upload.setRequestHeader("X-Filename", encodeURIComponent(file.name));
    upload.upload.addEventListener("progress", (event) => progress(event.loaded / (event.total || file.size || 1)));
    upload.addEventListener("load", () => {
      if (upload.status === 201) done(upload.response.file);
      else fail(upload.status, upload.response?.error);
    });
    upload.addEventListener("error", () => fail(0, null));
    signal.addEventListener("abort", () => upload.abort());
    upload.send(file);
  });
}
