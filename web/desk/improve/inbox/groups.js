// @ts-check
/** Groups of messages, seen as sets. Pure. */

/** @typedef {import("./types.js").Group} Group */

/** The ids of all messages of a group, also of those that are not shown. @param {Group} group */
export const allOf = (group) => group.item_ids ?? group.items.map(({ id }) => id);

/**
 * The group without some of its messages; null when nothing is left.
 * @param {Group} group
 * @param {Set<string>} gone
 * @returns {Group|null}
 */
export function without(group, gone) {
  const ids = allOf(group);
  const kept = ids.filter((id) => !gone.has(id));
  if (kept.length === ids.length) return group;
  if (!kept.length) return null;
  const items = group.items.filter(({ id }) => !gone.has(id));
  const whys = [...new Set(items.flatMap(({ why }) => why))];
  const size = group.size - (ids.length - kept.length);
  const text = items.some((item) => item.text === group.text) ? group.text : (items[0]?.text ?? group.text);
  return { ...group, size, items, item_ids: kept, text, whys: whys.length ? whys : group.whys };
}

/**
 * The list with something else in the place of a group; without it when that is null.
 * @param {Group[]} groups
 * @param {string} id
 * @param {Group|null} other
 */
export const replaced = (groups, id, other) =>
  groups.flatMap((group) => (group.id === id ? (other ? [other] : []) : [group]));
