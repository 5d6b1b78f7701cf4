// @ts-check
/** One conversation in the list. Made once, then kept up to date in place. */
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { ago, clock } from "../../shared/time.js";
import { sign } from "../icons.js";
import { languageName, reasonSign, skillLabel, stateSign, topicLabel, waitLevel, waitText } from "../labels.js";
import { confidence, pill } from "../pieces.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */

const HOME_LANGUAGE = document.documentElement.lang;

/**
 * @param {Card} card
 * @param {{open: (id: string) => void, accept: (id: string) => void}} actions
 */
export function makeCard({ id }, actions) {
  const open = el("button", {
    type: "button",
    class: "card-open",
    dataset: { testid: "card-open" },
    on: { click: () => actions.open(id) },
  });
  const accept = el("button", {
    type: "button",
    class: "button small card-accept",
    dataset: { testid: "card-accept" },
    text: "Accept",
    on: { click: () => actions.accept(id) },
  });
  return el(
    "li",
    { class: "card", dataset: { testid: "card", id } },
    el(
      "div",
      { class: "card-top" },
      el("span", { class: "card-sign" }),
      el("span", { class: "card-time" }, sign("clock", "icon"), el("span", { class: "figures" })),
    ),
    open,
    el("div", { class: "card-bottom" }, el("div", { class: "card-facts" }), accept),
  );
}

/**
 * @param {HTMLElement} node
 * @param {Card} card
 * @param {Desk} desk
 */
export function updateCard(node, card, desk) {
  const { view, cards } = desk;
  const waiting = cards.belongs(card, "queue");
  const unread = cards.unread(card);
  const shown = waiting ? (reasonSign(card.reason) ?? stateSign(card.state)) : ownerSign(card, desk);
  setAttribute(node, "data-reason", card.reason);
  setAttribute(node, "data-state", card.state);
  setAttribute(node, "data-safety", waiting && card.reason === "safety");
  setAttribute(node, "data-offered", cards.offeredToMe(card));
  setAttribute(node, "data-unread", view === "mine" && unread > 0);
  const open = part(node, ".card-open");
  setAttribute(open, "aria-current", card.id === desk.selected ? "true" : null);
  const words = card.preview || card.summary || "Nothing written yet";
  setText(open, words);
  setAttribute(open, "dir", "auto");
  const news = unread && view === "mine" ? `${unread} new` : "";
  const spoken = [shown.label, news, desk.nameOf(card.id), words].filter(Boolean).join(". ");
  setAttribute(open, "aria-label", spoken);
  updateSign(part(node, ".card-sign"), view === "mine" || view === "due" ? null : shown, card, unread, desk);
  updateFacts(part(node, ".card-facts"), card, desk);
  const accept = /** @type {HTMLButtonElement} */ (part(node, ".card-accept"));
  accept.hidden = !cards.takeable(card);
  accept.disabled = desk.moves.underWay.has(card.id);
  setAttribute(accept, "aria-label", `Accept ${desk.nameOf(card.id)}`);
}

/**
 * The parts of a card that change every second.
 * @param {HTMLElement} node
 * @param {Card} card
 * @param {Desk} desk
 */
export function tickCard(node, card, desk) {
  const time = part(node, ".card-time");
  const waiting = desk.cards.belongs(card, "queue");
  const seconds = desk.cards.waited(card);
  const slack = desk.cards.slack(card);
  const overdue = desk.cards.overdue(card);
  const measured = waiting || slack !== null;
  const level = measured ? waitLevel(seconds, slack, desk.warnSeconds) : overdue ? "late" : null;
  const words = waiting && (slack === null || level === "calm") ? waitText(seconds) : restWords(card, slack, overdue);
  setText(/** @type {Element} */ (time.lastElementChild), words);
  setAttribute(time, "data-level", level);
  setAttribute(time, "title", measured ? waitTitle(seconds, slack) : null);
}

/**
 * What matters of the time when it is not the wait alone.
 * @param {Card} card
 * @param {number|null} slack
 * @param {boolean} overdue
 */
function restWords(card, slack, overdue) {
  if (slack !== null) return slack > 0 ? `${waitText(slack)} left` : `${waitText(-slack)} late`;
  if (!card.due_at || card.state === "resolved") return ago(card.updated_at, "en");
  return `${overdue ? "Was due" : "Due"} ${when(card.due_at)}`;
}

/** @param {string} at */
function when(at) {
  const today = new Date(at).toDateString() === new Date().toDateString();
  return today
    ? clock(at)
    : new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/**
 * @param {number} seconds
 * @param {number|null} slack
 */
function waitTitle(seconds, slack) {
  if (slack === null) return `Waiting for ${waitText(seconds)}`;
  return slack > 0 ? `First answer due in ${waitText(slack)}` : `First answer was due ${waitText(-slack)} ago`;
}

/**
 * @param {Card} card
 * @param {Desk} desk
 */
function ownerSign(card, desk) {
  const state = stateSign(card.state);
  if (card.state !== "agent" || !card.agent) return state;
  return { ...state, label: card.agent.id === desk.agent?.id ? "With you" : card.agent.name };
}

/**
 * @param {HTMLElement} place
 * @param {import("../labels.js").Sign|null} shown what to show; null shows the customer's name
 * @param {Card} card
 * @param {number} unread
 * @param {Desk} desk
 */
function updateSign(place, shown, card, unread, desk) {
  const name = desk.nameOf(card.id);
  const mark = `${shown?.label ?? name} ${unread} ${card.held}`;
  if (place.dataset.mark === mark) return;
  place.dataset.mark = mark;
  const safety = reasonSign("safety");
  if (shown) fill(place, pill(shown));
  else
    fill(
      place,
      el("strong", { text: name }),
      card.reason === "safety" && safety && pill(safety),
      unread > 0 && el("span", { class: "new-count", text: `${unread} new` }),
    );
}

/**
 * @param {HTMLElement} place
 * @param {Card} card
 * @param {Desk} desk
 */
function updateFacts(place, card, desk) {
  const promise = desk.promises.get(card.id);
  const contact = promise?.contact;
  const reach = contact?.email ?? contact?.phone;
  const mark = JSON.stringify([card.topic, card.skus, card.confidence, card.summary, card.skill, card.language, reach]);
  if (place.dataset.mark === mark) return;
  place.dataset.mark = mark;
  const foreign = card.language && !card.language.startsWith(HOME_LANGUAGE);
  const facts = [
    card.skill && el("span", { class: "tag", title: "Waits for this skill", text: skillLabel(card.skill) }),
    foreign && el("span", { class: "tag", text: languageName(card.language?.split("-")[0]) }),
    reach && el("span", { class: "fact-reach", text: reach }),
    card.topic && card.topic !== card.reason && el("span", { text: topicLabel(card.topic) }),
    ...(card.skus ?? []).map((sku) => el("span", { class: "sku", text: sku })),
    !reach && card.confidence !== null && card.confidence !== undefined && confidence(card.confidence),
  ].filter(Boolean);
  fill(place, ...(facts.length ? facts : [card.summary && el("span", { text: card.summary })]));
}

/**
 * @param {HTMLElement} node
 * @param {string} selector
 */
const part = (node, selector) => /** @type {HTMLElement} */ (node.querySelector(selector));
