// @ts-check
/** The agent's own menu: how they are, what makes itself heard, how the page looks. */
import { el, initials, setAttribute, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { presenceLabel } from "../labels.js";
import { PAGES } from "../pages.js";
import { CHANGE } from "../state/change.js";
import { setSingleKeys, singleKeys } from "./shortcuts.js";
import { setTheme, theme } from "./theme.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./notify.js").Notifier} Notifier */

const PRESENCES = /** @type {const} */ (["online", "away", "offline"]);
/** @type {Record<string, string>} */
const PRESENCE_HINTS = {
  online: "You are offered new work.",
  away: "You keep your conversations and are offered nothing new.",
  offline: "You are not there; nobody can be transferred to you.",
};
const THEMES = /** @type {const} */ ([
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
]);

/**
 * @param {Desk} desk
 * @param {Notifier} notifier
 * @param {{help: () => void}} actions
 */
export function makeMenu(desk, notifier, actions) {
  const agent = desk.agent;
  const complaint = el("p", { class: "menu-note", role: "status" });
  const onDesktop = async (/** @type {boolean} */ on, /** @type {HTMLInputElement} */ box) => {
    setText(complaint, await notifier.setDesktop(on));
    box.checked = notifier.desktop;
  };
  const menu = el(
    "div",
    { id: "agent-menu", class: "menu", popover: "auto", role: "dialog", "aria-label": "You and your settings" },
    el(
      "div",
      { class: "menu-head" },
      el("span", { class: "avatar", "aria-hidden": "true", text: initials(agent?.name ?? "") }),
      el("div", {}, el("strong", { text: agent?.name ?? "" }), el("span", { text: agent?.email ?? "" })),
    ),
    desk.may("answer") && presenceChoice(desk),
    toggle("Sound", "switch-sound", notifier.sound, (on) => notifier.setSound(on)),
    toggle("Desktop notifications", "switch-desktop", notifier.desktop, onDesktop),
    complaint,
    toggle("Single-key shortcuts", "switch-keys", singleKeys(), setSingleKeys),
    choice(
      "Theme",
      THEMES.map(([value, label]) => ({ value, label, testid: `theme-${value}` })),
      theme(),
      (value) => setTheme(/** @type {import("./theme.js").Theme} */ (value)),
    ),
  );
  const close = () => menu.hidePopover();
  menu.append(
    el(
      "div",
      { class: "menu-end" },
      ...PAGES.filter((page) => desk.may(page.permission)).map(({ name, label, icon, menu: inMenu }) =>
        el(
          "a",
          {
            class: `menu-item ${inMenu ? "" : "phone-only"}`,
            href: `#/${name}`,
            dataset: { testid: `menu-${name}` },
            on: { click: close },
          },
          sign(icon),
          label,
        ),
      ),
      item("Keyboard shortcuts", "keyboard", "help", () => {
        close();
        actions.help();
      }),
      item("Sign out", "back", "sign-out", () => void desk.signOut()),
    ),
  );
  return menu;
}

/**
 * @param {string} label
 * @param {string} icon
 * @param {string} testid
 * @param {() => void} run
 */
const item = (label, icon, testid, run) =>
  el("button", { type: "button", class: "menu-item", dataset: { testid }, on: { click: run } }, sign(icon), label);

/** @param {Desk} desk */
function presenceChoice(desk) {
  const hint = el("p", { class: "menu-hint" });
  const group = choice(
    "You are",
    PRESENCES.map((value) => ({ value, label: presenceLabel(value), testid: `presence-${value}` })),
    desk.team.presence,
    (value) => void desk.team.choose(/** @type {import("../types.js").Presence} */ (value)),
  );
  const show = () => {
    setText(hint, PRESENCE_HINTS[desk.team.presence]);
    for (const radio of group.querySelectorAll("input")) radio.checked = radio.value === desk.team.presence;
  };
  desk.addEventListener(CHANGE.connection, show);
  show();
  return el("div", { class: "menu-presence" }, group, hint);
}

/**
 * @param {string} label
 * @param {string} testid
 * @param {boolean} checked
 * @param {(on: boolean, box: HTMLInputElement) => void} change
 */
function toggle(label, testid, checked, change) {
  const box = el("input", { type: "checkbox", role: "switch", class: "switch", dataset: { testid } });
  box.checked = checked;
  box.addEventListener("change", () => change(box.checked, box));
  return el("label", { class: "menu-row" }, el("span", { text: label }), box);
}

/**
 * One of a few, side by side.
 * @param {string} title
 * @param {{value: string, label: string, testid: string}[]} options
 * @param {string} chosen
 * @param {(value: string) => void} change
 */
function choice(title, options, chosen, change) {
  const group = el("fieldset", { class: "menu-row theme-choice" }, el("legend", { text: title }));
  const segments = el("div", { class: "segments" });
  for (const { value, label, testid } of options) {
    const radio = el("input", { type: "radio", name: title, value, class: "visually-hidden", dataset: { testid } });
    setAttribute(radio, "checked", value === chosen);
    radio.addEventListener("change", () => change(value));
    segments.append(el("label", {}, radio, el("span", { text: label })));
  }
  group.append(segments);
  return group;
}
