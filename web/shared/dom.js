// @ts-check
/**
 * Building elements without markup strings: every piece of text becomes a text node, so nothing a
 * customer, an agent or the bot wrote can ever be read as HTML.
 */

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {{
 *   class?: string,
 *   text?: string,
 *   dataset?: Record<string, string | number>,
 *   on?: Record<string, (event: any) => void>,
 *   [attribute: string]: unknown,
 * }} Properties
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `class`, `text`, `dataset` and `on` mean what they say; every other property is an
 * attribute: `true` sets it empty, `false`, `null` and `undefined` leave it out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  apply(node, properties);
  append(node, children);
  return node;
}

/**
 * Make an SVG element, by the same rules as {@link el}.
 * @param {string} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, properties = {}, ...children) {
  const node = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  apply(node, properties);
  append(node, children);
  return node;
}

/**
 * A decorative line icon: one path on a 24 by 24 grid, drawn in the current text colour.
 * @param {string} path
 * @param {string} [className]
 * @returns {SVGElement}
 */
export function icon(path, className = "icon") {
  return svg(
    "svg",
    {
      class: className,
      viewBox: "0 0 24 24",
      width: 20,
      height: 20,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.75,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      "aria-hidden": "true",
      focusable: "false",
    },
    svg("path", { d: path }),
  );
}

/**
 * Add children, skipping empty ones; strings and numbers become text nodes.
 * @param {Node} parent
 * @param {Child[]} children
 */
export function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Replace everything inside an element.
 * @param {Element | DocumentFragment} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * Set or clear an attribute, touching the document only when its value changes.
 * @param {Element} node
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
export function setAttribute(node, name, value) {
  if (value === false || value === null || value === undefined) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const wanted = value === true ? "" : String(value);
  if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

/**
 * Set an element's text, touching the document only when it changes, so live regions stay quiet.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * The initials of a name, at most two, for an avatar.
 * @param {string} name
 * @returns {string}
 */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.map((word) => [...word][0].toLocaleUpperCase()).join("");
}

/**
 * @param {Element} node
 * @param {Properties} properties
 */
function apply(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.setAttribute("class", String(value));
    else if (name === "text") node.textContent = String(value);
    else if (name === "dataset") {
      for (const [key, data] of Object.entries(/** @type {object} */ (value))) {
        /** @type {HTMLElement} */ (node).dataset[key] = String(data);
      }
    } else if (name === "on") {
      for (const [event, listener] of Object.entries(/** @type {object} */ (value))) {
        node.addEventListener(event, listener);
      }
    } else node.setAttribute(name, value === true ? "" : String(value));
  }
}
