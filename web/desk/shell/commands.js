// @ts-check
/** What the palette offers: acts on the open conversation, places, conversations, colleagues, replies. */
import { presenceLabel, reasonSign, RESOLUTIONS, stateSign } from "../labels.js";
import { PAGES } from "../pages.js";
import { VIEW_TITLES, VIEWS } from "../state/cards.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */
/** @typedef {import("./palette.js").Command} Command */

/**
 * @typedef {object} Doors what the page does for a command
 * @property {(view: import("../types.js").View, id?: string|null) => void} go
 * @property {(page: string) => void} page
 * @property {(id: string) => void} take
 * @property {(id: string, wanted?: string) => void} transfer
 * @property {() => void} reply
 * @property {() => void} note
 * @property {(query: string) => void} search
 * @property {() => void} help
 * @property {(text: string) => void} insert
 */

/**
 * @param {Desk} desk
 * @param {Doors} doors
 * @param {string} typed
 * @returns {Command[]}
 */
export function commandsOf(desk, doors, typed) {
  const card = desk.cards.get(desk.selected);
  return [
    ...(card ? onConversation(desk, card, doors) : []),
    ...undo(desk),
    ...conversations(desk, doors),
    ...places(desk, doors),
    ...(card && desk.cards.belongs(card, "mine") ? [...reasons(desk, card), ...targets(desk, card, doors)] : []),
    ...(card && desk.cards.belongs(card, "mine") ? snippets(desk, card, doors) : []),
    ...presences(desk),
    ...(typed
      ? [
          {
            group: "Search",
            name: `Search transcripts for “${typed}”`,
            icon: "search",
            keys: "/",
            run: () => doors.search(typed),
          },
        ]
      : []),
  ];
}

/**
 * @param {Desk} desk
 * @param {Card} card
 * @param {Doors} doors
 * @returns {Command[]}
 */
function onConversation(desk, card, doors) {
  const group = desk.nameOf(card.id);
  const { moves } = desk;
  if (!desk.cards.belongs(card, "mine")) {
    if (card.state === "agent") return [];
    const name = desk.cards.takeable(card) ? "Accept" : card.state === "resolved" ? "Reopen" : "Take over";
    return [{ group, name, icon: "check", keys: "A", run: () => doors.take(card.id) }];
  }
  return [
    { group, name: "Write a reply", icon: "pen", keys: "R", run: doors.reply },
    { group, name: "Write a private note", icon: "note", keys: "N", run: doors.note },
    { group, name: "Transfer", icon: "transfer", keys: "T", run: () => doors.transfer(card.id) },
    {
      group,
      name: card.held ? "Take off hold" : "Hold",
      icon: card.held ? "play" : "pause",
      keys: "H",
      run: () => void moves.toggleHold(card.id),
    },
    ...unknown(desk, card),
    { group, name: "Return to bot", icon: "bot", keys: "B", run: () => void moves.giveBack(card.id) },
    { group, name: "Resolve", icon: "check", keys: "E", run: () => void moves.resolve(card.id) },
  ];
}

/** The bot should have known what the customer asked last. @param {Desk} desk @param {Card} card @returns {Command[]} */
function unknown(desk, card) {
  const last = desk.threads.get(card.id).messages.findLast((message) => message.from === "customer");
  const question = last && desk.marks.questionOf(card.id, last);
  if (!question || desk.marks.get(card.id, question)) return [];
  const run = () => void desk.marks.mark(card.id, question);
  return [{ group: desk.nameOf(card.id), name: "The bot should have known this", icon: "spark", run }];
}

/** @param {Desk} desk @returns {Command[]} */
function undo(desk) {
  const id = desk.moves.undoable;
  if (!id) return [];
  return [
    { group: "Undo", name: `Take ${desk.nameOf(id)} back`, icon: "undo", keys: "U", run: () => void desk.undo() },
  ];
}

/** @param {Desk} desk @param {Doors} doors @returns {Command[]} */
function conversations(desk, doors) {
  return [...desk.cards.held.values()]
    .filter((card) => card.id !== desk.selected)
    .sort((a, b) => b.updated_at.localeCompare(a.updated_at))
    .map((card) => {
      const view = VIEWS.find((one) => desk.cards.belongs(card, one)) ?? "open";
      return {
        group: "Conversations",
        name: desk.nameOf(card.id),
        hint: card.preview ?? card.summary ?? "",
        also: [stateSign(card.state).label, reasonSign(card.reason)?.label ?? "", card.id, ...card.skus].join(" "),
        icon: reasonSign(card.reason)?.icon ?? "chat",
        run: () => doors.go(view, card.id),
      };
    });
}

/** @param {Desk} desk @param {Doors} doors @returns {Command[]} */
function places(desk, doors) {
  const group = "Go to";
  const pages = PAGES.filter((page) => desk.may(page.permission));
  return [
    ...(desk.may("answer") ? VIEWS : []).map((view, index) => ({
      group,
      name: VIEW_TITLES[view],
      icon: "queue",
      keys: String(index + 1),
      run: () => doors.go(view),
    })),
    ...pages.map(({ name, label, icon }) => ({ group, name: label, icon, run: () => doors.page(name) })),
    { group, name: "Keyboard shortcuts", icon: "keyboard", keys: "?", run: doors.help },
  ];
}

/** @param {Desk} desk @param {Card} card @returns {Command[]} */
function reasons(desk, card) {
  return Object.entries(RESOLUTIONS).map(([reason, label]) => ({
    group: "Resolve as",
    name: label,
    icon: "check",
    run: () => void desk.moves.resolve(card.id, reason),
  }));
}

/** @param {Desk} desk @param {Card} card @param {Doors} doors @returns {Command[]} */
function targets(desk, card, doors) {
  return desk.team.others.map((agent) => ({
    group: "Transfer to",
    name: agent.name,
    hint: presenceLabel(agent.presence),
    icon: "transfer",
    run: () => doors.transfer(card.id, agent.name),
  }));
}

/** @param {Desk} desk @param {Card} card @param {Doors} doors @returns {Command[]} */
function snippets(desk, card, doors) {
  return desk.snippets.all.map((snippet) => ({
    group: "Snippets",
    name: snippet.title,
    hint: snippet.text,
    also: snippet.shortcut,
    icon: "snippet",
    run: () => doors.insert(desk.snippets.filled(snippet.text, card.id)),
  }));
}

/** @param {Desk} desk @returns {Command[]} */
function presences(desk) {
  return /** @type {const} */ (["online", "away", "offline"])
    .filter((state) => state !== desk.team.presence)
    .map((state) => ({
      group: "You",
      name: `Be ${presenceLabel(state).toLowerCase()}`,
      icon: "person",
      run: () => void desk.team.choose(state),
    }));
}
