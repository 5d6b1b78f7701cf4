// @ts-check
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { ago } from "../../shared/time.js";
import { sign } from "../icons.js";
import { stateSign } from "../labels.js";
import { Part } from "../part.js";
import { iconButton, kbd, marked } from "../pieces.js";
import { CHANGE } from "../state/change.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Found} Found */

const STATES = [
  ["", "All"],
  ["agent", "With a person"],
  ["resolved", "Resolved"],
];
const MATCHES_SHOWN = 3;
/** @type {Record<string, string>} */
const AUTHORS = { customer: "Customer", bot: "Bot", agent: "Agent", system: "Desk" };

/** Searching transcripts: the field above the list, and what was found in place of it. */
export class DeskSearch extends Part {
  /**
   * @param {Desk} desk
   * @param {{open: (id: string, seq?: number) => void}} actions
   */
  constructor(desk, actions) {
    super();
    this.desk = desk;
    this.actions = actions;
    this.input = el("input", {
      type: "search",
      class: "search-input",
      placeholder: "Search what was said",
      "aria-label": "Search what was said",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 200,
      dataset: { testid: "search" },
    });
    this.clearButton = iconButton({ label: "End the search", icon: "close", run: () => this.end() });
    this.field = el("div", { class: "search-field" }, sign("search"), this.input, kbd("/"), this.clearButton);
    this.results = el("ul", { class: "results", role: "list", dataset: { testid: "search-results" } });
    this.status = el("p", { class: "search-status", role: "status" });
  }

  begin() {
    this.hidden = !this.desk.search.active;
    const filters = el("div", { class: "segments", role: "group", "aria-label": "Which conversations" });
    for (const [state, label] of STATES) {
      filters.append(
        el("button", {
          type: "button",
          class: "segment",
          text: label,
          dataset: { state },
          on: { click: () => this.desk.search.look(this.input.value, state) },
        }),
      );
    }
    this.filters = filters;
    this.replaceChildren(el("div", { class: "search-bar" }, filters, this.status), this.results);
    this.input.addEventListener("input", () => this.desk.search.look(this.input.value), { signal: this.life?.signal });
    this.input.addEventListener("keydown", (event) => this.pressed(event), { signal: this.life?.signal });
    this.hear(this.desk, [CHANGE.search, CHANGE.selection], () => this.update());
    this.update();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Escape") this.end();
    else if (event.key === "ArrowDown" || event.key === "Enter")
      this.results.querySelector(/** @type {"button"} */ (".found"))?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  end() {
    this.desk.search.look("", "");
    this.input.blur();
  }

  focusField() {
    this.input.focus();
    this.input.select();
  }

  update() {
    const { search } = this.desk;
    if (document.activeElement !== this.input || !search.query) this.input.value = search.query;
    setAttribute(this.field, "data-filled", Boolean(search.query));
    for (const button of this.filters?.children ?? [])
      setAttribute(button, "aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.state === search.state));
    setText(this.status, this.words());
    setAttribute(this.results, "aria-busy", search.status === "looking" ? "true" : null);
    if (search.status === "looking") return;
    fill(this.results, ...search.results.map((found) => this.found(found)));
  }

  words() {
    const { status, error, results } = this.desk.search;
    if (status === "looking") return "Looking…";
    if (status === "failed") return error;
    if (status === "idle") return "";
    if (!results.length) return "Nothing found";
    return results.length === 1 ? "1 conversation" : `${results.length} conversations`;
  }

  /** @param {Found} found */
  found({ conversation, matches }) {
    const { id } = conversation;
    const state = stateSign(conversation.state);
    return el(
      "li",
      { class: "found-group", dataset: { testid: "found", id } },
      el(
        "p",
        { class: "found-head" },
        el("strong", { text: this.desk.nameOf(id) }),
        el("span", { class: "quiet", text: `${state.label} · ${ago(conversation.updated_at, "en")}` }),
      ),
      ...matches.slice(0, MATCHES_SHOWN).map((match) =>
        el(
          "button",
          {
            type: "button",
            class: "found",
            dataset: { testid: "found-match" },
            on: { click: () => this.actions.open(id, match.seq) },
          },
          el("span", { class: "found-from", text: AUTHORS[match.from] ?? match.from }),
          el("span", { class: "found-text", dir: "auto" }, ...marked(match.snippet)),
        ),
      ),
    );
  }
}

customElements.define("desk-search", DeskSearch);
