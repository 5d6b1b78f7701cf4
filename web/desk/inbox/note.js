// @ts-check
import { el } from "../../shared/dom.js";
import { clock, dateAndTime } from "../../shared/time.js";
import { sign } from "../icons.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Note} Note */

/**
 * A private note as a line of the transcript.
 * @param {Note} note
 * @param {Desk} desk
 */
export function makeNote(note, desk) {
  const mine = note.author.id === desk.agent?.id;
  return el(
    "li",
    { class: "note", dataset: { testid: "note" } },
    el(
      "p",
      { class: "note-head" },
      sign("note"),
      el("strong", { text: mine ? "You" : note.author.name }),
      el("span", { text: "private note" }),
      el("time", { datetime: note.at, title: dateAndTime(note.at), text: clock(note.at) }),
    ),
    el("p", { class: "note-text", dir: "auto" }, ...withMentions(note, desk)),
  );
}

/**
 * The note's text with the names of those it mentions marked.
 * @param {Note} note
 * @param {Desk} desk
 * @returns {(Node|string)[]}
 */
export function withMentions(note, desk) {
  const names = note.mentions.map((id) => desk.team.nameOf(id)).filter(Boolean);
  if (!names.length) return [note.text];
  const pattern = names.map((name) => `@${name.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&")}`).join("|");
  return note.text
    .split(new RegExp(`(${pattern})`, "gu"))
    .map((piece, index) => (index % 2 ? el("span", { class: "mention", text: piece }) : piece));
}
