// @ts-check
import { el } from "../shared/dom.js";

/**
 * Puts a text on the clipboard.
 * @param {string} text
 */
export async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Without a secure connection the browser offers the old way only; a dialog keeps the focus within itself.
  const place = document.querySelector("dialog[open]") ?? document.body;
  const field = el("textarea", { class: "visually-hidden", "aria-hidden": "true" });
  field.value = text;
  place.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
