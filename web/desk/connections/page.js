// @ts-check
import { el } from "../../shared/dom.js";
import { Part } from "../part.js";
import { DeskChatwoot } from "./chatwoot.js";
import { DeskHooks } from "./hooks.js";
import { DeskKeys } from "./keys.js";

/** How other systems take part: with keys of their own, and by being told. */
export class DeskConnections extends Part {
  /** @param {import("../state/desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "page-head" },
        el("h1", { tabindex: "-1", text: "Keys and webhooks" }),
        el("a", { class: "button", href: "/api/docs", target: "_blank", rel: "noopener", text: "API documentation" }),
      ),
      el(
        "div",
        { class: "page-body admin-body" },
        new DeskKeys(this.desk),
        new DeskHooks(this.desk),
        new DeskChatwoot(this.desk),
      ),
    );
  }
}

customElements.define("desk-connections", DeskConnections);
