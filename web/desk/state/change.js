// @ts-check
/** The topics of `desk.addEventListener`: each is dispatched after what it names has changed. */
export const CHANGE = Object.freeze({
  session: "session",
  connection: "connection",
  cards: "cards",
  selection: "selection",
  thread: "thread",
  typing: "typing",
  notice: "notice",
  work: "work",
  team: "team",
  viewers: "viewers",
  snippets: "snippets",
  suggestions: "suggestions",
  search: "search",
  products: "products",
});
