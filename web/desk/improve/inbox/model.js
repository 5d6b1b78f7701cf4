// @ts-check
/**
 * The groups that wait for a decision, and the decisions. A decision shows at once and is sent behind the
 * operator's back; when the service refuses it, what it was about comes back to its place.
 */
import { topicLabel } from "../../labels.js";
import { EVERYTHING } from "./address.js";
import * as calls from "./calls.js";
import { Focus } from "./focus.js";
import { allOf, replaced, without } from "./groups.js";
import { labelWords, messages, quoted } from "./words.js";

/** @typedef {import("../../state/desk.js").Desk} Desk */
/** @typedef {import("./address.js").Filters} Filters */
/** @typedef {import("./types.js").Decision} Decision */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Label} Label */
/** @typedef {import("./types.js").Listing} Listing */

/**
 * @typedef {object} Done a decision that can be taken back
 * @property {Group} group as it was before
 * @property {number} at its place in the list
 * @property {string[]} items
 * @property {Decision} decision
 * @property {Promise<Label|null>} stored null when the service refused it
 */

/** What `addEventListener` tells: the list, the group in front, what came of an act, what is under way. */
export const NEWS = Object.freeze({ list: "list", group: "group", outcome: "outcome", work: "work" });

const AHEAD = 6;
const REFRESH_PAGES = 5;
const REFRESH_AFTER_MS = 800;

export class Inbox extends EventTarget {
  /**
   * @param {Desk} desk
   * @param {import("./tally.js").Tally} tally
   */
  constructor(desk, tally) {
    super();
    this.desk = desk;
    this.tally = tally;
    /** @type {Filters} */
    this.filters = { ...EVERYTHING };
    /** @type {Group[]} */
    this.groups = [];
    /** @type {Group[]} what has come in since and is not shown yet */
    this.arrived = [];
    /** @type {import("./types.js").Counts|null} */
    this.counts = null;
    /** @type {string|null} where the next page begins */
    this.next = null;
    /** @type {"loading"|"ready"|"failed"} */
    this.status = "loading";
    this.error = "";
    /** @type {string|null} the group in front */
    this.current = null;
    /** @type {string|null} a group that the address asks for */
    this.sought = null;
    /** @type {Map<string, Set<string>>} the messages taken out of a group's decision */
    this.out = new Map();
    /** @type {Map<string, string>} the product chosen for a group */
    this.product = new Map();
    /** @type {Done[]} */
    this.done = [];
    /** @type {Set<string>} the messages that this page has decided about */
    this.decided = new Set();
    /** @type {Map<string, number>} groups that are expected back, with their places */
    this.returning = new Map();
    this.underWay = 0;
    /** @type {import("./types.js").Topic[]} */
    this.topics = [];
    this.asked = new AbortController();
    this.reading = false;
    this.refreshTimer = 0;
    this.attention = new Focus();
  }

  /** Listens to what colleagues and customers do until `signal` ends it. @param {AbortSignal} signal */
  start(signal) {
    this.desk.hear("inbox", (frame) => this.heard(frame), signal);
    this.desk.hear("inbox_focus", (frame) => this.heardFocus(frame), signal);
    this.attention.start(signal);
    signal.addEventListener("abort", () => {
      clearTimeout(this.refreshTimer);
      this.asked.abort();
    });
    void this.loadTopics();
  }

  /** @param {string} kind one of NEWS @param {unknown} [detail] */
  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /**
   * Says what came of something, on the page and to screen readers.
   * @param {string} text
   * @param {boolean} [moved] another group has come in front by it
   */
  say(text, moved = false) {
    this.tell(NEWS.outcome, { text, moved });
  }

  // What is shown

  /** @returns {Group|undefined} the group in front */
  get group() {
    return this.groups.find(({ id }) => id === this.current);
  }

  /** Whether decisions can be made: in the lists of what is decided they are only taken back. */
  get open() {
    return this.filters.state === "open";
  }

  /** Whether a colleague has the group in front of them. @param {Group} group */
  colleagues(group) {
    return group.focus.filter(({ id }) => id !== this.desk.agent?.id);
  }

  /** The messages that the decision is about, as far as they are shown. @param {Group} group */
  included(group) {
    const out = this.out.get(group.id);
    return out?.size ? group.items.filter(({ id }) => !out.has(id)) : group.items;
  }

  /** The ids of all messages that the decision is about. @param {Group} group */
  includedIds(group) {
    const out = this.out.get(group.id);
    return allOf(group).filter((id) => !out?.has(id));
  }

  /** @param {string} topic */
  titleOf(topic) {
    const title = this.topics.find(({ name }) => name === topic)?.title ?? "";
    const spelled = title.toLowerCase() === topic.replaceAll("_", " ").toLowerCase();
    return title && !spelled ? title : topicLabel(topic);
  }

  async loadTopics() {
    try {
      this.topics = (await calls.topics()).topics;
      this.tell(NEWS.group);
      this.tell(NEWS.list);
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  // Reading the list

  /**
   * Shows what these filters leave.
   * @param {Filters} filters
   * @param {string|null} sought the group to show first
   */
  async look(filters, sought) {
    this.filters = filters;
    this.groups = [];
    this.arrived = [];
    this.next = null;
    this.current = null;
    this.sought = sought;
    this.status = "loading";
    this.asked.abort();
    this.asked = new AbortController();
    this.reading = false;
    this.tell(NEWS.list);
    this.tell(NEWS.group);
    await this.more();
  }

  /** Reads the next page, or the first. */
  async more() {
    if (this.reading || (this.status === "ready" && !this.next)) return;
    const { signal } = this.asked;
    this.reading = true;
    try {
      const page = await calls.list(this.filters, this.next, signal);
      if (signal.aborted) return;
      const known = new Set(this.groups.map(({ id }) => id));
      this.groups = [...this.groups, ...this.undecided(page.groups).filter(({ id }) => !known.has(id))];
      this.counts = page.counts;
      this.next = page.next;
      this.status = "ready";
      this.settle();
    } catch (error) {
      if (signal.aborted) return;
      this.status = this.groups.length ? "ready" : "failed";
      this.error = this.desk.refusal(error).message;
      this.tell(NEWS.list);
      this.tell(NEWS.group);
    } finally {
      if (!signal.aborted) this.reading = false;
    }
  }

  /** Puts some group in front if none is, and tells. */
  settle() {
    const sought = this.sought && this.groups.find(({ id }) => id === this.sought);
    if (this.sought && !sought) this.desk.notify({ text: "That group has been decided already.", tone: "info" });
    this.sought = null;
    if (sought) this.current = sought.id;
    else if (!this.group) this.current = this.groups[0]?.id ?? null;
    if (this.current) this.tally.begin(Date.now());
    this.attention.on(this.open ? this.current : null);
    this.tell(NEWS.list);
    this.tell(NEWS.group);
  }

  /** Tries once more after a failure. */
  again() {
    void this.look(this.filters, this.sought);
  }

  /** Reads the list again soon, without moving what is on screen. */
  refreshSoon() {
    clearTimeout(this.refreshTimer);
    this.refreshTimer = window.setTimeout(() => void this.refresh(), REFRESH_AFTER_MS);
  }

  async refresh() {
    if (this.status !== "ready") return;
    const { signal } = this.asked;
    try {
      /** @type {Group[]} */
      const groups = [];
      /** @type {Listing|null} */
      let page = null;
      for (let pages = 0; pages < REFRESH_PAGES; pages += 1) {
        page = await calls.list(this.filters, page?.next ?? null, signal);
        groups.push(...page.groups);
        if (!page.next || groups.length >= this.groups.length) break;
      }
      if (!signal.aborted && page) this.merge(groups, page);
    } catch (error) {
      // What could not be refreshed is refreshed by the next news; the page goes on with what it has.
      if (!signal.aborted) this.desk.refusal(error);
    }
  }

  /**
   * Brings what is shown up to date: nothing changes its place, what is new waits to be asked for.
   * @param {Group[]} read
   * @param {Listing} last the last page of them
   */
  merge(read, last) {
    const fresh = new Map(this.undecided(read).map((group) => [group.id, group]));
    const before = JSON.stringify(this.group);
    this.groups = this.groups.flatMap((held) => {
      const group = fresh.get(held.id);
      if (group) return [group];
      return last.next || held.id === this.current || held.taken ? [held] : [];
    });
    const shown = new Set(this.groups.map(({ id }) => id));
    const others = [...fresh.values()].filter(({ id }) => !shown.has(id));
    for (const group of others.filter(({ id }) => this.returning.has(id)))
      this.groups.splice(this.returning.get(group.id) ?? 0, 0, group);
    this.arrived = others.filter(({ id }) => !this.returning.has(id));
    this.returning.clear();
    this.counts = last.counts;
    this.next = last.next;
    if (!this.groups.length) this.showArrived();
    else if (!this.group) this.settle();
    this.tell(NEWS.list);
    if (before !== JSON.stringify(this.group)) this.tell(NEWS.group);
  }

  /** Puts what has come in at the head of the list. */
  showArrived() {
    this.groups = [...this.arrived, ...this.groups];
    this.arrived = [];
    this.settle();
  }

  /** The groups without the messages that this page has decided about. @param {Group[]} groups */
  undecided(groups) {
    if (!this.open || !this.decided.size) return groups;
    return groups.flatMap((group) => {
      const kept = without(group, this.decided);
      return kept ? [kept] : [];
    });
  }

  // Moving

  /** @param {string} id */
  select(id) {
    if (id === this.current) return;
    this.groups = this.groups.filter((group) => group.id === id || !group.taken);
    this.current = id;
    this.attention.on(this.open ? this.current : null);
    this.tell(NEWS.list);
    this.tell(NEWS.group);
    if (this.groups.length - this.groups.findIndex((group) => group.id === id) <= AHEAD) void this.more();
  }

  /** @param {number} step */
  step(step) {
    const at = this.groups.findIndex(({ id }) => id === this.current);
    const others = step > 0 ? this.groups.slice(at + 1) : this.groups.slice(0, Math.max(at, 0)).reverse();
    const next = others.find(({ taken }) => !taken);
    if (next) this.select(next.id);
    else this.say(step > 0 ? "That is the last one." : "That is the first one.");
  }

  /** Takes a message out of the decision, or back into it. @param {string} item */
  toggle(item) {
    const { group } = this;
    if (!group || !this.open) return;
    const out = this.out.get(group.id) ?? new Set();
    if (!out.delete(item)) out.add(item);
    this.out.set(group.id, out);
    this.tell(NEWS.group);
  }

  /** Chooses the product that the messages are about; empty leaves it as the bot read it. @param {string} sku */
  choose(sku) {
    const { group } = this;
    if (!group) return;
    if (sku) this.product.set(group.id, sku);
    else this.product.delete(group.id);
    this.tell(NEWS.group);
  }

  // Deciding

  /**
   * Labels what is included of the group in front, and shows the next group at once.
   * @param {Decision} decision
   */
  decide(decision) {
    const { group } = this;
    if (!group || group.taken || !this.open) return;
    const items = this.includedIds(group);
    if (!items.length) {
      this.say("Every message is taken out. Put one back first.");
      return;
    }
    const sku = this.product.get(group.id);
    if (sku && decision.kind === "topic") decision = { ...decision, skus: [sku] };
    const at = this.groups.findIndex(({ id }) => id === group.id);
    for (const item of items) this.decided.add(item);
    this.leave(group, at, items.length);
    this.tally.add(items.length, Date.now());
    /** @type {Done} */
    const done = { group, at, items, decision, stored: Promise.resolve(null) };
    done.stored = this.store(done);
    this.done.push(done);
    this.tell(NEWS.list);
    this.tell(NEWS.group);
    this.say(`${labelWords(decision, (topic) => this.titleOf(topic))}: ${messages(items.length)}.`, true);
    if (this.groups.length - at <= AHEAD) void this.more();
    if (!this.groups.length && !this.next) this.refreshSoon();
  }

  /**
   * Takes what was decided out of the list; what was taken out of the decision stays in its place.
   * @param {Group} group
   * @param {number} at
   * @param {number} count
   */
  leave(group, at, count) {
    const rest = without(group, this.decided);
    this.out.delete(group.id);
    this.groups = replaced(this.groups, group.id, rest);
    this.count(group, this.decided, -1, count);
    const next = this.groups.slice(at).find(({ taken }) => !taken) ?? this.groups.findLast(({ taken }) => !taken);
    this.current = next?.id ?? null;
    this.attention.on(this.open ? this.current : null);
  }

  /**
   * Brings the counts up to date until the list is read again.
   * @param {Group} group
   * @param {Set<string>} items those of it that come or go
   * @param {1|-1} sign
   * @param {number} count how many they are
   */
  count(group, items, sign, count) {
    if (!this.counts) return;
    const by_why = { ...this.counts.by_why };
    for (const why of group.items.filter(({ id }) => items.has(id)).flatMap((item) => item.why))
      by_why[why] = Math.max(0, (by_why[why] ?? 0) + sign);
    this.counts = { open: Math.max(0, this.counts.open + sign * count), by_why };
  }

  /**
   * @param {Done} done
   * @returns {Promise<Label|null>}
   */
  async store(done) {
    this.working(1);
    try {
      return (await calls.label(done.items, done.decision)).label;
    } catch (error) {
      this.refused(done, this.desk.refusal(error));
      return null;
    } finally {
      this.working(-1);
    }
  }

  /**
   * Puts back what the service did not store.
   * @param {Done} done
   * @param {import("../../../shared/http.js").ApiError} error
   */
  refused(done, error) {
    if (!this.done.includes(done)) return;
    const again = { label: "Try again", run: () => this.retry(done.group.id, done.decision) };
    const lost = error.status === 0 || error.status >= 500;
    this.restore(done, error.status !== 409);
    const text =
      error.status === 409 ? error.message : `${quoted(short(done.group.text))} is not labelled. ${error.message}`;
    this.desk.notify({ text, tone: "bad", about: done.group.id, ...(lost && { action: again }) });
    if (error.status === 409) void this.refresh();
  }

  /**
   * @param {string} id
   * @param {Decision} decision
   */
  retry(id, decision) {
    if (!this.groups.some((group) => group.id === id)) return;
    this.select(id);
    this.decide(decision);
  }

  /**
   * Forgets a decision. Its group comes back at once, or when the service still has it as undecided.
   * @param {Done} done
   * @param {boolean} whole
   */
  restore(done, whole) {
    this.done = this.done.filter((other) => other !== done);
    for (const item of done.items) this.decided.delete(item);
    this.tally.remove(done.items.length);
    if (!whole) this.returning.set(done.group.id, done.at);
    else {
      this.groups = this.groups.filter(({ id }) => id !== done.group.id);
      this.groups.splice(done.at, 0, done.group);
      this.count(done.group, new Set(done.items), 1, done.items.length);
      this.current ??= done.group.id;
    }
    this.tell(NEWS.list);
    this.tell(NEWS.group);
  }

  /** Takes the last decision back and shows its group again. */
  async undo() {
    const done = this.done.at(-1);
    if (!done) {
      this.say("There is nothing to undo.");
      return;
    }
    this.restore(done, this.open);
    if (this.open) this.select(done.group.id);
    this.say(`Undone: ${messages(done.items.length)} back in the inbox.`, true);
    const label = await done.stored;
    if (label) await this.takeBack(label, () => this.kept(done));
  }

  /**
   * A decision that could not be taken back stands.
   * @param {Done} done
   */
  kept(done) {
    for (const item of done.items) this.decided.add(item);
    const at = this.groups.findIndex(({ id }) => id === done.group.id);
    if (at >= 0) this.leave(done.group, at, done.items.length);
    this.tally.add(done.items.length, Date.now());
    this.tell(NEWS.list);
    this.tell(NEWS.group);
  }

  /**
   * @param {Label} label
   * @param {() => void} stays called when it cannot be taken back
   */
  async takeBack(label, stays) {
    this.working(1);
    try {
      await calls.takeBack(label.id);
    } catch (error) {
      const refused = this.desk.refusal(error);
      stays();
      this.desk.notify({ text: `The label stays. ${refused.message}`, tone: "bad", about: label.id });
    } finally {
      this.working(-1);
    }
  }

  /** Takes a label back that is in the list of what was decided. @param {Group} group @param {Label} label */
  async reopen(group, label) {
    const at = this.groups.findIndex(({ id }) => id === group.id);
    const labelled = new Set(group.label ? allOf(group) : []);
    for (const item of group.items) if (item.label?.id === label.id) labelled.add(item.id);
    const rest = without(group, labelled);
    this.groups = replaced(this.groups, group.id, rest);
    if (!this.group) this.current = (this.groups[at] ?? this.groups.at(-1))?.id ?? null;
    for (const item of labelled) this.decided.delete(item);
    this.tell(NEWS.list);
    this.tell(NEWS.group);
    this.say(`${messages(labelled.size)} back in the inbox.`);
    await this.takeBack(label, () => void this.look(this.filters, group.id));
  }

  /** @param {number} change */
  working(change) {
    this.underWay += change;
    this.tell(NEWS.work);
  }

  // Colleagues

  /**
   * Something was labelled, taken back, or is new.
   * @param {{items: {id: string, label: Label|null}[], by: import("./types.js").Person|null}} frame
   */
  heard({ items, by }) {
    const others = items.filter(({ id }) => !this.decided.has(id));
    if (items.length && !others.length) return;
    const labels = new Map(others.filter(({ label }) => label).map(({ id, label }) => [id, label]));
    const name = by?.id === this.desk.agent?.id ? "You" : by?.name;
    if (this.open && labels.size) this.labelledElsewhere(labels, name ?? "A colleague");
    this.refreshSoon();
  }

  /**
   * A group that a colleague has decided stays until the operator moves on, so that nothing jumps.
   * @param {Map<string, Label|null>} labels by message
   * @param {string} by
   */
  labelledElsewhere(labels, by) {
    const gone = new Set(labels.keys());
    this.groups = this.groups.map((group) => {
      const first = allOf(group).find((id) => gone.has(id));
      if (group.taken || !first) return group;
      return without(group, gone) ?? { ...group, taken: { by, label: labels.get(first) ?? null } };
    });
    this.tell(NEWS.list);
    this.tell(NEWS.group);
    const { taken } = this.group ?? {};
    if (taken) this.say(`${taken.by} labelled this. Press J for the next.`);
  }

  /** @param {{group: string, operators: import("./types.js").Person[]}} frame */
  heardFocus({ group, operators }) {
    this.groups = this.groups.map((held) => (held.id === group ? { ...held, focus: operators } : held));
    this.tell(NEWS.list);
    if (group === this.current) this.tell(NEWS.group);
  }
}

/** @param {string} text */
const short = (text) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
