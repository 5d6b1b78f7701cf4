// @ts-check
/** Answers from the catalogue for what the customer is asking, ready to be edited and sent. */
import * as api from "../api.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Suggestion} Suggestion */

const MOST = 3;

export class Suggestions {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Suggestion[]>} */
    this.held = new Map();
    desk.hear("message", (frame) => this.heard(frame), new AbortController().signal);
  }

  clear() {
    this.held.clear();
  }

  /** @param {string} id @returns {Suggestion[]} */
  of(id) {
    return this.held.get(id) ?? [];
  }

  /** @param {string} id */
  async load(id) {
    try {
      const { suggestions } = await api.suggestions(id);
      this.held.set(id, suggestions.slice(0, MOST));
      this.desk.changed(CHANGE.suggestions, id);
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  /** What the customer wrote may want other answers. @param {any} frame */
  heard(frame) {
    if (frame.message.from === "customer" && frame.conversation_id === this.desk.selected)
      void this.load(frame.conversation_id);
  }
}
