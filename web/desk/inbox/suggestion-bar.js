// @ts-check
import { el, fill } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import { kbd } from "../pieces.js";
import { CHANGE } from "../state/change.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Suggestion} Suggestion */

/** Answers from the catalogue, each a press or a key away. */
export class SuggestionBar extends Part {
  /**
   * @param {Desk} desk
   * @param {string} id
   * @param {(index: number) => void} choose
   */
  constructor(desk, id, choose) {
    super();
    this.desk = desk;
    this.conversation = id;
    this.choose = choose;
    this.shown = "";
  }

  begin() {
    this.className = "suggestions";
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Suggested answers");
    this.dataset.testid = "suggestions";
    this.hear(this.desk, [CHANGE.suggestions, CHANGE.products], () => this.update());
    this.update();
  }

  update() {
    const { held } = this.desk.suggestions;
    const some = this.desk.suggestions.of(this.conversation);
    const looked = held.has(this.conversation);
    const mark = JSON.stringify([looked, some.map((one) => [this.titleOf(one), one.text])]);
    if (this.shown === mark) return;
    this.shown = mark;
    fill(
      this,
      sign("spark", "icon suggestions-sign"),
      some.length > 0 && el("span", { class: "suggestions-key", "aria-hidden": "true" }, kbd("Alt")),
      ...some.map((suggestion, index) =>
        el(
          "button",
          {
            type: "button",
            class: "suggestion",
            title: suggestion.text,
            dataset: { testid: "suggestion" },
            on: { click: () => this.choose(index) },
          },
          el("span", { text: this.titleOf(suggestion) }),
          kbd(String(index + 1)),
        ),
      ),
      looked && !some.length && el("span", { class: "quiet", text: "Nothing in the catalogue fits what was asked." }),
    );
  }

  /**
   * What a suggestion is about; the product goes without saying where there is only one.
   * @param {Suggestion} suggestion
   */
  titleOf({ title }) {
    const { desk } = this;
    const [sku, ...more] = desk.cards.get(this.conversation)?.skus ?? [];
    const name = desk.products.named(sku)?.name;
    return name && !more.length && title.startsWith(`${name}: `) ? title.slice(name.length + 2) : title;
  }
}

customElements.define("desk-suggestions", SuggestionBar);
