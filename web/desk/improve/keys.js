// @ts-check
/** The keys of an improve page: those that all of them have, and its own. */
import { listenForKeys, makeHelp } from "../shell/shortcuts.js";
import { openChanges } from "./changes-drawer.js";
import { changesOf } from "./changes.js";

/** @typedef {import("../shell/shortcuts.js").KeyGroup} KeyGroup */

/** @type {KeyGroup} */
const COMMON = [
  "Everywhere here",
  [
    [["C"], "Review the changes"],
    [["U"], "Take your last change back"],
    [["Ctrl", "K"], "Find any page"],
    [["?"], "This list"],
  ],
];

/**
 * Listens while the page is in the document, before the desk's own keys.
 * @param {import("../part.js").Part & {desk: import("../state/desk.js").Desk}} page
 * @param {string} name
 * @param {KeyGroup[]} groups
 * @param {import("../shell/shortcuts.js").Handlers} [handlers]
 */
export function pageKeys(page, name, groups, handlers = {}) {
  const help = makeHelp({ name: `${name}-help`, groups: [...groups, COMMON] });
  page.append(help);
  const own = {
    c: () => openChanges(page.desk),
    u: () => void changesOf(page.desk).dropLast(),
    "?": () => help.showModal(),
    ...handlers,
  };
  listenForKeys(own, {}, { signal: page.life?.signal, capture: true });
}
