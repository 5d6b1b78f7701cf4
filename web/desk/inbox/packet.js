// @ts-check
/** The handoff packet: why a person, what they want, what was asked, said and tried already. */
import { el } from "../../shared/dom.js";
import { actLabel, feelingLabel, hazardLabel, reasonSign, topicLabel } from "../labels.js";
import { pill } from "../pieces.js";

/** @typedef {import("../types.js").Context} Context */

/**
 * @param {Context} context
 * @returns {Node[]}
 */
export function handoff({ handoff: given, packet }) {
  if (!given) return [el("p", { class: "quiet", text: "Nobody has been asked for. The bot is answering." })];
  const reason = reasonSign(given.reason);
  const hazard = given.evidence?.hazard;
  const { feeling, words } = packet.sentiment;
  return [
    el(
      "p",
      { class: "reason-line", dataset: { testid: "context-reason" } },
      reason && pill(reason),
      hazard ? el("strong", { class: "hazard", text: hazardLabel(hazard) }) : null,
      feeling !== "neutral" && el("span", { class: "tag", title: words.join(", "), text: feelingLabel(feeling) }),
    ),
    el("p", { class: "summary", dir: "auto", text: packet.wants || (given.summary ?? "") }),
    ...listed("What was asked", "asked", packet.asked.map(asked)),
    ...listed(
      "Said already",
      "told",
      packet.told.map(({ what, value }) => el("li", {}, el("span", { class: "quiet", text: what }), ` ${value}`)),
    ),
    ...listed("What the bot tried", "tried", packet.tried.map(attempt)),
  ];
}

/** @param {import("../types.js").Packet["asked"][number]} question */
const asked = ({ text, answered }) =>
  el(
    "li",
    { dir: "auto", dataset: { answered: String(answered) } },
    text,
    answered && el("span", { class: "quiet", text: " answered" }),
  );

/** @param {import("../types.js").Packet["tried"][number]} attempt */
const attempt = ({ act, topic, skus, sources }) =>
  el(
    "li",
    { title: sources.length ? `From ${sources.join(", ")}` : undefined },
    [actLabel(act), topic && topicLabel(topic)].filter(Boolean).join(": "),
    " ",
    ...skus.map((sku) => el("span", { class: "sku", text: sku })),
  );

/**
 * A list with its name; nothing when there is nothing in it.
 * @param {string} title
 * @param {string} name
 * @param {Node[]} items
 * @returns {Node[]}
 */
const listed = (title, name, items) =>
  items.length
    ? [el("p", { class: "part-label", text: title }), el("ol", { class: name, role: "list" }, ...items)]
    : [];
