// @ts-check
/**
 * The shapes that the improve pages exchange with the service.
 *
 * @typedef {{id: string|null, name: string}} Who
 * @typedef {{title: string, payload: string}} ReplyButton
 *
 * @typedef {"built_in"|"own"|"control"} TopicKind
 * @typedef {{name: string, title: string, kind: TopicKind, examples: number, product_needed: boolean}} TopicSummary
 *
 * @typedef {object} Topic
 * @property {string} name
 * @property {string} title
 * @property {TopicKind} kind
 * @property {boolean} product_needed
 * @property {string[]} examples
 * @property {string|null} answer null where code answers
 * @property {Record<string, string>} answers by SKU
 * @property {ReplyButton[]} buttons
 * @property {FactKind} facts of what kind its facts are, beside `answers`
 *
 * @typedef {"aspects"|"cells"|"none"} FactKind aspects may come and go, cells of a table are always there
 * @typedef {{aspect: string, title: string, keywords: string[], text: string}} Fact
 * @typedef {{sku: string, name: string, facts: Fact[]}} ProductFacts without sku and name those about the shop
 * @typedef {{kind: FactKind, path: string, products: ProductFacts[], total: number, next: string|null}} FactPage
 * @typedef {{kind: "set_fact", topic: string, sku: string, text: string, aspect?: string, title?: string,
 *   keywords?: string[]}} SetFact
 *
 * @typedef {{text: string, topic: string|null, skus: string[], act: string|null}} Expected a customer's turn with
 *   what the bot has to make of it
 * @typedef {{name: string, source: string, turns: Expected[]}} TestConversation
 *
 * @typedef {{kind: "add_examples", topic: string, texts: string[]}
 *   | {kind: "remove_examples", topic: string, texts: string[]}
 *   | {kind: "move_examples", source: string, target: string, texts: string[]}
 *   | {kind: "create_topic", name: string, title: string, examples: string[], answer: string,
 *      product_needed: boolean, answers: Record<string, string>, buttons: ReplyButton[]}
 *   | {kind: "rename_topic", name: string, to: string, title: string}
 *   | {kind: "merge_topics", names: string[], into: string}
 *   | {kind: "split_topic", name: string, into: string, title: string, texts: string[], answer: string}
 *   | {kind: "set_answer", topic: string, text: string, buttons: ReplyButton[]}
 *   | SetFact
 *   | {kind: "add_conversation", name: string, turns: Expected[], source: string}
 *   | {kind: "remove_conversation", name: string}} Operation
 *
 * @typedef {{id: string, kind: string, summary: string, by: Who, at: string, operation: Operation,
 *   problem: string|null}} Change `problem` says why the files do not allow it any more
 * @typedef {{text: string, path?: string|null, line?: number|null}} Warning
 * @typedef {object} Review what is to be reviewed before it is applied
 * @property {Change[]} changes
 * @property {{examples: number, topics: Record<string, number>}} labels of the inbox that become examples, in all and by topic
 * @property {{path: string, text: string}[]} diff
 * @property {Warning[]} warnings
 * @property {{branch: string|null, dirty: string[]}|null} git
 * @property {boolean} writable
 *
 * @typedef {{from: "customer"|"agent"|"bot", text: string}} Line
 * @typedef {{title: string, turns: Line[], source?: string}} Transcript `source` is what a test of it says it is from
 * @typedef {object} PastConversation a conversation of the desk's; `messages` are the customer's
 * @property {string} id
 * @property {string} title
 * @property {string} at
 * @property {string} state
 * @property {string|null} reason
 * @property {number} messages
 * @property {{text: string, marks: [number, number][]}|null} piece where the words stand that were sought
 * @typedef {Expected & {confidence: number|null, reply: string, topics: string[], acts: string[]}} Tried what the
 *   serving bot made of a turn; a message with several questions has several topics
 *
 * @typedef {object} Training
 * @property {string} id
 * @property {"running"|"done"|"failed"|"cancelled"} state
 * @property {string} stage
 * @property {number} progress from 0 to 1
 * @property {string} text
 * @property {string} started_at
 * @property {string|null} ended_at
 * @property {Who} by
 * @property {string|null} model
 *
 * @typedef {{accuracy: number, low: number, high: number, examples: number, topics: number, threshold: number,
 *   coverage: number}} Figures
 * @typedef {{code: string, text: string, overridable_by: string}} Reason
 * @typedef {{at: string, by: string, reason: string, kind: "promote"|"rollback"|"first"}} Promoted
 * @typedef {object} Model
 * @property {string} id
 * @property {string} trained_at
 * @property {string} by
 * @property {string|null} data_commit
 * @property {boolean} fits_data
 * @property {boolean} serving
 * @property {boolean} shadow
 * @property {number} seconds
 * @property {number} size in bytes
 * @property {boolean} report whether there is one
 * @property {Figures|null} figures
 * @property {{passed: boolean, reasons: Reason[]}|null} gate null where nobody judged it
 * @property {Promoted[]} promotions
 *
 * @typedef {"starting"|"warming"|"probing"|"switched"|"draining"|"done"|"failed"} PromotionState
 * @typedef {{request: string, model: string, kind: "promote"|"rollback"|"first", state: PromotionState, text: string,
 *   at: string, asked_at: string}} Promotion
 * @typedef {{models: Model[], serving: string|null, previous: string|null, promotion: Promotion|null,
 *   managed: boolean,
 *   facts: {since: string, faults: string[], count: number}}} Models
 *
 * @typedef {{topic: string|null, skus: string[], confidence: number|null}} Reading
 * @typedef {{at: string, text: string, conversation_id: string, serving: Reading, candidate: Reading}} Difference
 * @typedef {object} Shadow
 * @property {string|null} model the one that is to read along
 * @property {"off"|"starting"|"reading"} state
 * @property {string} text why it does not read, where it should
 * @property {string|null} since
 * @property {number} seen
 * @property {number} dropped
 * @property {number} different
 * @property {Difference[]} differences the newest of them
 */
export {};
