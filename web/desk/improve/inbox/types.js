// @ts-check
/**
 * The shapes that the operators' inbox and the desk service exchange.
 *
 * @typedef {import("../../types.js").Person} Person
 * @typedef {"unsure"|"handed_over"|"thumbs_down"|"rephrased"|"complaint"|"bot_error"|"no_answer"|"marked"} Why
 * @typedef {"topic"|"out_of_scope"|"ignore"} Kind
 * @typedef {"open"|"labelled"|"ignored"} ItemState
 *
 * @typedef {object} Label what an operator decided about some messages
 * @property {string} id
 * @property {Kind} kind
 * @property {string|null} [topic]
 * @property {string[]} [skus]
 * @property {Person} by
 * @property {string} at
 * @property {string[]} [items]
 * @property {boolean} [applied] whether its examples are in the bot's data already
 *
 * @typedef {object} Understood how the bot read a message
 * @property {string|null} topic
 * @property {number|null} confidence
 * @property {number|null} threshold
 * @property {[string, number][]} ranking
 * @property {{text: string, intent: string|null, similarity: number}|null} nearest
 * @property {string[]} skus
 * @property {string|null} act
 * @property {string|null} [hazard]
 * @property {string|null} [language]
 * @property {string|null} [model]
 *
 * @typedef {object} Item a customer's message that something was wrong with
 * @property {string} id
 * @property {string} conversation_id
 * @property {number} seq
 * @property {string} at
 * @property {string} text
 * @property {Why[]} why
 * @property {Understood|null} understood
 * @property {{from: string, text: string, at: string}[]} after
 * @property {string|null} agent_answer
 * @property {{state: string, reason: string|null}|null} outcome
 * @property {Label|null} label
 * @property {string|null} note
 *
 * @typedef {object} Group messages that are alike, so that they are one decision
 * @property {string} id
 * @property {number} size
 * @property {string} text
 * @property {string} latest_at
 * @property {Why[]} whys
 * @property {{topic: string, share: number, nearest?: string|null}|null} suggestion
 * @property {Item[]} items at most twenty of them
 * @property {string[]} [item_ids] all of them
 * @property {Person[]} focus who works on it now
 * @property {Label|null} [label] the one decision about it, among what is decided
 * @property {Taken} [taken] a colleague has labelled all of it while it was shown
 *
 * @typedef {{by: string, label: Label|null}} Taken
 * @typedef {{open: number, by_why: Partial<Record<Why, number>>}} Counts
 * @typedef {{groups: Group[], counts: Counts, next: string|null}} Listing
 * @typedef {{name: string, title: string, own: boolean}} Topic
 * @typedef {{kind: Kind, topic?: string, skus?: string[]}} Decision
 * @typedef {{seq: number, from: string, text: string, at: string, meta?: import("../../types.js").Meta|null}} Said
 */
export {};
