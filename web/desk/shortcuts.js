// @ts-check
/** The keys of the desk: one table, read by the listener and by the help. */
import { el } from "../shared/dom.js";
import { sign } from "./icons.js";
import { recall, remember } from "./storage.js";

/** @type {[string[], string][]} */
const HELP = [
  [["J", "K"], "Next, previous conversation"],
  [["Enter"], "Open; once more accepts"],
  [["A"], "Accept, take over or reopen"],
  [["R"], "Write a reply"],
  [["Enter"], "Send (in the reply box)"],
  [["Ctrl", "Enter"], "Send as well"],
  [["Shift", "Enter"], "New line"],
  [["E"], "Resolve"],
  [["B"], "Return to the bot"],
  [["I"], "Show or hide the context"],
  [["1", "2", "3", "4"], "Queue, mine, all open, resolved"],
  [["Esc"], "Leave the reply box, close, go back"],
  [["?"], "This list"],
];

export const singleKeys = () => recall("keys", true);

/** @param {boolean} on */
export const setSingleKeys = (on) => remember("keys", on);

/**
 * Calls the handler of a pressed key. Keys that are letters do nothing while somebody is writing, with
 * a modifier held, or when the agent has switched them off.
 * @param {Record<string, (event: KeyboardEvent) => boolean|void>} handlers by `event.key`; one that returns
 *   false leaves the key to the browser
 */
export function listenForKeys(handlers) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const handler = handlers[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!handler) return;
    if (event.key !== "Escape") {
      if (isWriting(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
      if (event.key.length === 1 && !singleKeys()) return;
    }
    if (handler(event) !== false) event.preventDefault();
  });
}

/** @param {EventTarget|null} target */
function isWriting(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** The list of keys, as a dialog that is made once. */
export function makeHelp() {
  const rows = HELP.map(([keys, text]) =>
    el("div", { class: "key-row" }, el("dt", {}, ...keys.map((key) => el("kbd", { text: key }))), el("dd", { text })),
  );
  const dialog = el(
    "dialog",
    { class: "help", "aria-labelledby": "help-title", dataset: { testid: "shortcuts" } },
    el(
      "div",
      { class: "help-head" },
      el("h2", { id: "help-title", text: "Keyboard shortcuts" }),
      el("form", { method: "dialog" }, el("button", { class: "icon-button", "aria-label": "Close" }, sign("close"))),
    ),
    el("dl", {}, ...rows),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}
