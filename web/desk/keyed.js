// @ts-check
/**
 * Brings the children of an element in line with a list, keeping the nodes that stay: focus,
 * selection and scroll position survive every update.
 * @template T
 * @template {Element} N
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf unique within the list
 * @param {(item: T) => N} make
 * @param {(node: N, item: T, index: number) => void} update
 */
export function keyed(parent, items, keyOf, make, update) {
  /** @type {Map<string, N>} */
  const held = new Map();
  for (const child of parent.children)
    held.set(/** @type {HTMLElement} */ (child).dataset.key ?? "", /** @type {N} */ (child));
  let place = parent.firstElementChild;
  items.forEach((item, index) => {
    const key = keyOf(item);
    let node = held.get(key);
    if (node) held.delete(key);
    else {
      node = make(item);
      /** @type {HTMLElement} */ (/** @type {unknown} */ (node)).dataset.key = key;
    }
    update(node, item, index);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  });
  for (const node of held.values()) node.remove();
}
