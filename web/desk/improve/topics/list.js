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
const STATE_WORDS = { kept: "", new: "pending", changed: "", going: "going" };
const STATE_HINTS = {
  kept: "",
  new: "New; not applied yet",
  changed: "Has pending changes",
  going: "Goes when the changes are applied",
};
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
  row({ name, title, examples, state, more, less }) {
    return el(
      "li",
      {},
      el(
        "a",
        {
          class: "topic-link",
          href: `#/topics/${encodeURIComponent(name)}`,
          "aria-current": name === this.current ? "page" : null,
          title: STATE_HINTS[state],
          dataset: { testid: "topic", name, state },
        },
        el("span", { class: "topic-link-title", text: title }),
        STATE_WORDS[state] && el("span", { class: "tag strong", text: STATE_WORDS[state] }),
        state === "changed" && !more && !less && el("span", { class: "tag strong", text: "changed" }),
        counts({ state, examples, more, less }),
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

/**
 * How many examples there are, and how many come and go with the pending changes.
 * @param {Pick<Listed, "state"|"examples"|"more"|"less">} topic
 */
function counts({ state, examples, more, less }) {
  const few = examples + more - less < FEW && state !== "going";
  const words = [
    counted(examples, "example"),
    more > 0 && `${more.toLocaleString()} more pending`,
    less > 0 && `${less.toLocaleString()} less pending`,
  ].filter(Boolean);
  return el(
    "span",
    {
      class: "topic-link-count figures",
      title: few ? `${words.join(", ")}. From ${FEW} on it is understood better.` : words.join(", "),
      dataset: { few: String(few) },
    },
    (examples > 0 || !more) && el("span", { "aria-hidden": "true", text: examples.toLocaleString() }),
    more > 0 && el("span", { class: "count-more", "aria-hidden": "true", text: `+${more.toLocaleString()}` }),
    less > 0 && el("span", { class: "count-less", "aria-hidden": "true", text: `−${less.toLocaleString()}` }),
    el("span", { class: "visually-hidden", text: words.join(", ") }),
  );
}

customElements.define("desk-topic-list", TopicList);
