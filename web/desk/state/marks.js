// @ts-check
/** The customers' messages of which agents say that the bot should have known the answer. */
import * as api from "../api.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Mark} Mark */
/** @typedef {import("../types.js").Message} Message */

/** What the bot does with a question; what it says besides is not about anything it could have known. */
const ANSWERS = new Set(["answer", "ask_which_product", "clarify", "offer_human", "handoff"]);

export class Marks {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Map<number, Mark>>} by conversation and seq */
    this.held = new Map();
  }

  clear() {
    this.held.clear();
  }

  /**
   * @param {string} id
   * @param {Mark[]} marks
   */
  hold(id, marks) {
    this.held.set(id, new Map(marks.map((mark) => [mark.seq, mark])));
  }

  /**
   * Somebody marked a message, or took the mark back.
   * @param {string} id
   * @param {number} seq
   * @param {import("../types.js").Person|null} by
   */
  heard(id, seq, by) {
    this.put(id, seq, by && { ...this.get(id, seq), seq, by });
  }

  /**
   * @param {string} id
   * @param {number} seq
   */
  get(id, seq) {
    return this.held.get(id)?.get(seq);
  }

  /**
   * The seq of the question that a message stands for: its own, or of what the bot's reply answers; null when
   * there is none.
   * @param {string} id
   * @param {Message} message
   */
  questionOf(id, { seq, from, text, meta }) {
    if (from === "customer") return text.trim() ? seq : null;
    if (from !== "bot" || !ANSWERS.has(meta?.act ?? "")) return null;
    const { messages } = this.desk.threads.get(id);
    return messages.findLast((other) => other.from === "customer" && other.seq < seq && other.text.trim())?.seq ?? null;
  }

  /**
   * Tells the operators that the bot should have known this; what an agent has answered goes with it.
   * @param {string} id
   * @param {number} seq of the customer's message
   */
  async mark(id, seq) {
    const { agent } = this.desk;
    if (!agent || this.get(id, seq)) return;
    const answer = this.desk.threads.get(id).messages.find((one) => one.from === "agent" && one.seq > seq);
    this.put(id, seq, { seq, by: { id: agent.id, name: agent.name } });
    try {
      await api.markMissing(id, seq, answer ? { answer_seq: answer.seq } : {});
      const undo = { label: "Undo", run: () => void this.unmark(id, seq) };
      this.desk.notify({ text: "The operators find it in their inbox.", about: `mark ${id} ${seq}`, action: undo });
    } catch (error) {
      this.put(id, seq, null);
      this.desk.notify({ text: `It is not marked. ${this.desk.refusal(error).message}`, tone: "bad" });
    }
  }

  /**
   * @param {string} id
   * @param {number} seq
   */
  async unmark(id, seq) {
    const mark = this.get(id, seq);
    if (!mark) return;
    this.put(id, seq, null);
    try {
      await api.unmarkMissing(id, seq);
    } catch (error) {
      this.put(id, seq, mark);
      this.desk.notify({ text: `The mark stays. ${this.desk.refusal(error).message}`, tone: "bad" });
    }
  }

  /**
   * @param {string} id
   * @param {number} seq
   * @param {Mark|null} mark
   */
  put(id, seq, mark) {
    const marks = this.held.get(id) ?? new Map();
    if (mark) marks.set(seq, mark);
    else marks.delete(seq);
    this.held.set(id, marks);
    this.desk.changed(CHANGE.thread, id);
  }
}
