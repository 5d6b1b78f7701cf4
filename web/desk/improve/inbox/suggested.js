// @ts-check
/** The topics that a group may be about, likeliest first: each has a number key. */

/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Item} Item */

const OUT_OF_SCOPE = "out_of_scope";
const MOST = 9;
const LEAST_SHARE = 0.03;
/** So many are offered however unlikely they are. */
const ALWAYS = 3;
/** Decisions with keys of their own, and what is no topic. */
const NO_TOPICS = new Set([OUT_OF_SCOPE, "nlu_fallback"]);

/**
 * What Enter decides; null when the service suggests nothing.
 * @param {Group} group
 * @returns {import("./types.js").Decision|null}
 */
export function suggestedDecision({ suggestion }) {
  if (!suggestion) return null;
  return suggestion.topic === OUT_OF_SCOPE ? { kind: OUT_OF_SCOPE } : { kind: "topic", topic: suggestion.topic };
}

/**
 * What the service suggests comes first, then what the bot itself had in mind, on average over the messages.
 * @param {Group} group
 * @param {Item[]} included the messages that the decision is about
 * @returns {{topic: string, share: number}[]} at most nine
 */
export function suggested({ suggestion }, included) {
  /** @type {Map<string, number>} */
  const shares = new Map();
  for (const { understood } of included)
    for (const [topic, share] of understood?.ranking ?? [])
      shares.set(topic, (shares.get(topic) ?? 0) + share / included.length);
  const first = suggestion && !NO_TOPICS.has(suggestion.topic) ? [suggestion] : [];
  const others = [...shares]
    .filter(([topic]) => topic !== first[0]?.topic && !NO_TOPICS.has(topic))
    .sort(([, one], [, other]) => other - one)
    .map(([topic, share]) => ({ topic, share }));
  return [...first, ...others]
    .filter(({ share }, index) => index < ALWAYS || share >= LEAST_SHARE)
    .slice(0, MOST)
    .map(({ topic, share }) => ({ topic, share }));
}
