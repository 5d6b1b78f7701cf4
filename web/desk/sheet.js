// @ts-check
/** Dialogs with a form, and those that show a link or a secret once. */
import { el, fill, setText } from "../shared/dom.js";
import { sign } from "./icons.js";
import { iconButton } from "./pieces.js";
import { copyText } from "./copy.js";

/** @typedef {import("../shared/dom.js").Child} Child */

/**
 * A labelled control.
 * @param {string} label
 * @param {HTMLElement} control with an id
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  if (hint) control.setAttribute("aria-describedby", `${control.id}-hint`);
  return el(
    "div",
    { class: "field" },
    el("label", { for: control.id, text: label }),
    control,
    hint && el("p", { class: "quiet", id: `${control.id}-hint`, text: hint }),
  );
}

/** A dialog that is made when it is opened and gone when it is closed. */
export class Sheet {
  /**
   * @param {string} name
   * @param {HTMLElement} host where it is put
   */
  constructor(name, host) {
    const id = `sheet-${name.toLowerCase().replace(/[^a-z]+/gu, "-")}`;
    this.error = el("p", { class: "menu-note", role: "alert", dataset: { testid: "sheet-error" } });
    this.content = el("div", { class: "admin-sheet" });
    this.dialog = el(
      "dialog",
      { class: "sheet", "aria-labelledby": id },
      el(
        "div",
        { class: "sheet-head admin-sheet-head" },
        el("h2", { id, text: name }),
        iconButton({ label: "Close", icon: "close", run: () => this.close() }),
      ),
      this.content,
    );
    this.dialog.addEventListener("close", () => this.dialog.remove());
    host.append(this.dialog);
  }

  /** @param {...Child} children */
  open(...children) {
    fill(this.content, ...children);
    this.dialog.showModal();
  }

  close() {
    this.dialog.close();
  }

  /** @param {string} why */
  refuse(why) {
    setText(this.error, why);
  }
}

/**
 * Shows a link that nobody can see again.
 * @param {HTMLElement} host
 * @param {{title: string, link: string, more: string}} shown
 */
export function showLink(host, { title, link, more }) {
  const until = "It is shown only now, and works once.";
  showOnce(host, { kind: "link", title, label: "Link", value: link, more, until });
}

/**
 * Shows a secret that nobody can see again.
 * @param {HTMLElement} host
 * @param {{title: string, label: string, secret: string, more: string}} shown
 */
export function showSecret(host, { title, label, secret, more }) {
  showOnce(host, { kind: "secret", title, label, value: secret, more, until: "It is shown only now." });
}

/**
 * @param {HTMLElement} host
 * @param {{kind: string, title: string, label: string, value: string, more: string, until: string}} shown
 */
function showOnce(host, { kind, title, label, value, more, until }) {
  const sheet = new Sheet(title, host);
  const text = el("input", {
    id: `${kind}-once`,
    class: "mono",
    readonly: true,
    value,
    dataset: { testid: `${kind}-once` },
    on: { focus: (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select() },
  });
  const copy = el("button", { type: "button", class: "button primary" }, sign("file"), "Copy");
  copy.addEventListener("click", async () => {
    await copyText(text.value);
    setText(copy, "Copied");
  });
  sheet.open(
    el("p", { text: more }),
    el("div", { class: "link-row" }, field(label, text), copy),
    el("p", { class: "quiet", text: until }),
  );
  text.focus();
}
