// @ts-check
import { el, fill, setAttribute } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import { changesOf, PENDING } from "./changes.js";
import { openChanges } from "./changes-drawer.js";

/** "3 changes to review": opens them from any improve page. */
export class ChangesButton extends Part {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.changes = changesOf(desk);
    this.button = el("button", {
      type: "button",
      class: "button changes-button",
      dataset: { testid: "changes" },
      on: { click: () => openChanges(this.desk) },
    });
  }

  begin() {
    this.replaceChildren(this.button);
    this.hear(this.changes, PENDING, () => this.update());
    this.update();
    void this.changes.load();
  }

  update() {
    const { count, words } = this.changes;
    setAttribute(this.button, "data-pending", count > 0);
    fill(this.button, sign("diff"), count ? words : "No changes");
  }
}

customElements.define("desk-changes-button", ChangesButton);
