// @ts-check
/** The lines of a transcript: days, messages, private notes, and replies that the desk has not confirmed. */
import { dayKey } from "../../shared/time.js";

/** @typedef {import("../state/threads.js").Held} Held */
/** @typedef {import("../types.js").Note} Note */
/** @typedef {import("../types.js").Outgoing} Outgoing */

/**
 * @typedef {{kind: "day", key: string, at: string}
 *   | {kind: "message", key: string, message: Held, first: boolean, seen: boolean}
 *   | {kind: "note", key: string, note: Note}
 *   | {kind: "outgoing", key: string, item: Outgoing, first: boolean}} Line
 */

const GROUP_MS = 5 * 60_000;

/**
 * Puts everything into one list, marking the first of each group and the last reply that was read.
 * @param {{messages: Held[], notes: Note[], readSeq: number}} thread
 * @param {Outgoing[]} outgoing
 * @returns {Line[]}
 */
export function arrange({ messages, notes, readSeq }, outgoing) {
  /** @type {Line[]} */
  const lines = [];
  let before = { from: "", at: 0, day: "" };
  const next = (/** @type {string} */ from, /** @type {string} */ at) => {
    const day = dayKey(at);
    const moment = Date.parse(at);
    if (day !== before.day) lines.push({ kind: "day", key: `day ${day} ${lines.length}`, at });
    const first = day !== before.day || from !== before.from || moment - before.at > GROUP_MS;
    before = { from, at: moment, day };
    return first;
  };
  const seen = messages.findLast((message) => message.from === "agent" && message.seq <= readSeq)?.seq;
  let note = 0;
  const notesUntil = (/** @type {string|null} */ at) => {
    while (note < notes.length && (at === null || notes[note].at < at)) {
      next("note", notes[note].at);
      lines.push({ kind: "note", key: `note ${notes[note].id}`, note: notes[note] });
      note += 1;
    }
  };
  for (const message of messages) {
    notesUntil(message.at);
    const first = next(message.from, message.at);
    const key = message.key ?? `seq ${message.seq}`;
    lines.push({ kind: "message", key, message, first, seen: message.seq === seen });
  }
  notesUntil(null);
  for (const item of outgoing) lines.push({ kind: "outgoing", key: item.key, item, first: next("agent", item.at) });
  return lines;
}
