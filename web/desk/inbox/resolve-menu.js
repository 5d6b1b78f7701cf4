// @ts-check
import { el } from "../../shared/dom.js";
import { RESOLUTIONS } from "../labels.js";
import { kbd } from "../pieces.js";

const GAP_PX = 6;

/**
 * The reasons to close a conversation for, as a menu: arrows move, a number chooses.
 * @param {() => Element} anchor what it opens below
 * @param {(reason: string) => void} choose
 */
export function makeResolveMenu(anchor, choose) {
  const reasons = Object.entries(RESOLUTIONS);
  const menu = el("div", {
    id: "resolve-menu",
    class: "menu small-menu",
    popover: "auto",
    role: "menu",
    "aria-label": "Resolve because",
    dataset: { testid: "resolve-menu" },
  });
  const take = (/** @type {string} */ reason) => {
    menu.hidePopover();
    choose(reason);
  };
  const items = reasons.map(([reason, label], index) =>
    el(
      "button",
      {
        type: "button",
        class: "menu-item",
        role: "menuitem",
        tabindex: "-1",
        autofocus: index === 0,
        dataset: { reason },
        on: { click: () => take(reason) },
      },
      el("span", { class: "menu-text", text: label }),
      kbd(String(index + 1)),
    ),
  );
  menu.append(...items);
  menu.addEventListener("beforetoggle", () => {
    const { right, bottom } = anchor().getBoundingClientRect();
    menu.style.insetBlockStart = `${bottom + GAP_PX}px`;
    menu.style.insetInlineEnd = `${document.documentElement.clientWidth - right}px`;
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const number = Number(event.key);
    if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
    else if (number >= 1 && number <= items.length) take(reasons[number - 1][0]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return menu;
}
