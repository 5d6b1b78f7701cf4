// @ts-check
/**
 * The messages of one conversation, in order of seq and without doubles, whichever way and however often
 * each of them arrived.
 * @typedef {import("./api.js").Message} Message
 */
export class Thread {
  constructor() {
    /** @type {Map<number, Message>} */
    this.bySeq = new Map();
    /** The last seq that has no hole before it. */
    this.complete = 0;
  }

  /** The messages in order. */
  get messages() {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  /** The highest seq seen. */
  get last() {
    return Math.max(0, ...this.bySeq.keys());
  }

  /** Whether a message is missing before one that is here. */
  get hasHole() {
    return this.complete < this.last;
  }

  /**
   * Take in a message; the stored one wins over what was shown while sending, and keeps its key.
   * @param {Message} message
   * @returns {boolean} whether its seq was new
   */
  add(message) {
    const known = this.bySeq.get(message.seq);
    this.bySeq.set(message.seq, { ...known, ...message, key: message.key ?? known?.key });
    while (this.bySeq.has(this.complete + 1)) this.complete += 1;
    return !known;
  }
}
