// @ts-check
/** What the topics will be once the pending changes are applied, with what is new about them. Pure. */
import { plain } from "../words.js";

/** @typedef {import("../types.js").Change} Change */
/** @typedef {import("../types.js").Operation} Operation */
/** @typedef {import("../types.js").Topic} Topic */
/** @typedef {import("../types.js").TopicSummary} TopicSummary */

/**
 * @typedef {{text: string, state: "kept"|"added"|"removed", change: Change|null}} Example
 * @typedef {TopicSummary & {state: "kept"|"new"|"changed"|"going", more: number, less: number}} Listed `examples` are
 *   those of the files, of which `less` go and to which `more` come
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
 * @param {Readonly<Record<string, number>>} [labelled] how many labelled messages become examples, by topic
 * @returns {Listed[]}
 */
export function listed(topics, changes, labelled = {}) {
  const kept = topics.map((topic) => /** @type {Listed} */ ({ ...topic, state: "kept", more: 0, less: 0 }));
  const known = new Map(kept.map((topic) => [topic.name, topic]));
  for (const { operation } of changes) {
    for (const name of touched(operation)) {
      const topic = known.get(name);
      if (topic?.state === "kept") topic.state = "changed";
    }
    if (operation.kind === "create_topic") begin(known, operation.name, operation.title);
    if (operation.kind === "split_topic") begin(known, operation.into, operation.title);
    if (operation.kind === "rename_topic") {
      const topic = known.get(operation.name) ?? known.get(operation.to);
      if (topic) topic.title = operation.title;
    }
    for (const [name, count] of passed(operation, known))
      count > 0 ? more(known, name, count) : less(known, name, -count);
    if (operation.kind === "merge_topics") {
      for (const name of operation.names) {
        const topic = known.get(name);
        if (topic && name !== operation.into) topic.state = "going";
      }
    }
  }
  for (const [name, count] of Object.entries(labelled)) {
    more(known, name, count);
    const topic = known.get(name);
    if (topic?.state === "kept") topic.state = "changed";
  }
  return [...known.values()];
}

/**
 * How many examples come to topics and, below zero, go from them.
 * @param {Operation} operation
 * @param {ReadonlyMap<string, Listed>} known
 * @returns {[string, number][]}
 */
function passed(operation, known) {
  switch (operation.kind) {
    case "add_examples":
      return [[operation.topic, operation.texts.length]];
    case "remove_examples":
      return [[operation.topic, -operation.texts.length]];
    case "move_examples":
      return both(operation.source, operation.target, operation.texts.length);
    case "split_topic":
      return both(operation.name, operation.into, operation.texts.length);
    case "create_topic":
      return [[operation.name, operation.examples.length]];
    case "merge_topics":
      return operation.names.map((name) => {
        const { examples = 0, more = 0, less = 0 } = known.get(name) ?? {};
        return [operation.into, examples + more - less];
      });
    default:
      return [];
  }
}

/** @param {string} source @param {string} target @param {number} count @returns {[string, number][]} */
const both = (source, target, count) => [
  [source, -count],
  [target, count],
];

/** @param {ReadonlyMap<string, Listed>} known @param {string} name @param {number} count */
function more(known, name, count) {
  const topic = known.get(name);
  if (topic) topic.more += count;
}

/** @param {ReadonlyMap<string, Listed>} known @param {string} name @param {number} count */
function less(known, name, count) {
  const topic = known.get(name);
  if (topic) topic.less += count;
}

/**
 * @param {Map<string, Listed>} known
 * @param {string} name
 * @param {string} title
 */
function begin(known, name, title) {
  const before = known.get(name);
  if (before) before.state = "new";
  else
    known.set(name, {
      ...{ name, title, kind: "own", examples: 0, product_needed: false },
      ...{ state: "new", more: 0, less: 0 },
    });
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
      return { ...operation, kind: "own", examples: [], facts: "none" };
    if (operation.kind === "split_topic" && operation.into === name) {
      const { title, answer } = operation;
      return {
        ...{ name, title, kind: "own", product_needed: false, facts: "none" },
        ...{ examples: [], answer, answers: {}, buttons: [] },
      };
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

/** @typedef {import("../types.js").Fact} Fact */
/** @typedef {Fact & {state: "kept"|"changed"|"new"|"going", change: Change|null, base: Fact|null}} DraftedFact `base` is
 *   what the files have */

/**
 * What is true of a product once the pending changes are applied.
 * @param {import("../types.js").ProductFacts} product
 * @param {{topic: string, kind: import("../types.js").FactKind, whole: boolean}} sheet where it is not whole, facts that
 *   are not listed may be there all the same
 * @param {readonly Change[]} changes
 * @returns {DraftedFact[]}
 */
export function draftedFacts({ sku, facts }, { topic, kind, whole }, changes) {
  const drafted = facts.map(
    (fact) => /** @type {DraftedFact} */ ({ ...fact, state: "kept", change: null, base: fact }),
  );
  for (const change of changes) {
    const { operation } = change;
    if (operation.kind !== "set_fact" || operation.topic !== topic || operation.sku !== sku) continue;
    const { aspect = "", text, title, keywords } = operation;
    const fact = drafted.find((one) => one.aspect === aspect);
    if (!fact) {
      if (!whole || !text) continue;
      drafted.push({
        aspect,
        title: title || aspect,
        keywords: keywords ?? [],
        text,
        state: "new",
        change,
        base: null,
      });
    } else if (!text && kind === "aspects") Object.assign(fact, { state: "going", change });
    else {
      Object.assign(fact, { text, change, state: fact.base ? "changed" : "new" });
      if (title) fact.title = title;
      if (keywords?.length) fact.keywords = keywords;
    }
  }
  return drafted;
}

/**
 * The change that makes one fact of another; null where the files have it so already.
 * @param {{topic: string, sku: string, aspect: string, base: Fact|null}} place
 * @param {{text: string, title: string, keywords: string[]}} wanted
 * @returns {import("../types.js").SetFact|null}
 */
export function factChange({ topic, sku, aspect, base }, { text, title, keywords }) {
  const titled = title !== (base?.title ?? "");
  const worded = JSON.stringify(keywords) !== JSON.stringify(base?.keywords ?? []);
  if (base && !titled && !worded && text === base.text) return null;
  return {
    ...{ kind: "set_fact", topic, sku, aspect, text },
    ...(titled && { title }),
    ...(worded && { keywords }),
  };
}
