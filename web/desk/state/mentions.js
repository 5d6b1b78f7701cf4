// @ts-check
/** The notes in which this agent is mentioned and that they have not read. */
import * as api from "../api.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */

export class Mentions {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Set<string>>} the unread notes' ids by conversation */
    this.unread = new Map();
  }

  clear() {
    this.unread.clear();
  }

  async load() {
    try {
      const { mentions } = await api.mentions();
      const unread = mentions.filter((mention) => !mention.read);
      this.unread.clear();
      for (const { note, conversation } of unread) this.add(conversation.id, note.id);
      this.desk.cards.hold(unread.map((mention) => mention.conversation));
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  /**
   * @param {string} id the conversation's
   * @param {string} note
   */
  add(id, note) {
    this.unread.set(id, (this.unread.get(id) ?? new Set()).add(note));
  }

  /** The conversation is in front of the agent, and with it its notes. @param {string} id */
  async read(id) {
    const notes = this.unread.get(id);
    if (!notes) return;
    this.unread.delete(id);
    this.desk.changed(CHANGE.cards);
    try {
      await api.readMentions([...notes]);
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  /**
   * Somebody has just mentioned the agent.
   * @param {string} id the conversation's
   * @param {import("../types.js").Note} note
   */
  heard(id, note) {
    this.desk.changed(CHANGE.work, { kind: "mention", id, note });
    this.add(id, note.id);
    if (id === this.desk.selected && this.desk.inSight && document.hasFocus()) void this.read(id);
    else void this.load();
  }
}
