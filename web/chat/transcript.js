// @ts-check
/** The conversation as a text file, for the customer to keep. */
import { el } from "../shared/dom.js";
import { dateAndTime } from "../shared/time.js";

/**
 * @param {{author: string, at: string, text: string}[]} lines
 * @param {string} title
 * @param {string} [locale]
 */
export function transcript(lines, title, locale) {
  const parts = lines.map((line) => `${line.author}, ${dateAndTime(line.at, locale)}\n${line.text}`);
  return `${[title, ...parts].join("\n\n")}\n`;
}

/**
 * Hand a text to the browser as a file.
 * @param {string} text
 * @param {string} name
 */
export function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
