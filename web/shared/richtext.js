// @ts-check
/**
 * Plain text, shown as it was meant: paragraphs, lines, numbered steps, lists and links. Everything is
 * built from nodes, so the text itself can hold anything.
 */
import { el } from "./dom.js";

const LINK = /(https?:\/\/[^\s<>"]+|[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.\p{L}{2,})/giu;
const TRAILING = /[.,;:!?'"\u2019\u201d\])}]+$/u;
const NUMBERED = /^\s*(\d{1,3})[.)]\s+(.+)$/u;
const BULLET = /^\s*[-*\u2022\u2013]\s+(.+)$/u;

/**
 * The text as a fragment of paragraphs and lists.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function richText(text) {
  const fragment = document.createDocumentFragment();
  for (const block of text.replace(/\r\n?/gu, "\n").split(/\n\s*\n/u)) {
    if (block.trim()) fragment.append(...blockNodes(block.trim().split("\n")));
  }
  return fragment;
}

/**
 * One line of text in which web and mail addresses are links. Only http, https and mailto are made.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function linkified(text) {
  const fragment = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const found = withoutTrailing(match[0]);
    const href = address(found);
    if (!href) continue;
    fragment.append(text.slice(from, match.index));
    fragment.append(el("a", { href, target: "_blank", rel: "noopener noreferrer", text: found }));
    from = match.index + found.length;
  }
  fragment.append(text.slice(from));
  return fragment;
}

/**
 * @param {string[]} lines
 * @returns {Node[]}
 */
function blockNodes(lines) {
  /** @type {HTMLElement[]} */
  const nodes = [];
  for (const line of lines) {
    const last = nodes[nodes.length - 1];
    const numbered = NUMBERED.exec(line);
    const bullet = BULLET.exec(line);
    if (numbered) {
      const list = last instanceof HTMLOListElement ? last : push(nodes, el("ol", { start: numbered[1] }));
      list.append(el("li", {}, linkified(numbered[2])));
    } else if (bullet) {
      const list = last instanceof HTMLUListElement ? last : push(nodes, el("ul"));
      list.append(el("li", {}, linkified(bullet[1])));
    } else if (last instanceof HTMLParagraphElement) last.append(el("br"), linkified(line));
    else push(nodes, el("p", {}, linkified(line)));
  }
  return nodes;
}

/**
 * A sentence's own punctuation after an address is not part of it; a closing bracket is when it was opened.
 * @param {string} found
 */
function withoutTrailing(found) {
  let kept = found;
  while (TRAILING.test(kept)) {
    const end = kept[kept.length - 1];
    if (end === ")" && count(kept, "(") >= count(kept, ")")) break;
    kept = kept.slice(0, -1);
  }
  return kept;
}

/**
 * @param {string} found
 * @returns {string | null}
 */
function address(found) {
  const url = /^https?:/iu.test(found) ? found : `mailto:${found}`;
  return URL.canParse(url) ? url : null;
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  return text.split(character).length - 1;
}

/**
 * @template {HTMLElement} T
 * @param {HTMLElement[]} nodes
 * @param {T} node
 * @returns {T}
 */
function push(nodes, node) {
  nodes.push(node);
  return node;
}
