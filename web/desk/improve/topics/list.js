// @ts-check
/** All topics, in groups, found by typing. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { counted } from "../words.js";

/** @typedef {import("./pending.js").Listed} Listed */

/** @type {[string, string, string][]} the groups by kind, with what each is */
const GROUPS = [
  ["own", "Your topics", "Made here, without code."],
  ["built_in", "Built in", "Answered from the catalogue."],
  ["control", "Conversation", "Yes, no, greetings, asking for a person."],
];
const STATE_WORDS = { kept: "", new: "new", changed: "changed", going: "going" };
/** With fewer examples a topic is not understood well. */
const FEW = 20;

export class TopicList extends Part {
  constructor() {
    super();
    /** @type {Listed[]} */
    this.topics = [];
    this.current = "";
    this.search = el("input", {
      type: "search",
      class: "search-input",
      placeholder: "Find a topic",
      "aria-label": "Find a topic",
      dataset: { testid: "topic-search" },
      on: { input: () => this.draw(), keydown: (/** @type {KeyboardEvent} */ event) => this.searching(event) },
    });
    this.groups = el("div", {
      class: "topic-groups",
      on: { keydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event) },
    });
    this.found = el("p", { class: "visually-hidden", role: "status" });
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "topic-search" }, sign("search"), this.search),
      this.found,
      el("nav", { class: "topic-nav", "aria-label": "Topics" }, this.groups),
    );
  }

  /** @param {Listed[]} topics @param {string} current */
  show(topics, current) {
    this.topics = topics;
    this.current = current;
    this.draw();
  }

  draw() {
    const words = this.search.value.toLowerCase().split(/\s+/u).filter(Boolean);
    const shown = this.topics
      .filter(({ name, title }) => words.every((word) => `${title} ${name}`.toLowerCase().includes(word)))
      .sort((a, b) => a.title.localeCompare(b.title));
    const held = document.activeElement instanceof HTMLElement && this.groups.contains(document.activeElement);
    const name = held ? /** @type {HTMLElement} */ (document.activeElement).dataset.name : "";
    fill(
      this.groups,
      ...GROUPS.map(([kind, label, hint]) =>
        this.group(
          label,
          hint,
          shown.filter((topic) => topic.kind === kind),
          kind,
        ),
      ),
      !shown.length && words.length > 0 && el("p", { class: "quiet topic-none", text: "No topic of that name." }),
    );
    setText(this.found, words.length ? counted(shown.length, "topic") : "");
    if (name) this.link(name)?.focus();
  }

  /**
   * @param {string} label
   * @param {string} hint
   * @param {Listed[]} topics
   * @param {string} kind
   */
  group(label, hint, topics, kind) {
    if (!topics.length && (kind !== "own" || this.search.value)) return null;
    return el(
      "section",
      { class: "topic-group", "aria-label": label },
      el(
        "h2",
        { class: "topic-group-head", title: hint },
        label,
        el("span", { class: "figures", text: String(topics.length) }),
      ),
      topics.length
        ? el("ul", { role: "list" }, ...topics.map((topic) => this.row(topic)))
        : el("p", {
            class: "quiet topic-none",
            text: "None yet. A new topic takes a name, a few examples and an answer.",
          }),
    );
  }

  /** @param {Listed} topic */
  row({ name, title, examples, state }) {
    const few = examples < FEW && state !== "going";
    return el(
      "li",
      {},
      el(
        "a",
        {
          class: "topic-link",
          href: `#/topics/${encodeURIComponent(name)}`,
          "aria-current": name === this.current ? "page" : null,
          dataset: { testid: "topic", name, state },
        },
        el("span", { class: "topic-link-title", text: title }),
        state !== "kept" && el("span", { class: "tag strong", text: STATE_WORDS[state] }),
        el(
          "span",
          {
            class: "topic-link-count figures",
            title: few ? `Few examples: from ${FEW} on it is understood better` : counted(examples, "example"),
            dataset: { few: String(few) },
          },
          String(examples),
          el("span", { class: "visually-hidden", text: examples === 1 ? " example" : " examples" }),
        ),
      ),
    );
  }

  /** @param {string} name */
  link(name) {
    return /** @type {HTMLElement|null} */ (this.groups.querySelector(`[data-name="${CSS.escape(name)}"]`));
  }

  /** @param {KeyboardEvent} event */
  searching(event) {
    const first = /** @type {HTMLElement|null} */ (this.groups.querySelector(".topic-link"));
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter") first?.click();
    else if (event.key === "Escape" && this.search.value) {
      this.search.value = "";
      this.draw();
    } else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = /** @type {HTMLElement[]} */ ([...this.groups.querySelectorAll(".topic-link")]);
    const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    event.preventDefault();
    if (at + step < 0) this.search.focus();
    else links[at + step]?.focus();
  }

  markCurrent(/** @type {string} */ name) {
    this.current = name;
    for (const link of this.groups.querySelectorAll(".topic-link"))
      setAttribute(link, "aria-current", /** @type {HTMLElement} */ (link).dataset.name === name ? "page" : null);
    this.link(name)?.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("desk-topic-list", TopicList);
