// @ts-check
/** The keys of the desk: one table, read by the listener and by the help. */
import { el } from "../../shared/dom.js";
import { kbd, iconButton } from "../pieces.js";
import { recall, remember } from "../storage.js";

/** @typedef {[string, [string[], string][]]} KeyGroup a heading, and under it keys with what they do */

/** @type {KeyGroup[]} */
const HELP = [
  [
    "Getting around",
    [
      [["Ctrl", "K"], "Find anything, do anything"],
      [["/"], "Search what was said"],
      [["J", "K"], "Next, previous conversation"],
      [["Enter"], "Open; once more accepts"],
      [["1", "–", "5"], "Queue, mine, due, all open, resolved"],
      [["I"], "Show or hide the context"],
      [["Esc"], "Leave the box, close, go back"],
      [["?"], "This list"],
    ],
  ],
  [
    "A conversation",
    [
      [["A"], "Accept, take over or reopen"],
      [["D"], "Decline what is offered"],
      [["R"], "Write a reply"],
      [["N"], "Write a private note"],
      [["T"], "Transfer"],
      [["H"], "Hold, or take off hold"],
      [["B"], "Return to the bot"],
      [["E"], "Resolve"],
      [["Shift", "E"], "Resolve with a reason"],
      [["U"], "Undo resolve or transfer"],
    ],
  ],
  [
    "Writing",
    [
      [["Enter"], "Send"],
      [["Shift", "Enter"], "New line"],
      [["/"], "Snippets"],
      [["@"], "Mention a colleague, in a note"],
      [["Alt", "1", "–", "3"], "Put in a suggested answer"],
    ],
  ],
];

const WRITTEN_IN = "input:not([type=checkbox]), textarea, select, [contenteditable]";

export const singleKeys = () => recall("keys", true);

/** @param {boolean} on */
export const setSingleKeys = (on) => remember("keys", on);

/** @typedef {Record<string, (event: KeyboardEvent) => boolean|void>} Handlers */

/**
 * Calls the handler of a pressed key. Keys that are letters do nothing while somebody is writing, with
 * a modifier held, or when the agent has switched them off; those of `chords` need Ctrl or Cmd and always
 * work.
 * @param {Handlers} handlers by `event.key`, "Shift+E" with the shift key; one that returns false leaves
 *   the key to the browser
 * @param {Handlers} chords by `event.key`
 * @param {AddEventListenerOptions} [options] a page that captures keys has them before the desk
 */
export function listenForKeys(handlers, chords, options) {
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      const chord = event.altKey || event.shiftKey ? undefined : chords[event.key.toLowerCase()];
      if (chord && chord(event) !== false) event.preventDefault();
      return;
    }
    if (event.altKey) return;
    const handler = handlers[nameOf(event)];
    if (!handler) return;
    if (event.key !== "Escape") {
      if (isWriting(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
      if (event.key.length === 1 && !singleKeys()) return;
    }
    if (handler(event) !== false) event.preventDefault();
  };
  document.addEventListener("keydown", pressed, options);
}

/** @param {KeyboardEvent} event */
function nameOf(event) {
  if (event.key.length > 1) return event.key;
  const letter = event.key.toLowerCase() !== event.key.toUpperCase();
  return letter && event.shiftKey ? `Shift+${event.key.toUpperCase()}` : event.key.toLowerCase();
}

/** @param {EventTarget|null} target */
function isWriting(target) {
  return target instanceof HTMLElement && target.matches(WRITTEN_IN);
}

/**
 * A list of keys, as a dialog that is made once.
 * @param {{name: string, groups: KeyGroup[]}} [list] the desk's own unless it is a page's
 */
export function makeHelp({ name, groups: keys } = { name: "shortcuts", groups: HELP }) {
  const titled = `${name}-title`;
  const groups = keys.map(([title, rows]) =>
    el("section", {}, el("h3", { text: title }), el("dl", {}, ...rows.map(([names, text]) => row(names, text)))),
  );
  const dialog = el(
    "dialog",
    { class: "sheet help", "aria-labelledby": titled, dataset: { testid: name } },
    el(
      "div",
      { class: "sheet-head" },
      el("h2", { id: titled, text: "Keyboard shortcuts" }),
      iconButton({ label: "Close", icon: "close", run: () => dialog.close() }),
    ),
    el("div", { class: "help-groups", tabindex: "0", role: "group", "aria-labelledby": titled }, ...groups),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

/**
 * @param {string[]} names
 * @param {string} text
 */
const row = (names, text) =>
  el(
    "div",
    { class: "key-row" },
    el("dt", {}, ...names.map((name) => (name === "–" ? el("span", { text: name }) : kbd(name)))),
    el("dd", { text }),
  );
