// @ts-check
/** Searching what was said, in all conversations. */
import * as api from "../api.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Found} Found */

const SHORTEST = 2;
const PAUSE_MS = 220;

export class Search {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.query = "";
    this.state = "";
    /** @type {"idle"|"looking"|"done"|"failed"} */
    this.status = "idle";
    this.error = "";
    /** @type {Found[]} */
    this.results = [];
    this.timer = 0;
    this.call = new AbortController();
  }

  /** Whether the list shows what was found instead of a view. */
  get active() {
    return this.query.trim().length >= SHORTEST;
  }

  clear() {
    this.look("", "");
  }

  /**
   * Looks for words once the agent pauses; too few of them end the search.
   * @param {string} query
   * @param {string} [state] only conversations in this state; empty for all
   */
  look(query, state = this.state) {
    this.query = query;
    this.state = state;
    clearTimeout(this.timer);
    this.call.abort();
    this.status = this.active ? "looking" : "idle";
    if (this.active) this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
    else this.results = [];
    this.desk.changed(CHANGE.search);
  }

  async ask() {
    this.call = new AbortController();
    const { signal } = this.call;
    try {
      const { results } = await api.search({ q: this.query.trim(), state: this.state }, signal);
      this.results = results;
      this.status = "done";
    } catch (error) {
      if (signal.aborted) return;
      this.error = this.desk.refusal(error).message;
      this.status = "failed";
    }
    this.desk.changed(CHANGE.search);
  }
}
