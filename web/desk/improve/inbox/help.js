// @ts-check
/** The keys of the operators' inbox, as they are listed. */

/** @type {import("../../shell/shortcuts.js").KeyGroup[]} */
export const HELP = [
  [
    "Deciding",
    [
      [["Enter"], "Accept the suggestion"],
      [["1", "–", "9"], "One of the suggested topics"],
      [["T"], "Any topic, by typing"],
      [["N"], "A new topic, made of these messages"],
      [["P"], "Name the product they mean"],
      [["O"], "Out of scope: nothing the shop answers"],
      [["X"], "Ignore: nothing to learn from"],
      [["U"], "Undo the last decision"],
    ],
  ],
  [
    "Getting around",
    [
      [["J", "K"], "Next, previous group"],
      [["↓", "↑"], "Next, previous message of the group"],
      [["Space"], "Take the message out, or put it back"],
      [["V"], "The whole conversation"],
      [["/"], "Only messages with some words"],
      [["F"], "Filters"],
      [["?"], "This list"],
    ],
  ],
];
