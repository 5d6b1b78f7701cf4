// @ts-check
/** The calls of the operators' inbox. */
import { call } from "../../api.js";
import { query } from "./address.js";

/**
 * @param {import("./address.js").Filters} filters
 * @param {string|null} after
 * @param {AbortSignal} [signal]
 * @returns {Promise<import("./types.js").Listing>}
 */
export const list = (filters, after, signal) => call("GET", `/inbox?${query(filters, after)}`, undefined, { signal });

/**
 * @param {string} id
 * @returns {Promise<{item: import("./types.js").Item, transcript: import("./types.js").Said[]}>}
 */
export const item = (id) => call("GET", `/inbox/items/${encodeURIComponent(id)}`);

/**
 * @param {string[]} items
 * @param {import("./types.js").Decision} decision
 * @returns {Promise<{label: import("./types.js").Label}>}
 */
export const label = (items, decision) => call("POST", "/inbox/labels", { items, ...decision });

/** @param {string} id */
export const takeBack = (id) => call("DELETE", `/inbox/labels/${encodeURIComponent(id)}`);

/** Tells the colleagues which group is in front of this operator. @param {string|null} group */
export const focus = (group) => call("PUT", "/inbox/focus", { group });

/** @returns {Promise<{topics: import("./types.js").Topic[]}>} */
export const topics = () => call("GET", "/inbox/topics");
