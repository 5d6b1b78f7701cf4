// @ts-check
/** One customer's message: what the bot made of it, and what happened next. */
import { el } from "../../../shared/dom.js";
import { ago, clock, dateAndTime } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { readings } from "../../inbox/evidence.js";
import { actLabel, hazardLabel, languageName, reasonSign, stateSign } from "../../labels.js";
import { confidence, kbd, pill } from "../../pieces.js";
import { authorOf, labelWords, whySign } from "./words.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Understood} Understood */

/**
 * @typedef {object} Shown how a message stands in its group
 * @property {boolean} alone the group has no other
 * @property {boolean} included
 * @property {boolean} current its evidence is open
 * @property {boolean} open it can be decided
 * @property {(topic: string) => string} titleOf
 */

/**
 * @param {Item} item
 * @param {Shown} shown
 * @param {{toggle: () => void, open: () => void, transcript: () => void, reopen: (() => void)|null,
 *   answer: (() => void)|null}} actions
 */
export function messageCard(item, shown, actions) {
  const { alone, included, current } = shown;
  const more = `evidence-${item.id}`;
  return el(
    "li",
    {
      class: "said",
      dataset: { testid: "inbox-item", key: item.id, out: String(!included), open: String(current) },
    },
    !alone && row(item, shown, actions, more),
    current && el("div", { class: "said-more", id: more }, understood(item, shown), next(item, shown, actions)),
  );
}

/**
 * @param {Item} item
 * @param {Shown} shown
 * @param {{toggle: () => void, open: () => void}} actions
 * @param {string} more
 */
function row(item, { included, current, open }, actions, more) {
  const box = el("input", {
    type: "checkbox",
    "aria-label": `Included: ${item.text}`,
    dataset: { testid: "inbox-include" },
    on: { change: actions.toggle },
  });
  box.checked = included;
  return el(
    "div",
    { class: "said-row" },
    open && box,
    el(
      "button",
      {
        type: "button",
        class: "said-text",
        "aria-expanded": String(current),
        "aria-controls": current ? more : null,
        on: { click: actions.open },
      },
      el("span", { dir: "auto", text: item.text }),
    ),
    el(
      "span",
      { class: "said-aside" },
      ...item.why.map((why) => pill(whySign(why))),
      item.understood?.confidence != null && confidence(item.understood.confidence),
    ),
    sign("caret", "icon said-caret"),
  );
}

/**
 * @param {Item} item
 * @param {Shown} shown
 */
function understood({ understood: read, note }, { titleOf }) {
  if (!read?.ranking.length)
    return part(
      "What the bot understood",
      el("p", { class: "quiet", text: "Nothing that is known." }),
      note && el("p", { class: "context-note", dir: "auto", text: note }),
    );
  const { ranking, nearest, threshold, skus, act, hazard, language, model } = read;
  const shown = readings({ readings: ranking, nearest, threshold: threshold ?? undefined }, titleOf);
  return part(
    "What the bot understood",
    ...shown,
    el(
      "p",
      { class: "said-facts" },
      act && el("span", { class: "tag", text: actLabel(act) }),
      ...skus.map((sku) => el("span", { class: "sku", text: sku })),
      hazard && el("span", { class: "tag", text: hazardLabel(hazard) }),
      language && language !== "en" && el("span", { class: "tag", text: languageName(language) }),
      model && el("span", { class: "quiet" }, "by model ", el("span", { class: "mono", text: model.slice(0, 7) })),
    ),
    note && el("p", { class: "context-note", dir: "auto", text: note }),
  );
}

/**
 * @param {Item} item
 * @param {Shown} shown
 * @param {{transcript: () => void, reopen: (() => void)|null,
 *   answer: (() => void)|null}} actions
 */
function next({ after, agent_answer: answer, outcome, label, at }, { titleOf }, { transcript, reopen, answer: use }) {
  const lines = after.filter(({ from, text }) => !(from === "agent" && text === answer));
  return part(
    "What happened next",
    lines.length > 0 && el("ol", { class: "after", role: "list" }, ...lines.map(line)),
    answer &&
      el(
        "figure",
        { class: "answered" },
        el("figcaption", {}, sign("person"), "The agent answered"),
        el("blockquote", { dir: "auto", text: answer }),
        use &&
          el("button", {
            type: "button",
            class: "link-button",
            text: "Let the bot answer this",
            title: "Make a topic of it with this answer",
            dataset: { testid: "inbox-use-answer" },
            on: { click: use },
          }),
      ),
    !lines.length && !answer && el("p", { class: "quiet", text: "The customer wrote nothing more." }),
    el(
      "p",
      { class: "said-facts" },
      outcome && pill(stateSign(outcome.state)),
      outcome?.reason && el("span", { class: "quiet", text: reasonSign(outcome.reason)?.label ?? "" }),
      el("time", { class: "quiet", datetime: at, title: dateAndTime(at), text: ago(at, "en") }),
    ),
    label &&
      el(
        "p",
        { class: "decided" },
        sign("check"),
        el("strong", { text: labelWords(label, titleOf) }),
        ` by ${label.by.name}, ${ago(label.at, "en")}`,
        label.applied && el("span", { class: "tag", text: "In the bot’s data" }),
      ),
    el(
      "p",
      { class: "said-doors" },
      el(
        "button",
        { type: "button", class: "button small", dataset: { testid: "inbox-transcript" }, on: { click: transcript } },
        sign("chat"),
        "Whole conversation",
        kbd("V"),
      ),
      reopen &&
        el(
          "button",
          { type: "button", class: "button small", dataset: { testid: "inbox-reopen" }, on: { click: reopen } },
          sign("undo"),
          "Take the label back",
        ),
    ),
  );
}

/** @param {{from: string, text: string, at: string}} said */
const line = ({ from, text, at }) =>
  el(
    "li",
    { dataset: { from } },
    el("span", { class: "after-from", text: authorOf(from), title: clock(at) }),
    el("span", { class: "after-text", dir: "auto", text }),
  );

/**
 * @param {string} name
 * @param {...import("../../../shared/dom.js").Child} children
 */
const part = (name, ...children) => el("section", { class: "said-part" }, el("h3", { text: name }), ...children);
