// @ts-check
/** What one can choose by typing: a topic for a group, a product for its label. */
import { percent } from "../../labels.js";
import { quoted } from "./words.js";

/** @typedef {import("../../shell/palette.js").Command} Command */
/** @typedef {import("./model.js").Inbox} Inbox */

/**
 * All topics, the suggested ones first.
 * @param {Inbox} inbox
 * @param {{topic: string, share: number}[]} choices
 * @param {string} typed
 * @param {(title: string) => void} make opens the form of a new topic
 * @returns {Command[]}
 */
export function topicCommands(inbox, choices, typed, make) {
  const label = (/** @type {string} */ topic) => () => inbox.decide({ kind: "topic", topic });
  const suggested = new Set(choices.map(({ topic }) => topic));
  return [
    ...choices.map(({ topic, share }) => ({
      group: "Suggested",
      name: inbox.titleOf(topic),
      also: topic,
      hint: percent(share),
      icon: "spark",
      run: label(topic),
    })),
    ...inbox.topics
      .filter(({ name }) => !suggested.has(name))
      .map(({ name, title, own }) => ({
        group: "All topics",
        name: inbox.titleOf(name),
        also: `${name} ${title}`,
        hint: own ? "Your own topic" : "",
        icon: "chat",
        run: label(name),
      })),
    {
      group: "Something new",
      name: typed ? `New topic ${quoted(typed)}` : "New topic",
      icon: "plus",
      keys: "N",
      run: () => make(typed),
    },
  ];
}

/**
 * @param {Inbox} inbox
 * @returns {Command[]}
 */
export function productCommands(inbox) {
  const products = [...inbox.desk.products.bySku.values()];
  const chosen = inbox.group && inbox.product.get(inbox.group.id);
  const none = {
    group: "Product",
    name: "As the bot read it",
    hint: "No product named",
    icon: "bot",
    run: () => inbox.choose(""),
  };
  return [
    ...(chosen ? [none] : []),
    ...products.map(({ sku, name, category }) => ({
      group: "Product",
      name,
      hint: `${sku} · ${category}`,
      icon: "parcel",
      run: () => inbox.choose(sku),
    })),
  ];
}
