// @ts-check
/** A unified diff as a table that reads like the file, with the words that differ marked. */
import { el } from "../../shared/dom.js";

/** @typedef {{kind: "same"|"added"|"removed"|"gap", before: number|null, after: number|null, text: string,
 *   marked?: [number, number]}} Row `marked` is the part of the text that differs from its counterpart */

const SIGNS = { added: "+", removed: "−", same: "", gap: "" };
const SPOKEN = { added: "Added: ", removed: "Removed: ", same: "", gap: "" };
const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/u;

/**
 * The rows of a unified diff of one file, without its head.
 * @param {string} diff
 * @returns {Row[]}
 */
export function rowsOf(diff) {
  /** @type {Row[]} */
  const rows = [];
  let before = 0;
  let after = 0;
  let within = false;
  for (const line of diff.replace(/\n$/u, "").split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      if (within) rows.push({ kind: "gap", before: null, after: null, text: "" });
      [before, after, within] = [Number(hunk[1]), Number(hunk[2]), true];
    } else if (!within || line.startsWith("\\")) continue;
    else if (line.startsWith("+")) rows.push({ kind: "added", before: null, after: after++, text: line.slice(1) });
    else if (line.startsWith("-")) rows.push({ kind: "removed", before: before++, after: null, text: line.slice(1) });
    else rows.push({ kind: "same", before: before++, after: after++, text: line.slice(1) });
  }
  return marked(rows);
}

/** How many lines come and go. @param {readonly Row[]} rows */
export const balance = (rows) => ({
  added: rows.filter((row) => row.kind === "added").length,
  removed: rows.filter((row) => row.kind === "removed").length,
});

/**
 * Marks what differs where as many lines come as go: those are lines that were changed.
 * @param {Row[]} rows
 */
function marked(rows) {
  for (let at = 0; at < rows.length; at += 1) {
    if (rows[at].kind !== "removed") continue;
    const gone = run(rows, at, "removed");
    const come = run(rows, at + gone, "added");
    if (gone === come) for (let step = 0; step < gone; step += 1) mark(rows[at + step], rows[at + gone + step]);
    at += gone + come - 1;
  }
  return rows;
}

/** How many rows from here on are of a kind. @param {Row[]} rows @param {number} from @param {Row["kind"]} kind */
function run(rows, from, kind) {
  let at = from;
  while (rows[at]?.kind === kind) at += 1;
  return at - from;
}

/** @param {Row} old @param {Row} young */
function mark(old, young) {
  const most = Math.min(old.text.length, young.text.length);
  let head = 0;
  while (head < most && old.text[head] === young.text[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.text.at(-1 - tail) === young.text.at(-1 - tail)) tail += 1;
  if (!head && !tail) return;
  old.marked = [head, old.text.length - tail];
  young.marked = [head, young.text.length - tail];
}

/**
 * @param {{path: string, text: string}} file
 * @returns {HTMLElement}
 */
export function diffOf({ path, text }) {
  const rows = rowsOf(text);
  const { added, removed } = balance(rows);
  return el(
    "details",
    { class: "diff", open: rows.length <= 60, dataset: { testid: "diff", path } },
    el(
      "summary",
      {},
      el("span", { class: "mono diff-path", text: path }),
      el("span", { class: "diff-count figures", dataset: { kind: "added" }, text: `+${added}` }),
      el("span", { class: "diff-count figures", dataset: { kind: "removed" }, text: `−${removed}` }),
      el("span", { class: "visually-hidden", text: `, ${added} lines added, ${removed} removed` }),
    ),
    el(
      "div",
      { class: "diff-scroll", tabindex: "0", role: "region", "aria-label": `Changes in ${path}` },
      el(
        "table",
        { class: "diff-table" },
        el("caption", { class: "visually-hidden", text: `Changes in ${path}` }),
        el("tbody", {}, ...rows.map(lineOf)),
      ),
    ),
  );
}

/** @param {Row} row */
function lineOf(row) {
  if (row.kind === "gap") return el("tr", { class: "diff-gap" }, el("td", { colspan: "3", text: "⋯" }));
  return el(
    "tr",
    { dataset: { kind: row.kind } },
    el("td", { class: "diff-number figures", text: String(row.after ?? row.before ?? "") }),
    el("td", { class: "diff-sign", "aria-hidden": "true", text: SIGNS[row.kind] }),
    el("td", { class: "diff-text" }, el("span", { class: "visually-hidden", text: SPOKEN[row.kind] }), ...words(row)),
  );
}

/** @param {Row} row */
function words({ text, marked: part }) {
  if (!part || part[0] === part[1]) return [text];
  return [text.slice(0, part[0]), el("mark", { text: text.slice(...part) }), text.slice(part[1])];
}
