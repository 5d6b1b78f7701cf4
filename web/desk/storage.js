// @ts-check
/**
 * What this browser remembers for the agent: drafts, replies on their way, what was read, and
 * switches. A browser that refuses storage costs the memory, never the page.
 */

const PREFIX = "steward.desk.";

/**
 * @template T
 * @param {string} name
 * @param {T} fallback
 * @returns {T}
 */
export function recall(name, fallback) {
  try {
    const stored = localStorage.getItem(PREFIX + name);
    return stored === null ? fallback : JSON.parse(stored);
  } catch {
    return fallback;
  }
}

/**
 * @param {string} name
 * @param {unknown} value `null` or `undefined` forgets it
 */
export function remember(name, value) {
  try {
    if (value === null || value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    return;
  }
}

/**
 * What one agent has not finished writing in one conversation: a reply and a note, each kept by itself.
 * @typedef {"reply"|"note"} Mode
 */
export const drafts = {
  /** @param {string} agent @param {string} conversation @param {Mode} [mode] @returns {string} */
  get: (agent, conversation, mode = "reply") => recall(draftName(agent, conversation, mode), ""),
  /** @param {string} agent @param {string} conversation @param {Mode} mode @param {string} text */
  set: (agent, conversation, mode, text) => remember(draftName(agent, conversation, mode), text.trim() ? text : null),
};

/** @param {string} agent @param {string} conversation @param {Mode} mode */
const draftName = (agent, conversation, mode) =>
  mode === "reply" ? `draft.${agent}.${conversation}` : `draft.${agent}.${conversation}.${mode}`;

/** Replies that the desk has not confirmed yet: they survive a reload and are sent again with the same key. */
export const unsent = {
  /** @param {string} agent @returns {Record<string, import("./types.js").Outgoing[]>} */
  all: (agent) => recall(`unsent.${agent}`, {}),
  /** @param {string} agent @param {Record<string, import("./types.js").Outgoing[]>} value */
  keep: (agent, value) => remember(`unsent.${agent}`, Object.keys(value).length ? value : null),
};
