// @ts-check
/**
 * The shapes that the desk service and this page exchange.
 *
 * @typedef {"queue"|"mine"|"open"|"resolved"} View
 * @typedef {{queue: number, mine: number}} Counts
 * @typedef {{id: string, name: string, email: string, role: string}} Agent
 * @typedef {"bot"|"queued"|"offered"|"agent"|"deferred"|"resolved"} State
 *
 * @typedef {object} Card
 * @property {string} id
 * @property {State} state
 * @property {number} epoch
 * @property {number} seq
 * @property {{id: string, name: string}|null} agent
 * @property {string|null} reason
 * @property {string|null} summary
 * @property {string|null} topic
 * @property {string[]} skus
 * @property {number|null} confidence
 * @property {string|null} queued_at
 * @property {number|null} waiting_seconds
 * @property {string} updated_at
 * @property {string|null} preview
 * @property {number|boolean} unread
 *
 * @typedef {object} Meta
 * @property {string} [act]
 * @property {string|null} [topic]
 * @property {string[]} [skus]
 * @property {number|null} [confidence]
 * @property {string[]} [sources]
 *
 * @typedef {object} Message
 * @property {number} seq
 * @property {string} id
 * @property {string} at
 * @property {"customer"|"bot"|"agent"|"system"} from
 * @property {string} text
 * @property {{title: string, payload: string}[]} [buttons]
 * @property {string} [image]
 * @property {Meta|null} [meta]
 * @property {string} [author] the agent's name, on messages from an agent
 *
 * @typedef {object} Evidence
 * @property {string|null} [topic]
 * @property {string[]} [skus]
 * @property {number|null} [confidence]
 * @property {number} [threshold]
 * @property {[string, number][]} [readings]
 * @property {string} [hazard]
 * @property {{text: string, similarity: number}|null} [nearest]
 * @property {string[]} [asked]
 *
 * @typedef {object} Context
 * @property {{reason: string, summary: string|null, evidence: Evidence|null}|null} handoff
 * @property {string|null} page
 * @property {string|null} locale
 * @property {string} created_at
 *
 * @typedef {object} Outgoing a reply on its way to the desk
 * @property {string} key
 * @property {string} text
 * @property {string} at
 * @property {"sending"|"failed"} status
 * @property {string} [error]
 * @property {boolean} [unheard] it failed because the desk could not be reached
 */
export {};
