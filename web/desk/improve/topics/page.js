// @ts-check
/** The topics: the list beside the one that is open. */
import { el, fill, setText } from "../../../shared/dom.js";
import { products } from "../../api.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import * as calls from "../calls.js";
import { ChangesButton } from "../changes-button.js";
import { changesOf, PENDING, SETTLED } from "../changes.js";
import { pageKeys } from "../keys.js";
import { TopicList } from "./list.js";
import { drafted, listed } from "./pending.js";
import { createTopic } from "./sheets.js";
import { TopicView } from "./topic.js";

/** @typedef {import("../../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Topic} Topic */
/** @typedef {import("../types.js").TopicSummary} TopicSummary */

/** @type {import("../keys.js").KeyGroup[]} */
const KEYS = [
  [
    "Topics",
    [
      [["/"], "Find a topic"],
      [["↑", "↓"], "The topic above, below"],
      [["Enter"], "Open it"],
      [["N"], "New topic"],
    ],
  ],
  [
    "Examples",
    [
      [["Space"], "Choose"],
      [["Shift", "↑", "↓"], "Choose several"],
      [["Ctrl", "A"], "Choose all"],
      [["M"], "Move to another topic"],
      [["S"], "Split off a topic"],
      [["Delete"], "Remove"],
      [["Esc"], "Choose none"],
    ],
  ],
];

export class DeskTopics extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.changes = changesOf(desk);
    /** @type {TopicSummary[]|null} */
    this.known = null;
    /** @type {import("../../types.js").Product[]} */
    this.products = [];
    /** The name of the topic that is open, or empty. */
    this.open = "";
    /** Which part of it is shown: "facts", or empty for its examples and answer. */
    this.place = "";
    /** @type {Topic|null} the open topic as the files have it */
    this.topic = null;
    this.list = new TopicList();
    this.view = new TopicView(this);
    this.side = el("div", { class: "topic-side" }, el("div", { class: "topic-waiting skeleton" }));
    this.fault = el("p", { class: "menu-note", role: "alert" });
    this.frame = el("div", { class: "topics", dataset: { showing: "list" } }, this.list, this.side);
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "page-head improve-head" },
        el("h1", { tabindex: "-1", text: "Topics" }),
        new ChangesButton(this.desk),
        el(
          "button",
          {
            type: "button",
            class: "button primary",
            dataset: { testid: "topic-new" },
            on: { click: () => createTopic(this) },
          },
          sign("plus"),
          "New topic",
        ),
      ),
      this.fault,
      this.frame,
    );
    pageKeys(this, "topics", KEYS, { "/": () => this.list.search.focus(), n: () => createTopic(this) });
    this.hear(this.changes, PENDING, () => this.update());
    this.hear(this.changes, SETTLED, () => {
      void this.load();
      this.view.reload();
    });
    void this.load();
    void this.loadProducts();
  }

  /** @param {string[]} parts */
  route([name = "", place = ""]) {
    const wanted = decodeURIComponent(name);
    const turned = place !== this.place;
    this.place = place;
    if (wanted === this.open) {
      if (turned) this.update();
      return;
    }
    this.open = wanted;
    this.topic = null;
    if (wanted) fill(this.side, el("div", { class: "topic-waiting skeleton" }));
    this.frame.dataset.showing = wanted ? "topic" : "list";
    this.list.markCurrent(wanted);
    void this.loadTopic();
  }

  /** @param {string} name empty shows the list alone */
  go(name) {
    location.hash = name ? `#/topics/${encodeURIComponent(name)}` : "#/topics";
  }

  /** The topics as they will be, those that are going included. */
  get topics() {
    return listed(this.known ?? [], this.changes.pending, this.changes.labelled);
  }

  /** Those that examples can move to and buttons can lead to. */
  get choosable() {
    return this.topics.filter(({ state }) => state !== "going").sort((a, b) => a.title.localeCompare(b.title));
  }

  async load() {
    try {
      const { topics } = await calls.topics();
      this.known = topics;
      setText(this.fault, "");
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
    await this.loadTopic();
  }

  async loadProducts() {
    try {
      this.products = await products();
      this.update();
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  async loadTopic() {
    const name = this.open;
    if (name && (!this.known || this.known.some((topic) => topic.name === name))) {
      try {
        const { topic } = await calls.topic(name);
        if (name === this.open) this.topic = topic;
      } catch (error) {
        const refused = this.desk.refusal(error);
        if (refused.status !== 404) setText(this.fault, refused.message);
      }
    }
    if (name === this.open) this.update();
  }

  update() {
    if (!this.known) return;
    this.list.show(this.topics, this.open);
    if (!this.open) {
      fill(this.side, this.known.length ? unopened() : null);
      return;
    }
    const topic = drafted(this.open, this.topic, this.changes.pending);
    if (topic) {
      if (this.view.parentElement !== this.side) fill(this.side, this.view);
      if (this.view.name !== topic.name) this.side.scrollTop = 0;
      this.view.show(topic, this.place);
    } else if (this.changes.review && !this.known.some(({ name }) => name === this.open)) fill(this.side, gone());
  }
}

const unopened = () =>
  el(
    "div",
    { class: "empty wide" },
    el("span", { class: "empty-mark", "aria-hidden": "true" }, sign("topic", "icon empty-icon")),
    el("h2", { text: "What the bot can be asked" }),
    el("p", {
      text: "Each topic is learned from examples of how customers ask. Open one to add what they really write, or make a new one: it needs a name, a few examples and an answer, and no code.",
    }),
  );

const gone = () =>
  el(
    "div",
    { class: "empty wide" },
    el("span", { class: "empty-mark", "aria-hidden": "true" }, sign("topic", "icon empty-icon")),
    el("h2", { text: "There is no such topic" }),
    el("p", { text: "It may have been renamed or merged into another." }),
    el("a", { class: "button", href: "#/topics", text: "All topics" }),
  );

customElements.define("desk-topics", DeskTopics);
