// @ts-check
/**
 * The shapes that the desk service and this page exchange.
 *
 * @typedef {"queue"|"mine"|"due"|"open"|"resolved"} View
 * @typedef {{id: string, name: string}} Person
 * @typedef {{id: string, name: string, email: string, role: string, permissions?: string[]}} Agent
 * @typedef {"bot"|"queued"|"offered"|"agent"|"deferred"|"resolved"} State
 * @typedef {"online"|"away"|"offline"} Presence
 *
 * @typedef {object} Card
 * @property {string} id
 * @property {State} state
 * @property {number} epoch
 * @property {number} seq
 * @property {Person|null} agent
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
 * @property {string|null} [skill]
 * @property {boolean} [held] put on hold by its agent
 * @property {string|null} [resolution] why it was closed
 * @property {{agent: Person, until: string}|null} [offered]
 * @property {Person|null} [wanted_agent] for whom it waits
 * @property {string|null} [due_at] when the customer was promised an answer
 * @property {string|null} [first_response_due]
 * @property {string|null} [previous_id]
 * @property {string|null} [language]
 *
 * @typedef {object} Colleague
 * @property {string} id
 * @property {string} name
 * @property {string} role
 * @property {Presence} presence
 * @property {string[]} skills
 * @property {number} capacity
 * @property {number} load
 *
 * @typedef {Person & {typing?: boolean}} Viewer somebody else who has the conversation open
 *
 * @typedef {object} Meta
 * @property {string} [act]
 * @property {string|null} [topic]
 * @property {string[]} [skus]
 * @property {number|null} [confidence]
 * @property {string[]} [sources]
 *
 * @typedef {{id: string, name: string, type: string, size: number, url: string}} Attachment
 *
 * @typedef {object} Message
 * @property {number} seq
 * @property {string} id
 * @property {string} at
 * @property {"customer"|"bot"|"agent"|"system"} from
 * @property {string} text
 * @property {{title: string, payload: string}[]} [buttons]
 * @property {string} [image]
 * @property {Attachment[]} [attachments]
 * @property {Meta|null} [meta]
 * @property {string} [author] the agent's name, on messages from an agent
 *
 * @typedef {{id: string, at: string, author: Person, text: string, mentions: string[]}} Note
 * @typedef {{seq: number, by: Person, at?: string, answer_seq?: number|null}} Mark the bot should have known this
 *
 * @typedef {object} Snippet
 * @property {string} id
 * @property {string} shortcut
 * @property {string} title
 * @property {string} text
 * @property {boolean} shared
 * @property {boolean} mine
 * @property {boolean} builtin one that comes with the shop's words and is not changed here
 *
 * @typedef {{title: string, text: string, source: string}} Suggestion
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
 * @typedef {object} Packet what was known when a person was asked for
 * @property {string} wants the request in a paragraph
 * @property {{seq: number, text: string, topic: string|null, act: string|null, answered: boolean}[]} asked
 * @property {{what: string, value: string, seq: number}[]} told what need not be asked again
 * @property {{seq: number, act: string, topic: string|null, skus: string[], sources: string[]}[]} tried
 * @property {{id: string|null, name: string|null, email: string|null, verified: boolean}} customer
 * @property {{sku: string, name: string}[]} products
 * @property {{feeling: string, words: string[]}} sentiment
 * @property {string|null} language
 *
 * @typedef {object} Context
 * @property {{reason: string, summary: string|null, evidence: Evidence|null}|null} handoff
 * @property {string|null} page
 * @property {string|null} locale
 * @property {string} created_at
 * @property {Packet} packet
 * @property {{id: string, at: string, topic: string|null, summary: string|null, state: State}[]} [previous]
 *
 * @typedef {{conversation: Card, contact: {name: string|null, email: string|null, phone: string|null}|null,
 *   preferred: {from: string, until: string}|null, due_at: string, overdue: boolean}} Promised
 *
 * @typedef {{sku: string, name: string, price: string, stock: string, stock_state: string, image: string,
 *   category: string, summary: string}} Product
 *
 * @typedef {{conversation: Card, matches: {seq: number, at: string, from: string,
 *   snippet: {text: string, marks: [number, number][]}}[]}} Found
 *
 * @typedef {object} Outgoing a reply on its way to the desk
 * @property {string} key
 * @property {string} text
 * @property {string} at
 * @property {Attachment[]} [files]
 * @property {"sending"|"failed"} status
 * @property {string} [error]
 * @property {boolean} [unheard] it failed because the desk could not be reached
 */
export {};
