// @ts-check
/** What the topics will be once the pending changes are applied, with what is new about them. Pure. */
import { plain } from "../words.js";

/** @typedef {import("../types.js").Change} Change */
/** @typedef {import("../types.js").Operation} Operation */
/** @typedef {import("../types.js").Topic} Topic */
/** @typedef {import("../types.js").TopicSummary} TopicSummary */

/**
 * @typedef {{text: string, state: "kept"|"added"|"removed", change: Change|null}} Example
 * @typedef {TopicSummary & {state: "kept"|"new"|"changed"|"going"}} Listed
 * @typedef {Omit<Topic, "examples"> & {examples: Example[], fresh: Set<string>, notes: Change[]}} Drafted `fresh`
 *   names what of the answer is pending ("answer", or a SKU), `notes` are the changes to the topic as a whole
 */

/** The topics that a change touches. @param {Operation} operation @returns {string[]} */
export function touched(operation) {
  switch (operation.kind) {
    case "move_examples":
      return [operation.source, operation.target];
    case "merge_topics":
      return [...operation.names, operation.into];
    case "rename_topic":
      return [operation.name, operation.to];
    case "split_topic":
      return [operation.name, operation.into];
    case "create_topic":
      return [operation.name];
    case "add_conversation":
    case "remove_conversation":
      return [];
    default:
      return [operation.topic];
  }
}

/**
 * @param {readonly TopicSummary[]} topics
 * @param {readonly Change[]} changes
 * @returns {Listed[]}
 */
export function listed(topics, changes) {
  const known = new Map(topics.map((topic) => [topic.name, /** @type {Listed} */ ({ ...topic, state: "kept" })]));
  for (const { operation } of changes) {
    for (const name of touched(operation)) {
      const topic = known.get(name);
      if (topic?.state === "kept") topic.state = "changed";
    }
    if (operation.kind === "create_topic") begin(known, operation.name, operation.title, operation.examples.length);
    if (operation.kind === "split_topic") begin(known, operation.into, operation.title, operation.texts.length);
    if (operation.kind === "rename_topic") {
      const topic = known.get(operation.name) ?? known.get(operation.to);
      if (topic) topic.title = operation.title;
    }
    if (operation.kind === "merge_topics") {
      for (const name of operation.names) {
        const topic = known.get(name);
        if (topic && name !== operation.into) topic.state = "going";
      }
    }
  }
  return [...known.values()];
}

/**
 * @param {Map<string, Listed>} known
 * @param {string} name
 * @param {string} title
 * @param {number} examples
 */
function begin(known, name, title, examples) {
  const before = known.get(name);
  if (before) before.state = "new";
  else known.set(name, { name, title, kind: "own", examples, product_needed: false, state: "new" });
}

/**
 * @param {string} name
 * @param {Topic|null} topic null when the files know none of that name
 * @param {readonly Change[]} changes
 * @returns {Drafted|null} null when the changes make none either
 */
export function drafted(name, topic, changes) {
  const start = topic ?? begun(name, changes);
  if (!start) return null;
  /** @type {Drafted} */
  const draft = {
    ...start,
    answers: { ...start.answers },
    examples: start.examples.map((text) => ({ text, state: "kept", change: null })),
    fresh: new Set(),
    notes: [],
  };
  for (const change of changes) lay(draft, change);
  return draft;
}

/** A topic that only a change makes. @param {string} name @param {readonly Change[]} changes @returns {Topic|null} */
function begun(name, changes) {
  for (const { operation } of changes) {
    if (operation.kind === "create_topic" && operation.name === name)
      return { ...operation, kind: "own", examples: [] };
    if (operation.kind === "split_topic" && operation.into === name) {
      const { title, answer } = operation;
      return { name, title, kind: "own", product_needed: false, examples: [], answer, answers: {}, buttons: [] };
    }
  }
  return null;
}

/** @param {Drafted} draft @param {Change} change */
function lay(draft, change) {
  const { operation } = change;
  const { name } = draft;
  if (operation.kind === "add_examples" && operation.topic === name) mark(draft, operation.texts, "added", change);
  if (operation.kind === "remove_examples" && operation.topic === name) mark(draft, operation.texts, "removed", change);
  if (operation.kind === "create_topic" && operation.name === name) mark(draft, operation.examples, "added", change);
  if (operation.kind === "move_examples") {
    if (operation.source === name) mark(draft, operation.texts, "removed", change);
    if (operation.target === name) mark(draft, operation.texts, "added", change);
  }
  if (operation.kind === "split_topic") {
    if (operation.name === name) mark(draft, operation.texts, "removed", change);
    if (operation.into === name) mark(draft, operation.texts, "added", change);
  }
  if (operation.kind === "set_answer" && operation.topic === name) {
    draft.answer = operation.text;
    draft.buttons = operation.buttons;
    draft.fresh.add("answer");
  }
  if (operation.kind === "set_fact" && operation.topic === name) {
    draft.answers[operation.sku] = operation.text;
    draft.fresh.add(operation.sku);
  }
  const whole = ["create_topic", "rename_topic", "merge_topics", "split_topic"].includes(operation.kind);
  if (whole && touched(operation).includes(name)) draft.notes.push(change);
}

/**
 * @param {Drafted} draft
 * @param {string[]} texts
 * @param {"added"|"removed"} state
 * @param {Change} change
 */
function mark(draft, texts, state, change) {
  for (const text of texts) {
    const before = draft.examples.find((example) => plain(example.text) === plain(text));
    if (before) Object.assign(before, { state, change });
    else draft.examples.unshift({ text, state, change });
  }
}
