// @ts-check
/** The calls about API keys and webhooks. */
import { call } from "../api.js";

/**
 * @typedef {object} Key
 * @property {string} id
 * @property {string} name
 * @property {string} prefix
 * @property {string[]} scopes
 * @property {"active"|"expired"|"revoked"} state
 * @property {string|null} expires_at
 * @property {string|null} last_used_at
 *
 * @typedef {object} Hook
 * @property {string} id
 * @property {string} kind
 * @property {string} url
 * @property {string} name
 * @property {string[]} events
 * @property {boolean} active
 * @property {"working"|"failing"|"off"|"new"} state
 * @property {number} waiting
 * @property {number} dead
 * @property {string|null} delivered_at
 * @property {string|null} error
 *
 * @typedef {object} Delivery
 * @property {number} id
 * @property {{id: string, type: string, at: string}} event
 * @property {"waiting"|"delivered"|"dead"} state
 * @property {number} attempts
 * @property {number|null} status
 * @property {string|null} error
 * @property {number|null} milliseconds
 */

/**
 * @typedef {object} Chatwoot
 * @property {string} base_url
 * @property {number} account_id
 * @property {number} inbox_id
 * @property {boolean} signed
 * @property {string} callback
 */

/** @param {string} text */
const part = (text) => encodeURIComponent(text);

/** @returns {Promise<{keys: Key[], scopes: {scope: string, title: string}[]}>} */
export const keys = () => call("GET", "/keys");

/**
 * @param {{name: string, scopes: string[], days: number|null}} wanted
 * @returns {Promise<{key: Key, token: string}>}
 */
export const makeKey = (wanted) => call("POST", "/keys", wanted);

/** @param {string} id */
export const revokeKey = (id) => call("DELETE", `/keys/${part(id)}`);

/** @returns {Promise<{webhooks: Hook[], events: {type: string, title: string}[]}>} */
export const hooks = () => call("GET", "/webhooks");

/**
 * @param {{url: string, name: string, events: string[]}} wanted
 * @returns {Promise<{webhook: Hook, secret: string}>}
 */
export const addHook = (wanted) => call("POST", "/webhooks", wanted);

/**
 * @param {string} id
 * @param {{active?: boolean, new_secret?: boolean}} change
 * @returns {Promise<{webhook: Hook, secret?: string}>}
 */
export const changeHook = (id, change) => call("PATCH", `/webhooks/${part(id)}`, change);

/** @param {string} id */
export const removeHook = (id) => call("DELETE", `/webhooks/${part(id)}`);

/** @param {string} id */
export const ping = (id) => call("POST", `/webhooks/${part(id)}/ping`);

/**
 * @param {string} id
 * @returns {Promise<{deliveries: Delivery[]}>}
 */
export const deliveries = (id) => call("GET", `/webhooks/${part(id)}/deliveries?limit=30`);

/**
 * @param {string} id
 * @param {number} delivery
 */
export const redeliver = (id, delivery) => call("POST", `/webhooks/${part(id)}/deliveries/${delivery}/redeliver`);

/** @returns {Promise<{chatwoot: Chatwoot|null, fixed: boolean}>} */
export const chatwoot = () => call("GET", "/bridges/chatwoot");

/** @param {{base_url: string, account_id: number, inbox_id: number, token: string|null, webhook_secret: string|null}} wanted */
export const setUpChatwoot = (wanted) => call("PUT", "/bridges/chatwoot", wanted);

export const removeChatwoot = () => call("DELETE", "/bridges/chatwoot");
