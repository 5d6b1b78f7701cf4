// @ts-check
/**
 * The one script a shop adds: `<script type="module" src="https://desk.example/chat.js"></script>`.
 * It finds its own modules beside wherever it was served from, so it works on the desk's own pages, on a
 * shop at another origin, and below a path prefix.
 */
const here = new URL(import.meta.url);
const base = new URL(here.pathname.endsWith("/web/chat/steward-chat.js") ? "../../" : "./", here);

/** @type {typeof import("./element.js")} */
const { install } = await import(new URL("web/chat/element.js", base).href);
install(base);
