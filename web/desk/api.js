// @ts-check
/**
 * The desk's HTTP calls, one function each. Every refusal arrives as an ApiError whose message is a
 * sentence that an agent can read.
 */
import { ApiError, request } from "../shared/http.js";

/** @typedef {import("./types.js").Agent} Agent */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Counts} Counts */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Context} Context */
/** @typedef {import("./types.js").View} View */

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
  if (error.status === 404) return "That conversation no longer exists.";
  return `The desk answered with an error (${error.status}). Try again in a moment.`;
}

/** @param {number} seconds */
function wordedSeconds(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
async function call(method, path, body, headers = {}) {
  try {
    return await request(method, BASE + path, {
      body,
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

/**
 * @param {View} view
 * @returns {Promise<{conversations: Card[], counts: Counts}>}
 */
export const listConversations = (view) => call("GET", `/conversations?view=${view}`);

/**
 * @param {string} id
 * @param {number} after the highest seq already held; 0 asks for all
 * @returns {Promise<{conversation: Card, messages: Message[], context: Context}>}
 */
export const readConversation = (id, after) => call("GET", `${at(id)}?after=${after}`);

/**
 * Moves a conversation to another owner; refused with 409 when `epoch` is not the current one.
 * @param {string} id
 * @param {"accept"|"takeover"|"return"|"resolve"} move
 * @param {number} epoch
 * @returns {Promise<{conversation: Card}>}
 */
export const moveConversation = (id, move, epoch) => call("POST", `${at(id)}/${move}`, { epoch });

/**
 * Stores a reply. The same key always means the same reply, however often it is sent.
 * @param {string} id
 * @param {string} text
 * @param {string} key
 * @returns {Promise<{seq: number}>}
 */
export const sendReply = (id, text, key) => call("POST", `${at(id)}/messages`, { text }, { "Idempotency-Key": key });

/**
 * @param {string} id
 * @returns {Promise<void>}
 */
export const sendTyping = (id) => call("POST", `${at(id)}/typing`);
