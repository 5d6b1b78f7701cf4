// @ts-check
/** The colleagues: who is there, what they can take, and who else has a conversation open. */
import * as api from "../api.js";
import { recall, remember } from "../storage.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Colleague} Colleague */
/** @typedef {import("../types.js").Presence} Presence */
/** @typedef {import("../types.js").Viewer} Viewer */

const ORDER = { online: 0, away: 1, offline: 2 };

export class Team {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Colleague[]} */
    this.agents = [];
    /** @type {string[]} */
    this.skills = [];
    /** @type {Map<string, Viewer[]>} */
    this.viewers = new Map();
    /** @type {Presence} this agent's own */
    this.presence = "online";
  }

  clear() {
    this.agents = [];
    this.viewers.clear();
  }

  async load() {
    try {
      const { agents, skills } = await api.team();
      this.skills = skills;
      this.hold(agents);
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  /** @param {Colleague[]} agents */
  hold(agents) {
    this.agents = [...agents].sort((a, b) => ORDER[a.presence] - ORDER[b.presence] || a.name.localeCompare(b.name));
    this.desk.changed(CHANGE.team);
  }

  /** Everybody but this agent. */
  get others() {
    return this.agents.filter((agent) => agent.id !== this.desk.agent?.id);
  }

  /** @param {string} id */
  nameOf(id) {
    return this.agents.find((agent) => agent.id === id)?.name ?? "";
  }

  /**
   * @param {string} id
   * @param {Viewer[]} viewers
   */
  holdViewers(id, viewers) {
    this.viewers.set(
      id,
      viewers.filter((viewer) => viewer.id !== this.desk.agent?.id),
    );
    this.desk.changed(CHANGE.viewers, id);
  }

  /** Who else has it open. @param {string} id @returns {Viewer[]} */
  viewing(id) {
    return this.viewers.get(id) ?? [];
  }

  recallPresence() {
    const chosen = recall("presence", /** @type {Presence} */ ("online"));
    this.presence = chosen in ORDER ? chosen : "online";
  }

  /** Says over the live connection how this agent is, as after every new connection. */
  sayPresence() {
    this.desk.socket.send({ type: "presence", state: this.presence });
  }

  /** @param {Presence} state */
  async choose(state) {
    const before = this.presence;
    this.presence = state;
    this.desk.changed(CHANGE.connection);
    try {
      await api.setPresence(state);
      remember("presence", state);
      // What was said when the connection opened may be read only now: the last word has to be this one.
      this.sayPresence();
    } catch (error) {
      this.presence = before;
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
      this.desk.changed(CHANGE.connection);
    }
  }
}
