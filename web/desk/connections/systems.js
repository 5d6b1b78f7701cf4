// @ts-check
/** Other systems in a list, with a button that adds one. */
import { el, fill, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";

/** @typedef {import("../../shared/dom.js").Child} Child */

export class Systems extends Part {
  /**
   * @param {import("../state/desk.js").Desk} desk
   * @param {string} title
   * @param {{text: string, testid: string}} [adding] the button; without it nothing can be added
   */
  constructor(desk, title, adding) {
    super();
    this.desk = desk;
    this.heading = title;
    this.list = el("ul", { class: "admin-list admin-card", role: "list" });
    this.fault = el("p", { class: "menu-note", role: "alert" });
    this.button =
      adding &&
      el(
        "button",
        {
          type: "button",
          class: "button",
          disabled: true,
          dataset: { testid: adding.testid },
          on: { click: () => this.add() },
        },
        sign("plus"),
        adding.text,
      );
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "connections-head" }, el("h2", { class: "admin-title", text: this.heading }), this.button),
      this.fault,
      this.list,
    );
    void this.load();
  }

  async load() {
    try {
      fill(this.list, ...(await this.rows()));
      setText(this.fault, "");
      if (this.button) this.button.disabled = false;
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /**
   * Asks the service for the lines of the list.
   * @returns {Promise<Child[]>}
   */
  async rows() {
    return [];
  }

  /** Opens the sheet that adds one. */
  add() {}
}
