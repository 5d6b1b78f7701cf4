// @ts-check
/** How much an operator has labelled since they signed in, and how fast. */

const PAUSE_MS = 60_000;
const TOLD_FROM = 3;

export class Tally {
  constructor() {
    /** @type {number[]} when something was decided, after the moment of beginning */
    this.times = [];
    this.began = 0;
    this.messages = 0;
  }

  /** The first decision can be made from now on. @param {number} now */
  begin(now) {
    if (!this.began) this.began = now;
  }

  /** @param {number} messages @param {number} now */
  add(messages, now) {
    this.begin(now);
    this.times.push(now);
    this.messages += messages;
  }

  /** Takes a decision back. @param {number} messages */
  remove(messages) {
    this.times.pop();
    this.messages -= messages;
  }

  get count() {
    return this.times.length;
  }

  /** Decisions in a minute of work; a pause of more than a minute is none. Null while there are too few. */
  get rate() {
    if (this.count < TOLD_FROM) return null;
    let worked = 0;
    let before = this.began;
    for (const time of this.times) {
      worked += Math.min(time - before, PAUSE_MS);
      before = time;
    }
    return worked > 0 ? (this.count * 60_000) / worked : null;
  }

  /** The count as it is shown, empty before the first. */
  get text() {
    const { count, rate } = this;
    if (!count) return "";
    return rate === null ? `${count} labelled` : `${count} labelled · ${Math.round(rate)} a minute`;
  }
}

/** @type {Map<string, Tally>} */
const tallies = new Map();

/** The operator's own, also after another page was looked at. @param {string} agent */
export function tallyOf(agent) {
  const tally = tallies.get(agent) ?? new Tally();
  tallies.set(agent, tally);
  return tally;
}
