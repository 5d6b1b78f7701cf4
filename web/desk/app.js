// @ts-check
/** Puts the desk page together: sign-in or panes, the address bar, keys, alerts. */
import { el, fill } from "../shared/dom.js";
import { DeskContextPane } from "./context-pane.js";
import { DeskConversation } from "./conversation.js";
import { CHANGE, Desk, VIEWS } from "./desk.js";
import { sign } from "./icons.js";
import { visitorName } from "./labels.js";
import { Notifier } from "./notify.js";
import { DeskQueueList } from "./queue-list.js";
import { DeskRail } from "./rail.js";
import { DeskSignIn } from "./session.js";
import { listenForKeys, makeHelp } from "./shortcuts.js";
import { DeskToasts } from "./toast.js";

/** @typedef {import("./types.js").View} View */

const LOST_SHOWN_AFTER_MS = 1_500;

const wide = matchMedia("(min-width: 1280px)");
const phone = matchMedia("(max-width: 767px)");

const desk = new Desk();
const toasts = new DeskToasts();
const help = makeHelp();
const notifier = new Notifier(desk, (id) => go(desk.cards.get(id)?.state === "agent" ? "mine" : "queue", id));

/** @type {{root: HTMLElement, list: DeskQueueList, conversation: DeskConversation, context: DeskContextPane, safety: HTMLElement, lost: HTMLElement}|null} */
let panes = null;
let lostSince = 0;

// Address bar: #/view/conversation

/**
 * @param {View} view
 * @param {string|null} [id]
 */
function go(view, id = null) {
  const hash = id ? `#/${view}/${encodeURIComponent(id)}` : `#/${view}`;
  if (location.hash === hash) return;
  location.hash = hash;
}

function followAddress() {
  const [, view, id] = location.hash.split("/");
  const known = VIEWS.find((candidate) => candidate === view) ?? "queue";
  setDrawer(false);
  desk.show(known, id ? decodeURIComponent(id) : phone.matches || view ? null : desk.selected);
}

// Panes

function showSignIn(/** @type {string} */ why) {
  panes = null;
  help.close();
  const page = new DeskSignIn(desk, why);
  document.body.append(toasts);
  document.querySelector("desk-sign-in, .desk")?.remove();
  document.body.prepend(page);
}

function showPanes() {
  const rail = new DeskRail(desk, notifier, {
    go: (view) => go(view, phone.matches ? null : desk.selected),
    help: openHelp,
  });
  const list = new DeskQueueList(desk, { open: (id) => openConversation(id), accept: (id) => void accept(id) });
  const conversation = new DeskConversation(desk, {
    accept: (id) => void accept(id),
    takeOver: (id) => void takeOver(id),
    back: () => go(desk.view),
    context: () => setDrawer(true),
    help: openHelp,
  });
  const context = new DeskContextPane(desk, () => setDrawer(false));
  const safety = el("div", {
    class: "safety-alert",
    role: "region",
    "aria-label": "Safety",
    hidden: true,
    dataset: { testid: "safety-alert" },
  });
  const lost = el("div", { class: "lost", role: "status", hidden: true, dataset: { testid: "connection-lost" } });
  const scrim = el("div", { class: "scrim", on: { click: () => setDrawer(false) } });
  const root = el("div", { class: "desk" }, safety, rail, list, conversation, scrim, context, lost, toasts);
  panes = { root, list, conversation, context, safety, lost };
  document.querySelector("desk-sign-in, .desk")?.remove();
  document.body.prepend(root);
  layout();
  followAddress();
  list.heading.focus({ preventScroll: true });
}

/** Marks what a small screen shows, and keeps a closed drawer out of reach. */
function layout() {
  if (!panes) return;
  panes.root.dataset.showing = desk.selected ? "conversation" : "list";
  const listAlone = phone.matches && !desk.selected;
  panes.list.setAttribute("role", listAlone ? "main" : "region");
  panes.conversation.setAttribute("role", listAlone ? "region" : "main");
  panes.context.inert = !wide.matches && panes.root.dataset.drawer !== "open";
  updateSafety();
}

/** @param {boolean} open */
function setDrawer(open) {
  if (!panes || (panes.root.dataset.drawer === "open") === open) return;
  panes.root.dataset.drawer = open ? "open" : "closed";
  layout();
  if (open) panes.context.querySelector("h2")?.focus();
  else if (!wide.matches) panes.root.querySelector(/** @type {"button"} */ (".context-toggle"))?.focus();
}

function openHelp() {
  if (!help.open) help.showModal();
}

// Acts of the agent

/** @param {string} id */
function openConversation(id) {
  go(desk.view, id);
  desk.show(desk.view, id);
  panes?.conversation.focusHeading();
}

/** @param {string} id */
async function accept(id) {
  if (!(await desk.accept(id))) return;
  becomeMine(id);
}

/** @param {string} id */
async function takeOver(id) {
  if (!(await desk.takeOver(id))) return;
  becomeMine(id);
}

/** @param {string} id */
function becomeMine(id) {
  go("mine", id);
  desk.show("mine", id);
  panes?.conversation.focusFoot();
}

/** The conversation that a key means: the focused card, else the open conversation. */
function meant() {
  const focused = document.activeElement?.closest("[data-testid=card]");
  const id = (focused instanceof HTMLElement ? focused.dataset.id : null) ?? desk.selected;
  return id ? desk.cards.get(id) : undefined;
}

/** @param {number} step */
function moveFocus(step) {
  if (!panes) return;
  const buttons = [...panes.list.querySelectorAll(/** @type {"button"} */ (".card-open"))];
  if (!buttons.length) return;
  const focused = document.activeElement?.closest("[data-testid=card]")?.querySelector(".card-open");
  const current = buttons.findIndex((button) =>
    focused ? button === focused : button.getAttribute("aria-current") === "true",
  );
  const next =
    current < 0 ? (step > 0 ? 0 : buttons.length - 1) : Math.min(Math.max(current + step, 0), buttons.length - 1);
  buttons[next].focus();
  buttons[next].closest("li")?.scrollIntoView({ block: "nearest" });
}

function actOnMeant() {
  const card = meant();
  if (!card) return;
  if (desk.belongs(card, "queue")) void accept(card.id);
  else if (card.state === "bot" || card.state === "resolved") void takeOver(card.id);
}

function escape() {
  if (!panes || help.open || document.querySelector("[popover]:popover-open")) return false;
  if (panes.root.dataset.drawer === "open") setDrawer(false);
  else if (document.activeElement instanceof HTMLTextAreaElement) panes.conversation.focusHeading();
  else if (desk.selected && phone.matches) go(desk.view);
  else if (desk.selected)
    panes.list.querySelector(/** @type {"button"} */ (`[data-id="${CSS.escape(desk.selected)}"] .card-open`))?.focus();
  return true;
}

listenForKeys({
  j: () => moveFocus(1),
  k: () => moveFocus(-1),
  a: actOnMeant,
  r: () => panes?.conversation.focusFoot(),
  e: () => {
    const card = desk.selected ? desk.cards.get(desk.selected) : undefined;
    if (card && desk.belongs(card, "mine")) void desk.resolve(card.id);
  },
  b: () => {
    const card = desk.selected ? desk.cards.get(desk.selected) : undefined;
    if (card && desk.belongs(card, "mine")) void desk.giveBack(card.id);
  },
  i: () => setDrawer(panes?.root.dataset.drawer !== "open"),
  "?": openHelp,
  1: () => go("queue", desk.selected),
  2: () => go("mine", desk.selected),
  3: () => go("open", desk.selected),
  4: () => go("resolved", desk.selected),
  Escape: escape,
  Enter: (event) => {
    const onOpenCard = event.target instanceof HTMLElement && event.target.matches(".card-open[aria-current]");
    const card = meant();
    const nowhere =
      event.target === document.body ||
      (event.target instanceof HTMLElement && event.target.matches(".conversation-name"));
    if (!card || !desk.belongs(card, "queue") || !(onOpenCard || nowhere)) return false;
    void accept(card.id);
    return true;
  },
});

// Alerts

/** A safety case that is waiting out of sight is put above everything. */
function updateSafety() {
  if (!panes) return;
  const waiting = desk.inView("queue").filter((card) => card.reason === "safety" && card.id !== desk.selected);
  const inSight = desk.view === "queue" && !(phone.matches && desk.selected);
  const card = inSight ? undefined : waiting[0];
  const { safety } = panes;
  safety.hidden = !card;
  if (!card || safety.dataset.conversation === card.id) return;
  safety.dataset.conversation = card.id;
  fill(
    safety,
    sign("alert"),
    el(
      "p",
      {},
      el("strong", { text: "Safety case waiting. " }),
      el("span", { dir: "auto", text: card.preview ?? visitorName(card.id) }),
    ),
    el("button", {
      type: "button",
      class: "button on-danger",
      text: "Accept",
      dataset: { testid: "safety-accept" },
      on: { click: () => void accept(card.id) },
    }),
  );
}

function updateConnection() {
  if (!panes) return;
  const { state, retryAt } = desk.connection;
  if (state === "open" || state === "closed") lostSince = 0;
  else if (!lostSince) lostSince = Date.now();
  const lost = lostSince > 0 && Date.now() - lostSince > LOST_SHOWN_AFTER_MS;
  const wasHidden = panes.lost.hidden;
  panes.lost.hidden = !lost;
  if (!lost) return;
  if (wasHidden) {
    fill(
      panes.lost,
      sign("offline"),
      el("p", {}, el("strong", { text: "Connection lost. " }), el("span", { class: "lost-when" })),
      el("button", {
        type: "button",
        class: "link-button",
        text: "Try now",
        on: { click: () => desk.socket.retryNow() },
      }),
    );
  }
  const seconds = retryAt ? Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
  const when = panes.lost.querySelector(".lost-when");
  if (when) when.textContent = seconds ? `Trying again in ${seconds} s` : "Trying again…";
}

// Start

desk.addEventListener(CHANGE.session, (event) => {
  if (desk.agent) showPanes();
  else showSignIn(String(/** @type {CustomEvent} */ (event).detail ?? ""));
});
desk.addEventListener(CHANGE.notice, (event) => toasts.show(/** @type {CustomEvent} */ (event).detail));
desk.addEventListener(CHANGE.selection, layout);
desk.addEventListener(CHANGE.cards, updateSafety);
desk.addEventListener(CHANGE.connection, updateConnection);
setInterval(updateConnection, 500);
wide.addEventListener("change", layout);
phone.addEventListener("change", layout);
window.addEventListener("hashchange", followAddress);
document.addEventListener("visibilitychange", () => desk.selected && desk.markRead(desk.selected));
document.body.append(help);
void desk.restore();
