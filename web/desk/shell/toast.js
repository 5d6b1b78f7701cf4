// @ts-check
import { el } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { kbd } from "../pieces.js";

/** @typedef {import("../state/desk.js").Notice} Notice */

const SHOWN_MS = 8_000;
const MOST_AT_ONCE = 3;
const TONE_ICONS = { done: "checkCircle", info: "info", bad: "alert" };

/** What just happened, in a sentence, sometimes with a way back. Stays while pointed at or focused. */
export class DeskToasts extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "status");
    this.setAttribute("aria-label", "What happened");
  }

  /** @param {Notice} notice */
  show({ text, about, tone = "done", action }) {
    if (about)
      for (const other of [...this.children])
        if (/** @type {HTMLElement} */ (other).dataset.about === about) other.remove();
    const toast = el("div", { class: "toast", dataset: { testid: "toast", tone, ...(about && { about }) } });
    const close = () => toast.remove();
    toast.append(sign(TONE_ICONS[tone], "icon toast-icon"), el("p", { text }));
    if (action) {
      const run = () => {
        close();
        action.run();
      };
      toast.append(
        el(
          "button",
          { type: "button", class: "toast-action", dataset: { testid: "toast-action" }, on: { click: run } },
          action.label,
          action.key && kbd(action.key),
        ),
      );
    }
    toast.append(
      el(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: close } },
        sign("close"),
      ),
    );
    this.append(toast);
    while (this.children.length > MOST_AT_ONCE) this.firstElementChild?.remove();
    this.expire(toast);
  }

  /** @param {HTMLElement} toast */
  expire(toast) {
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) this.expire(toast);
      else toast.remove();
    }, SHOWN_MS);
  }
}

customElements.define("desk-toasts", DeskToasts);
