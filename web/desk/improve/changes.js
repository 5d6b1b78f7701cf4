// @ts-check
/** The edits that operators have made and nobody has applied yet. */
import { counted } from "./words.js";
import * as calls from "./calls.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./types.js").Change} Change */
/** @typedef {import("./types.js").Operation} Operation */
/** @typedef {import("./types.js").Review} Review */

/** Dispatched on {@link Changes} after what is pending has changed. */
export const PENDING = "pending";
/** Dispatched on {@link Changes} after something that was pending has gone, into the project's files or nowhere. */
export const SETTLED = "settled";

/** @type {WeakMap<Desk, Changes>} */
const held = new WeakMap();

/** The one list of a desk, shared by all improve pages. @param {Desk} desk */
export function changesOf(desk) {
  let changes = held.get(desk);
  if (!changes) {
    changes = new Changes(desk);
    held.set(desk, changes);
  }
  return changes;
}

export class Changes extends EventTarget {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {Review|null} */
    this.review = null;
    /** Why the list could not be read, or empty. */
    this.fault = "";
    /** The numbers of the newest question, and of the newest that was answered. */
    this.asked = 0;
    this.told = 0;
    desk.hear("changes", () => void this.load(), new AbortController().signal);
  }

  /** @returns {readonly Change[]} */
  get pending() {
    return this.review?.changes ?? [];
  }

  /** How many labelled messages become examples, by topic. */
  get labelled() {
    return this.review?.labels.topics ?? {};
  }

  /** How many there are to review; labels of the inbox count as one. */
  get count() {
    return this.pending.length + (this.review?.labels.examples ? 1 : 0);
  }

  async load() {
    const asked = (this.asked += 1);
    /** @type {Review|null} */
    let review = null;
    let fault = "";
    try {
      review = await calls.changes();
    } catch (error) {
      fault = this.desk.refusal(error).message;
    }
    // An answer that was overtaken by a later one is old news.
    if (asked < this.told) return;
    this.told = asked;
    this.fault = fault;
    const before = this.review;
    if (review) this.review = review;
    this.dispatchEvent(new Event(PENDING));
    if (before && review && lost(before, review)) this.dispatchEvent(new Event(SETTLED));
  }

  /**
   * Adds an edit, with a way back.
   * @param {Operation} operation
   * @param {{quiet?: boolean}} [how] quiet says nothing about it
   * @returns {Promise<Change>}
   * @throws {import("../../shared/http.js").ApiError}
   */
  async propose(operation, { quiet = false } = {}) {
    const { change } = await calls.propose(operation);
    await this.load();
    if (!quiet) {
      this.desk.notify({
        text: `${change.summary}.`,
        action: { label: "Undo", run: () => void this.drop(change.id) },
      });
    }
    return change;
  }

  /** Takes one back. @param {string} id */
  async drop(id) {
    try {
      await calls.drop(id);
    } catch (error) {
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
    }
    await this.load();
  }

  /** Takes back the newest one of this operator's own. */
  async dropLast() {
    const mine = this.pending.filter(({ by }) => by.id === this.desk.agent?.id).at(-1);
    if (!mine) return;
    await this.drop(mine.id);
    if (this.pending.some(({ id }) => id === mine.id)) return;
    this.desk.notify({ text: `Taken back: ${mine.summary}.` });
  }

  /**
   * Writes everything that is pending into the project's files.
   * @param {string} message
   * @throws {import("../../shared/http.js").ApiError}
   */
  async apply(message) {
    const applied = await calls.apply(message);
    await this.load();
    return applied;
  }

  /** "3 changes to review", or that there are none. */
  get words() {
    return this.count ? `${counted(this.count, "change")} to review` : "No changes to review";
  }
}

/** Whether something of what was pending is no longer. @param {Review} before @param {Review} now */
function lost(before, now) {
  const there = new Set(now.changes.map(({ id }) => id));
  return now.labels.examples < before.labels.examples || before.changes.some(({ id }) => !there.has(id));
}
