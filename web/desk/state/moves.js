// @ts-check
/** Changing who owns a conversation, told to the agent in words, with a way back where there is one. */
import * as api from "../api.js";
import { resolutionLabel } from "../labels.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../../shared/http.js").ApiError} ApiError */
/** @typedef {import("../types.js").Card} Card */
/** @typedef {{agent?: import("../types.js").Person, skill?: string, note?: string}} Target */

const TAKING = ["accept", "takeover", "reopen"];

export class Moves {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Set<string>} the conversations with a move under way */
    this.underWay = new Set();
    /** @type {string|null} the conversation whose last move can be undone */
    this.undoable = null;
  }

  /** Takes what waits, is with the bot, or is closed. @param {string} id */
  take(id) {
    const card = this.desk.cards.get(id);
    if (!card) return Promise.resolve(false);
    if (this.desk.cards.takeable(card)) return this.move(id, "accept");
    return this.move(id, card.state === "resolved" ? "reopen" : "takeover");
  }

  /** @param {string} id */
  async decline(id) {
    return this.move(id, "decline");
  }

  /** @param {string} id */
  async toggleHold(id) {
    const held = !this.desk.cards.get(id)?.held;
    if (!(await this.move(id, "hold", { held }))) return;
    const name = this.desk.nameOf(id);
    this.desk.notify({ text: held ? `${name} is on hold.` : `${name} is active again.`, about: id });
  }

  /**
   * @param {string} id
   * @param {Target} target exactly one of agent and skill
   */
  async transfer(id, { agent, skill, note }) {
    const moved = await this.move(id, "transfer", {
      ...(agent ? { agent: agent.id } : { skill }),
      ...(note && { note }),
    });
    if (moved) this.sayWithUndo(id, `${this.desk.nameOf(id)} goes to ${agent?.name ?? skill}.`);
    return moved;
  }

  /** @param {string} id */
  async giveBack(id) {
    if (!(await this.move(id, "return"))) return;
    this.desk.notify({
      text: `${this.desk.nameOf(id)} is with the bot again.`,
      about: id,
      action: { label: "Take it back", run: () => void this.take(id) },
    });
  }

  /**
   * @param {string} id
   * @param {string} [reason]
   */
  async resolve(id, reason = "answered") {
    if (!(await this.move(id, "resolve", { reason }))) return;
    this.sayWithUndo(id, `${this.desk.nameOf(id)} is resolved: ${resolutionLabel(reason).toLowerCase()}.`);
  }

  /** Undoes this agent's last resolve or transfer, unless somebody has touched it since. */
  async undo(id = this.undoable) {
    if (!id) return false;
    this.undoable = null;
    if (!(await this.move(id, "undo"))) return false;
    this.desk.notify({ text: `${this.desk.nameOf(id)} is yours again.`, about: id });
    return true;
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  sayWithUndo(id, text) {
    this.undoable = id;
    this.desk.notify({ text, about: id, action: { label: "Undo", key: "U", run: () => void this.desk.undo(id) } });
  }

  /**
   * @param {string} id
   * @param {string} move
   * @param {Record<string, unknown>} [more]
   * @returns {Promise<boolean>} whether it happened
   */
  async move(id, move, more = {}) {
    const card = this.desk.cards.get(id);
    if (!card || this.underWay.has(id)) return false;
    this.underWay.add(id);
    if (move !== "undo" && this.undoable === id) this.undoable = null;
    this.desk.changed(CHANGE.cards);
    try {
      const { conversation } = await api.moveConversation(id, move, { epoch: card.epoch, ...more });
      this.desk.cards.hold([conversation]);
      return true;
    } catch (error) {
      await this.explain(id, move, this.desk.refusal(error));
      return false;
    } finally {
      this.underWay.delete(id);
      this.desk.changed(CHANGE.cards);
      if (this.desk.selected === id && this.desk.agent) void this.desk.threads.read(id);
    }
  }

  /**
   * @param {string} id
   * @param {string} move
   * @param {ApiError} error
   */
  async explain(id, move, error) {
    if (!this.desk.agent) return;
    const name = this.desk.nameOf(id);
    if (error.status !== 409 || ["full", "unreachable"].includes(error.code)) {
      this.desk.notify({ text: error.message, about: id, tone: error.status === 409 ? "info" : "bad" });
      return;
    }
    await Promise.all([this.desk.threads.read(id), this.desk.list("queue")]);
    const card = this.desk.cards.get(id);
    const owner = card?.state === "agent" && card.agent?.id !== this.desk.agent.id ? card.agent : null;
    if (owner && TAKING.includes(move)) this.inform(id, `${owner.name} was first and is answering ${name}.`);
    else if (card?.state === "resolved" && TAKING.includes(move))
      this.inform(id, `${name} stays resolved. It opens again when the customer writes.`);
    else if (move === "undo") this.inform(id, `${name} cannot be taken back: it has moved on in the meantime.`);
    else if (error.code === "stale")
      this.inform(id, `${name} has moved on in the meantime. This is how it stands now.`);
    else this.desk.notify({ text: error.message, about: id, tone: "bad" });
  }

  /**
   * Tells the agent when the conversation in front of them changes hands without them.
   * @param {Card} before
   * @param {Card} after
   */
  changedHands(before, after) {
    if (after.id !== this.desk.selected || this.underWay.has(after.id) || after.epoch === before.epoch) return;
    const name = this.desk.nameOf(after.id);
    const someone = after.state === "agent" && after.agent?.id !== this.desk.agent?.id ? after.agent : null;
    const wasMine = this.desk.cards.belongs(before, "mine");
    if (someone && someone.id !== before.agent?.id) this.inform(after.id, `${someone.name} has taken ${name}.`);
    else if (wasMine && after.state === "bot") this.inform(after.id, `${name} has gone back to the bot.`);
    else if (wasMine && after.state === "resolved") this.inform(after.id, `${name} has ended the conversation.`);
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  inform(id, text) {
    this.desk.notify({ text, about: id, tone: "info" });
  }
}
