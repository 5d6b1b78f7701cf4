// @ts-check
import { el, setText } from "../../shared/dom.js";
import { copyText } from "../admin/copy.js";
import { field, Sheet } from "../admin/sheet.js";
import { sign } from "../icons.js";

/**
 * Shows a secret that nobody can see again.
 * @param {HTMLElement} host
 * @param {{title: string, label: string, secret: string, more: string}} shown
 */
export function showSecret(host, { title, label, secret, more }) {
  const sheet = new Sheet(title, host);
  const text = el("input", {
    id: "secret-once",
    class: "mono",
    readonly: true,
    value: secret,
    dataset: { testid: "secret-once" },
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
    el("p", { class: "quiet", text: "It is shown only now." }),
  );
  text.focus();
}
