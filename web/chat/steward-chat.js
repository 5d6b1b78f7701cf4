// @ts-check
/**
 * The one script a shop adds: `<script type="module" src="https://desk.example/chat.js"></script>`.
 * It finds its own modules beside wherever it was served from, so it works on the desk's own pages, on a
 * shop at another origin, and below a path prefix.
 */
const here = new URL(import.meta.url);
const base = new URL(here.pathname.endsWith("/web/chat/steward-chat.js") ? "../../" : "./", here);

// Whoever clicks while the chat is still loading gets it as soon as it is there.
/** @type {MouseEvent | null} */
let early = null;
/** @param {MouseEvent} event */
const keep = (event) => {
  const inside = event.target instanceof Element && event.target.closest("[data-steward-ask], [data-steward-open]");
  if (inside) early = event;
};
document.addEventListener("click", keep);

/** @type {typeof import("./element.js")} */
const { install } = await import(new URL("web/chat/element.js", base).href);
install(base, () => {
  document.removeEventListener("click", keep);
  return early;
});
