// @ts-check
/**
 * The desk's other pages. Each is a module of its own, fetched when it is first opened:
 * `pages/<name>.js` exports `title`, `permission`, optionally `styles` (addresses of style sheets), and by
 * default a custom element's class that is made with the desk. An element may have `route(parts)`, called
 * with what follows the name in the address.
 */

/**
 * @typedef {{name: string, label: string, icon: string, permission: string|null, menu?: boolean}} Page `menu`
 *   puts it into the agent's own menu instead of the rail
 * @typedef {{title: string, permission: string|null, styles?: string[],
 *   default: new (desk: import("./state/desk.js").Desk) => HTMLElement & {route?: (parts: string[]) => void}}} PageModule
 */

/** @type {readonly Page[]} */
export const PAGES = Object.freeze([
  { name: "board", label: "Board", icon: "board", permission: "lead" },
  { name: "improve", label: "Inbox", icon: "unclear", permission: "improve" },
  { name: "topics", label: "Topics", icon: "topic", permission: "improve" },
  { name: "conversations", label: "Tests", icon: "tests", permission: "improve" },
  { name: "models", label: "Models", icon: "model", permission: "improve" },
  { name: "team", label: "Team", icon: "team", permission: "administer" },
  { name: "keys", label: "Connect", icon: "hook", permission: "administer" },
  { name: "audit", label: "Audit", icon: "audit", permission: "administer" },
  { name: "settings", label: "Queue settings", icon: "settings", permission: "lead", menu: true },
  { name: "account", label: "Password and devices", icon: "key", permission: null, menu: true },
  { name: "snippets", label: "Snippets", icon: "snippet", permission: "answer", menu: true },
]);

/** Pages that are open to somebody who has not signed in. */
export const OPEN_PAGES = ["invitation"];

/**
 * Fetches a page with its styles.
 * @param {string} name
 * @returns {Promise<PageModule>}
 */
export async function loadPage(name) {
  /** @type {PageModule} */
  const page = await import(`./pages/${name}.js`);
  await Promise.all((page.styles ?? []).map(linked));
  return page;
}

/** @param {string} href */
function linked(href) {
  if (document.querySelector(`link[href="${href}"]`)) return undefined;
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", done, { once: true });
    link.addEventListener("error", done, { once: true });
    document.head.append(link);
  });
}
