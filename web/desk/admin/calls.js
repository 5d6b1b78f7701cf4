// @ts-check
/** The calls about accounts, sessions and the audit log. */
import { call } from "../api.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {import("./types.js").Invitation} Invitation */
/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").Entry} Entry */

/** @param {string} text */
const part = (text) => encodeURIComponent(text);

/** @returns {Promise<{agents: Account[], invitations: Invitation[], skills: string[]}>} */
export const accounts = () => call("GET", "/agents");

/**
 * @param {string} id
 * @param {Partial<Account>} change
 */
export const changeAccount = (id, change) => call("PATCH", `/agents/${part(id)}`, change);

/**
 * @param {string} id
 * @returns {Promise<{link: string|null, mailed: boolean, invitation: Invitation}>}
 */
export const resetPassword = (id) => call("POST", `/agents/${part(id)}/reset`);

/**
 * @param {{email: string, name: string, role: string, skills: string[]}} whom
 * @returns {Promise<{link: string|null, mailed: boolean, invitation: Invitation}>}
 */
export const invite = (whom) => call("POST", "/invitations", whom);

/** @param {string} id */
export const withdraw = (id) => call("DELETE", `/invitations/${part(id)}`);

/**
 * @param {string} token
 * @returns {Promise<import("./types.js").Welcome>}
 */
export const welcome = (token) => call("GET", `/join/${part(token)}`);

/**
 * @param {string} token
 * @param {{name: string, password: string}} who
 */
export const join = (token, who) => call("POST", `/join/${part(token)}`, who);

/**
 * @param {string} [agent] somebody else's, for administrators
 * @returns {Promise<{sessions: Session[]}>}
 */
export const sessions = (agent) => call("GET", agent ? `/sessions?agent=${part(agent)}` : "/sessions");

/** @param {string} id */
export const endSession = (id) => call("DELETE", `/sessions/${part(id)}`);

/**
 * @param {string} current
 * @param {string} wanted
 */
export const changePassword = (current, wanted) => call("PUT", "/password", { current, new: wanted });

/**
 * @param {number|null} before
 * @returns {Promise<{entries: Entry[], more: boolean}>}
 */
export const auditLog = (before) => call("GET", before ? `/audit?before=${before}` : "/audit");

/** @returns {Promise<{entries: number, hash: string, faults: string[]}>} */
export const auditCheck = () => call("GET", "/audit/check");
