// @ts-check
/** The calls about topics, changes, conversations and models. */
import { call } from "../api.js";

/** @typedef {import("./types.js").Change} Change */
/** @typedef {import("./types.js").Operation} Operation */
/** @typedef {import("./types.js").Promotion} Promotion */
/** @typedef {import("./types.js").Shadow} Shadow */
/** @typedef {import("./types.js").Training} Training */

/** Milliseconds for what has the bot answer a whole conversation, or writes files. */
const PATIENCE = 120_000;
/** So many turns of a conversation can be said to the bot at once. */
export const MOST_TURNS = 60;

/** @param {string} text */
const part = (text) => encodeURIComponent(text);

/** @returns {Promise<import("./types.js").Review>} */
export const changes = () => call("GET", "/improve/changes");

/**
 * @param {Operation} operation
 * @returns {Promise<{change: Change}>}
 */
export const propose = (operation) => call("POST", "/improve/changes", { operation });

/** @param {string} id */
export const drop = (id) => call("DELETE", `/improve/changes/${part(id)}`);

/**
 * @param {string} message
 * @returns {Promise<{commit: string|null, files: string[]}>}
 */
export const apply = (message) =>
  call("POST", "/improve/changes/apply", message ? { message } : {}, { timeout: PATIENCE });

/** @returns {Promise<{topics: import("./types.js").TopicSummary[]}>} */
export const topics = () => call("GET", "/improve/topics");

/**
 * @param {string} name
 * @returns {Promise<{topic: import("./types.js").Topic}>}
 */
export const topic = (name) => call("GET", `/improve/topics/${part(name)}`);

/**
 * A page of a topic's facts, product by product.
 * @param {string} name
 * @param {{q: string, after: string}} wanted
 * @param {AbortSignal} signal
 * @returns {Promise<import("./types.js").FactPage>}
 */
export const topicFacts = (name, { q, after }, signal) =>
  call("GET", `/improve/topics/${part(name)}/facts?q=${part(q)}&after=${part(after)}`, undefined, { signal });

/** @returns {Promise<{conversations: import("./types.js").TestConversation[]}>} */
export const conversations = () => call("GET", "/improve/conversations");

/**
 * @param {"auto"|"jsonl"|"csv"|"story"|"text"} format
 * @param {string} content
 * @returns {Promise<{transcripts: import("./types.js").Transcript[]}>}
 */
export const readTranscripts = (format, content) =>
  call("POST", "/improve/transcripts", { format, content }, { timeout: PATIENCE });

/**
 * Conversations of the desk's; the newest where nothing is sought.
 * @param {string} sought
 * @param {AbortSignal} [signal]
 * @returns {Promise<{conversations: import("./types.js").PastConversation[]}>}
 */
export const pastConversations = (sought, signal) =>
  call("GET", `/improve/transcripts/conversations?q=${part(sought)}`, undefined, { signal });

/**
 * @param {string} id
 * @returns {Promise<{conversation: import("./types.js").PastConversation, transcript: import("./types.js").Transcript}>}
 */
export const pastTranscript = (id) => call("GET", `/improve/transcripts/conversations/${part(id)}`);

/**
 * Says the turns to the serving bot, as a customer nobody hears of: at most {@link MOST_TURNS}, the rest is left out.
 * @param {string[]} turns
 * @param {AbortSignal} [signal]
 * @returns {Promise<{turns: import("./types.js").Tried[]}>}
 */
export const tryTurns = (turns, signal) =>
  call("POST", "/improve/transcripts/try", { turns: turns.slice(0, MOST_TURNS) }, { timeout: PATIENCE, signal });

/** @returns {Promise<{trainings: Training[]}>} */
export const trainings = () => call("GET", "/improve/trainings");

/**
 * @param {string} id
 * @returns {Promise<{training: Training, log: string}>}
 */
export const training = (id) => call("GET", `/improve/trainings/${part(id)}`);

/** @returns {Promise<{training: Training}>} */
export const train = () => call("POST", "/improve/trainings", {});

/** @param {string} id */
export const cancelTraining = (id) => call("POST", `/improve/trainings/${part(id)}/cancel`);

/** @returns {Promise<import("./types.js").Models>} */
export const models = () => call("GET", "/improve/models");

/** @param {string} id */
export const reportAddress = (id) => `/api/v1/desk/improve/models/${part(id)}/report`;

/**
 * @param {string} id
 * @param {string} reason
 * @returns {Promise<{promotion: Promotion}>}
 */
export const promote = (id, reason) => call("POST", `/improve/models/${part(id)}/promote`, reason ? { reason } : {});

/**
 * @param {string} reason
 * @returns {Promise<{promotion: Promotion}>}
 */
export const rollBack = (reason) => call("POST", "/improve/rollback", reason ? { reason } : {});

/** @returns {Promise<Shadow>} */
export const shadow = () => call("GET", "/improve/shadow");

/** @param {string|null} model */
export const setShadow = (model) => call("PUT", "/improve/shadow", { model });
