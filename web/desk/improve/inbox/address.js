// @ts-check
/** What the list is narrowed to, as it stands in the address and as the service is asked. */

/** @typedef {import("./types.js").ItemState} ItemState */

/**
 * Empty means everything. `min` and `max` are percent, `since` is a date or a number of days ("7d"), `until`
 * is a date that is still included.
 * @typedef {{state: ItemState, why: string, topic: string, sku: string, outcome: string, min: string, max: string, since: string,
 *   until: string, q: string}} Filters
 */

/** @type {Readonly<Filters>} */
export const EVERYTHING = Object.freeze({
  state: "open",
  why: "",
  topic: "",
  sku: "",
  outcome: "",
  min: "",
  max: "",
  since: "",
  until: "",
  q: "",
});

const PAGE = "#/improve";
const NAMES = /** @type {(keyof Filters)[]} */ (Object.keys(EVERYTHING));
const STATES = ["open", "labelled", "ignored"];
const DAY_MS = 86_400_000;

/**
 * @param {string} part what follows the page's name in the address
 * @returns {{filters: Filters, group: string|null}}
 */
export function read(part) {
  const said = new URLSearchParams(part);
  /** @type {Record<string, string>} */
  const filters = { ...EVERYTHING };
  for (const name of NAMES) filters[name] = said.get(name) ?? EVERYTHING[name];
  if (!STATES.includes(filters.state)) filters.state = EVERYTHING.state;
  return { filters: /** @type {Filters} */ (/** @type {unknown} */ (filters)), group: said.get("group") };
}

/**
 * The address that shows this again.
 * @param {Filters} filters
 * @param {string|null} group
 */
export function write(filters, group) {
  const said = new URLSearchParams();
  for (const name of NAMES) if (filters[name] !== EVERYTHING[name]) said.set(name, filters[name]);
  if (group) said.set("group", group);
  const part = said.toString();
  return part ? `${PAGE}/${part}` : PAGE;
}

/** Whether an address is one of the inbox. @param {string} hash */
export const leadsHere = (hash) => hash === PAGE || hash.startsWith(`${PAGE}/`);

/**
 * What the service is asked for.
 * @param {Filters} filters
 * @param {string|null} after where the page before ended
 * @param {Date} [now]
 */
export function query(filters, after, now = new Date()) {
  const { state, why, topic, sku, outcome, min, max, since, until, q } = filters;
  const asked = new URLSearchParams({ state });
  for (const [name, value] of Object.entries({ why, topic, sku, outcome, q: q.trim() }))
    if (value) asked.set(name, value);
  if (min) asked.set("min_confidence", String(Number(min) / 100));
  if (max) asked.set("max_confidence", String(Number(max) / 100));
  if (since) asked.set("since", beginning(since, now).toISOString());
  if (until) asked.set("until", new Date(midnight(until).getTime() + DAY_MS).toISOString());
  if (after) asked.set("after", after);
  return asked;
}

/** Whether anything is narrowed beside the state. @param {Filters} filters */
export const narrowed = (filters) => NAMES.some((name) => name !== "state" && filters[name] !== EVERYTHING[name]);

/** @param {Filters} one @param {Filters} other */
export const same = (one, other) => NAMES.every((name) => one[name] === other[name]);

/** @param {string} since @param {Date} now */
function beginning(since, now) {
  const days = /^(\d{1,3})d$/u.exec(since);
  return days ? new Date(now.getTime() - Number(days[1]) * DAY_MS) : midnight(since);
}

/** The beginning of a day where the reader is; of today when the date is none. @param {string} date */
function midnight(date) {
  const moment = new Date(`${date}T00:00:00`);
  return Number.isNaN(moment.getTime()) ? new Date(new Date().setHours(0, 0, 0, 0)) : moment;
}
