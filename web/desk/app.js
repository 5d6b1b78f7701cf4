// @ts-check
/** Puts the desk page together: sign-in or the desk, the address bar, keys, alerts. */
import { el, fill } from "../shared/dom.js";
import { DeskInbox, phone } from "./inbox/inbox.js";
import { loadPage, OPEN_PAGES, PAGES } from "./pages.js";
import { commandsOf } from "./shell/commands.js";
import { DeskAlerts } from "./shell/alerts.js";
import { Notifier } from "./shell/notify.js";
import { DeskOffers } from "./shell/offers.js";
import { DeskPalette } from "./shell/palette.js";
import { DeskRail } from "./shell/rail.js";
import { listenForKeys, makeHelp } from "./shell/shortcuts.js";
import { DeskSignIn, refusedBy } from "./shell/sign-in.js";
import { DeskToasts } from "./shell/toast.js";
import { VIEWS } from "./state/cards.js";
import { CHANGE } from "./state/change.js";
import { Desk } from "./state/desk.js";

/** @typedef {import("./types.js").View} View */

const desk = new Desk();
const toasts = new DeskToasts();
const help = makeHelp();
const palette = new DeskPalette((typed) => commandsOf(desk, doors, typed));
const notifier = new Notifier(desk, (id) => go(desk.cards.get(id)?.state === "agent" ? "mine" : "queue", id));

/** @type {{root: HTMLElement, rail: DeskRail, inbox: DeskInbox, offers: DeskOffers, page: HTMLElement}|null} */
let frame = null;
/** @type {{name: string, element: HTMLElement & {route?: (parts: string[]) => void}}|null} the page before the conversations */
let shown = null;

// Address bar: #/inbox/view/conversation, or #/page/…

/**
 * @param {View} view
 * @param {string|null} [id] what to open; undefined keeps what is open, null shows the list alone
 * @param {number|null} [seq] the message to show
 */
function go(view, id = desk.selected, seq = null) {
  if (!desk.may("answer")) return;
  const hash = id ? `#/inbox/${view}/${encodeURIComponent(id)}` : `#/inbox/${view}`;
  if (location.hash !== hash) history.pushState(null, "", hash);
  showInbox(view, id, seq);
}

function followAddress() {
  const [, name = "inbox", ...parts] = location.hash.split("/");
  if (!desk.agent) return;
  if (PAGES.some((page) => page.name === name && desk.may(page.permission))) {
    void showPage(name, parts);
    return;
  }
  if (!desk.may("answer")) {
    location.replace(`#/${PAGES.find((page) => !page.menu && desk.may(page.permission))?.name ?? "account"}`);
    return;
  }
  const view = VIEWS.find((candidate) => candidate === parts[0]);
  const id = parts[1] ? decodeURIComponent(parts[1]) : null;
  showInbox(view ?? "queue", id ?? (phone.matches || view ? null : desk.selected), null);
}

/**
 * @param {View} view
 * @param {string|null} id
 * @param {number|null} seq
 */
function showInbox(view, id, seq) {
  if (!frame) return;
  leavePage();
  frame.inbox.hidden = false;
  frame.inbox.setDrawer(false);
  desk.setInSight(true);
  desk.show(view, id, seq);
}

/**
 * @param {string} name
 * @param {string[]} parts
 */
async function showPage(name, parts) {
  if (routed(name, parts)) return;
  const module = await fetched(name);
  if (!module) return;
  const { default: Page, title } = module;
  // The address may have changed again, or said the same twice, while the page was fetched.
  if (!frame || location.hash.split("/")[1] !== name || routed(name, parts)) return;
  leavePage();
  frame.inbox.hidden = true;
  desk.setInSight(false);
  const element = new Page(desk);
  shown = { name, element };
  fill(frame.page, element);
  frame.page.hidden = false;
  frame.rail.setPage(name);
  notifier.setPage(title);
  element.route?.(parts);
  element.querySelector("h1")?.focus();
}

/**
 * Hands the address on to a page that is shown already.
 * @param {string} name
 * @param {string[]} parts
 */
function routed(name, parts) {
  if (shown?.name !== name) return false;
  shown.element.route?.(parts);
  return true;
}

/** A page's module; null, with a word to the agent, when it did not load. @param {string} name */
async function fetched(name) {
  try {
    return await loadPage(name);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    desk.notify({ text: "That page did not load. Check your connection.", tone: "bad" });
    return null;
  }
}

function leavePage() {
  if (!shown || !frame) return;
  shown = null;
  fill(frame.page);
  frame.page.hidden = true;
  frame.rail.setPage("");
  notifier.setPage("");
}

// What is in the document

/** @param {string} why */
async function showOutside(why) {
  leavePage();
  frame = null;
  help.close();
  palette.dialog.close();
  const [, name, ...parts] = location.hash.split("/");
  /** @type {HTMLElement & {route?: (parts: string[]) => void}} */
  let page = new DeskSignIn(desk, why || (name === "sign-in" ? refusedBy(parts[0]) : ""));
  const open = OPEN_PAGES.includes(name) ? await fetched(name) : null;
  if (open) page = new open.default(desk);
  document.body.append(toasts);
  putUp(page);
  page.route?.(parts);
}

function showDesk() {
  const rail = new DeskRail(desk, notifier, {
    go: (view) => go(view, phone.matches ? null : desk.selected),
    palette: () => palette.toggle(),
    help: openHelp,
  });
  const inbox = new DeskInbox(desk, go);
  const take = (/** @type {string} */ id) => void inbox.take(id);
  const offers = new DeskOffers(desk, take);
  const page = el("main", { class: "page", hidden: true });
  const stack = el("div", { class: "stack" }, offers, toasts);
  const root = el("div", { class: "desk" }, new DeskAlerts(desk, take), rail, inbox, page, stack);
  frame = { root, rail, inbox, offers, page };
  putUp(root);
  followAddress();
  inbox.list.heading.focus({ preventScroll: true });
}

/** @param {HTMLElement} node */
function putUp(node) {
  for (const child of [...document.body.children]) {
    if (child.classList.contains("desk") || child.tagName === "DESK-SIGN-IN" || child.hasAttribute("data-outside"))
      child.remove();
  }
  if (!node.classList.contains("desk")) node.dataset.outside = "";
  document.body.prepend(node);
}

function openHelp() {
  if (!help.open) help.showModal();
}

// Keys and commands

/** Runs an act of the conversations if they are on screen. @param {(inbox: DeskInbox) => boolean|void} act */
const inInbox = (act) => () => (frame && !frame.inbox.hidden ? act(frame.inbox) : false);

/** @param {(id: string) => void} act on the agent's own open conversation */
const onOwn = (act) => inInbox((inbox) => void (inbox.own && act(inbox.own.id)));

const doors = {
  go,
  page: (/** @type {string} */ name) => (location.hash = `#/${name}`),
  take: (/** @type {string} */ id) => void frame?.inbox.take(id),
  transfer: (/** @type {string} */ _id, wanted = "") => frame?.inbox.transferOpen(wanted),
  reply: () => frame?.inbox.reply(),
  note: () => frame?.inbox.note(),
  help: openHelp,
  insert: (/** @type {string} */ text) => {
    frame?.inbox.reply();
    frame?.inbox.conversation.composer?.insert(text);
  },
  search: (/** @type {string} */ query) => {
    if (frame?.inbox.hidden) go(desk.view);
    desk.search.look(query);
    frame?.inbox.list.focusSearch();
  },
};

listenForKeys(
  {
    j: inInbox((inbox) => inbox.moveFocus(1)),
    k: inInbox((inbox) => inbox.moveFocus(-1)),
    a: () => {
      const offer = frame?.offers.first;
      const meant = frame?.inbox.meant;
      if (offer && !(meant && desk.cards.takeable(meant))) void frame?.inbox.take(offer.id);
      else if (frame && !frame.inbox.hidden) frame.inbox.takeMeant();
    },
    d: () => {
      const offer = frame?.offers.first;
      if (offer) void desk.moves.decline(offer.id);
    },
    r: inInbox((inbox) => inbox.reply()),
    n: inInbox((inbox) => inbox.note()),
    t: inInbox((inbox) => inbox.transferOpen()),
    e: onOwn((id) => void desk.moves.resolve(id)),
    "Shift+E": inInbox((inbox) => inbox.conversation.moves.openReasons()),
    h: onOwn((id) => void desk.moves.toggleHold(id)),
    b: onOwn((id) => void desk.moves.giveBack(id)),
    u: () => void desk.undo(),
    i: inInbox((inbox) => inbox.toggleContext()),
    "/": inInbox((inbox) => inbox.list.focusSearch()),
    "?": openHelp,
    ...Object.fromEntries(VIEWS.map((view, index) => [String(index + 1), () => go(view)])),
    Escape: () => {
      if (!frame || help.open || document.querySelector("dialog[open], [popover]:popover-open")) return false;
      if (!frame.inbox.hidden) frame.inbox.escape();
      else if (desk.may("answer")) go(desk.view);
      else return false;
      return true;
    },
    Enter: (event) => (frame && !frame.inbox.hidden ? frame.inbox.enter(event) : false),
  },
  { k: () => void (frame && palette.toggle()) },
);

// Start

desk.addEventListener(CHANGE.session, (event) => {
  if (desk.agent) showDesk();
  else void showOutside(String(/** @type {CustomEvent} */ (event).detail ?? ""));
});
desk.addEventListener(CHANGE.notice, (event) => toasts.show(/** @type {CustomEvent} */ (event).detail));
desk.addEventListener(CHANGE.work, (event) => {
  const { kind, id } = /** @type {CustomEvent} */ (event).detail;
  if (kind === "undone") frame?.inbox.becomeMine(id);
});
window.addEventListener("hashchange", followAddress);
window.addEventListener("popstate", followAddress);
document.addEventListener("visibilitychange", () => desk.selected && desk.threads.markRead(desk.selected));
document.body.append(help, palette);
void desk.restore();
