// @ts-check
/** Small things that several parts of the page show. */
import { el, initials } from "../shared/dom.js";
import { sign } from "./icons.js";
import { percent } from "./labels.js";

/** @param {import("./labels.js").Sign} shown */
export const pill = (shown) =>
  el("span", { class: "pill", dataset: { tone: shown.tone } }, sign(shown.icon), shown.label);

/**
 * How sure the bot was, as a small bar with its number.
 * @param {number} probability
 */
export function confidence(probability) {
  const bar = el("span", { class: "meter-fill" });
  bar.style.inlineSize = percent(probability);
  return el(
    "span",
    { class: "sure", title: "How sure the bot was of its reading" },
    el("span", { class: "meter", "aria-hidden": "true" }, bar),
    percent(probability),
    el("span", { class: "visually-hidden", text: " sure" }),
  );
}

/**
 * A colleague's initials, with how they are when that is known.
 * @param {string} name
 * @param {import("./types.js").Presence} [presence]
 */
export const avatar = (name, presence) =>
  el(
    "span",
    { class: "avatar", "aria-hidden": "true" },
    initials(name),
    presence && el("span", { class: "presence-dot", dataset: { state: presence } }),
  );

/** @param {string} key */
export const kbd = (key) => el("kbd", { text: key });

/**
 * A round button with a sign alone; its label is also its tooltip, with the key that does the same.
 * @param {{label: string, icon: string, testid?: string, key?: string, class?: string, run?: () => void}} button
 * @param {Record<string, unknown>} [more]
 */
export const iconButton = ({ label, icon, testid, key, class: name = "", run }, more = {}) =>
  el(
    "button",
    {
      type: "button",
      class: `icon-button ${name}`.trim(),
      "aria-label": label,
      title: key ? `${label} (${key})` : label,
      ...(testid && { dataset: { testid } }),
      ...(run && { on: { click: run } }),
      ...more,
    },
    sign(icon),
  );

/**
 * A piece of a text with the words that were found marked; the marks count as JavaScript does.
 * @param {{text: string, marks: [number, number][]}} piece
 * @returns {(Node|string)[]}
 */
export function marked({ text, marks }) {
  let at = 0;
  const pieces = marks.flatMap(([from, to]) => {
    const before = text.slice(at, from);
    at = to;
    return [before, el("mark", { text: text.slice(from, to) })];
  });
  return [...pieces, text.slice(at)];
}
