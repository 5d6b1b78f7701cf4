// @ts-check
import { recall, remember } from "../storage.js";

/** @typedef {"system"|"light"|"dark"} Theme */

/** @returns {Theme} */
export function theme() {
  const stored = recall("theme", /** @type {Theme} */ ("system"));
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** @param {Theme} wanted */
export function setTheme(wanted) {
  remember("theme", wanted === "system" ? null : wanted);
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}
