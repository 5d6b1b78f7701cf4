// @ts-check
/** One topic: what is said about it as a whole, its examples, its answer. */
import { el, fill, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { iconButton } from "../../pieces.js";
import { counted } from "../words.js";
import { TopicAnswer } from "./answer.js";
import { TopicExamples } from "./examples.js";
import { factsName, TopicFacts } from "./facts.js";
import { mergeTopic, moveExamples, renameTopic, splitTopic } from "./sheets.js";

/** @typedef {import("./examples.js").Act} Act */
/** @typedef {import("./page.js").DeskTopics} DeskTopics */
/** @typedef {import("./pending.js").Drafted} Drafted */
/** @typedef {import("../types.js").Operation} Operation */

const KINDS = { own: "Your topic", built_in: "Built in", control: "Conversation" };

export class TopicView extends Part {
  /** @param {DeskTopics} page */
  constructor(page) {
    super();
    this.page = page;
    /** @type {Drafted|null} */
    this.topic = null;
    this.heading = el("h2", { class: "topic-title", tabindex: "-1", dataset: { testid: "topic-heading" } });
    this.about = el("p", { class: "topic-about" });
    this.moves = el("div", { class: "topic-moves" });
    this.notes = el("ul", { class: "topic-notes", role: "list" });
    this.examples = new TopicExamples({
      add: (texts) => this.change([{ kind: "add_examples", topic: this.name, texts }]),
      act: (act, texts) => void this.actOn(act, texts),
    });
    this.answer = new TopicAnswer({ save: (edits) => this.change(edits) });
    this.facts = new TopicFacts(page);
    this.parts = el("nav", { class: "segments topic-parts", "aria-label": "Parts of the topic" });
    this.columns = el(
      "div",
      { class: "topic-columns" },
      el("section", { class: "panel", "aria-label": "Examples" }, this.examples),
      el("section", { class: "panel", "aria-label": "Answer" }, this.answer),
    );
    this.sheet = el("section", { class: "topic-facts", "aria-label": "Facts" });
  }

  get name() {
    return this.topic?.name ?? "";
  }

  begin() {
    this.replaceChildren(
      el(
        "header",
        { class: "topic-head" },
        iconButton({ label: "All topics", icon: "back", class: "topic-back", run: () => this.page.go("") }),
        el("div", { class: "topic-names" }, this.heading, this.about),
        this.moves,
      ),
      this.notes,
      this.parts,
      this.columns,
      this.sheet,
    );
  }

  /** Reads what it shows of the files anew. */
  reload() {
    if (this.facts.products) void this.facts.load();
  }

  /** @param {Drafted} topic @param {string} place "facts", or empty for examples and answer */
  show(topic, place) {
    const fresh = this.topic?.name !== topic.name;
    this.topic = topic;
    setText(this.heading, topic.title);
    fill(
      this.about,
      el("span", { class: topic.kind === "own" ? "tag strong" : "tag", text: KINDS[topic.kind] }),
      topic.product_needed && el("span", { class: "tag", text: "Needs a product" }),
      el("span", { class: "mono quiet", text: topic.name }),
    );
    this.drawMoves(topic);
    this.drawParts(topic, place);
    fill(this.notes, ...topic.notes.map((change) => this.note(change)));
    if (fresh) this.examples.chosen.clear();
    this.examples.show(topic.examples);
    this.answer.show(topic, this.page.products, this.page.choosable);
  }

  /** @param {Drafted} topic @param {string} place */
  drawParts({ name, facts }, place) {
    const inFacts = place === "facts" && facts !== "none";
    const address = `#/topics/${encodeURIComponent(name)}`;
    this.parts.hidden = facts === "none";
    fill(
      this.parts,
      partLink("Examples and answer", address, !inFacts, "part-examples"),
      partLink(factsName(name), `${address}/facts`, inFacts, "part-facts"),
    );
    this.columns.hidden = inFacts;
    this.sheet.hidden = !inFacts;
    if (!inFacts) return;
    if (!this.facts.isConnected) this.sheet.append(this.facts);
    this.facts.show(name);
  }

  /** @param {Drafted} topic */
  drawMoves(topic) {
    const going = topic.notes.some(
      ({ operation }) => operation.kind === "merge_topics" && operation.into !== topic.name,
    );
    const own = topic.kind === "own";
    fill(
      this.moves,
      topic.kind !== "control" && !going && moveButton("Rename", "pen", () => renameTopic(this.page, topic)),
      own && !going && moveButton("Merge", "merge", () => mergeTopic(this.page, topic)),
    );
  }

  /** @param {import("../types.js").Change} change */
  note(change) {
    return el(
      "li",
      { class: "notice", dataset: { testid: "topic-note" } },
      sign("info"),
      el("span", { text: `${change.summary}: pending, by ${change.by.name}.` }),
      el("button", {
        type: "button",
        class: "link-button",
        text: "Take back",
        on: { click: () => void this.page.changes.drop(change.id) },
      }),
    );
  }

  /**
   * Adds edits with one way back for all of them; answers with what was wrong, or with nothing.
   * @param {Operation[]} operations
   */
  async change(operations) {
    const { desk, changes } = this.page;
    /** @type {import("../types.js").Change[]} */
    const made = [];
    try {
      const [only] = operations;
      if (operations.length === 1) await changes.propose(only);
      else for (const operation of operations) made.push(await changes.propose(operation, { quiet: true }));
    } catch (error) {
      return desk.refusal(error).message;
    }
    if (made.length) {
      const undo = async () => {
        for (const { id } of [...made].reverse()) await changes.drop(id);
      };
      desk.notify({
        text: `${counted(made.length, "answer")} of ${this.topic?.title} changed.`,
        action: { label: "Undo", run: () => void undo() },
      });
    }
    return "";
  }

  /** @param {Act} act @param {string[]} texts */
  async actOn(act, texts) {
    const { topic, page } = this;
    if (!topic) return;
    if (act === "move") moveExamples(page, topic, texts);
    else if (act === "split") splitTopic(page, topic, texts);
    else {
      const refused = await this.withdraw(topic, texts);
      if (refused) page.desk.notify({ text: refused, tone: "bad" });
      this.examples.list.focus();
    }
  }

  /**
   * Removes examples. One that a change alone has added is taken back by dropping that change.
   * @param {Drafted} topic
   * @param {string[]} texts
   */
  async withdraw(topic, texts) {
    const [first] = texts;
    const change = topic.examples.find(({ text }) => text === first)?.change;
    if (texts.length === 1 && change && "texts" in change.operation && change.operation.texts.length === 1) {
      await this.page.changes.drop(change.id);
      return "";
    }
    return this.change([{ kind: "remove_examples", topic: topic.name, texts }]);
  }
}

/** @param {string} label @param {string} href @param {boolean} current @param {string} testid */
const partLink = (label, href, current, testid) =>
  el("a", { class: "segment", href, "aria-current": current ? "page" : null, dataset: { testid }, text: label });

/** @param {string} label @param {string} icon @param {() => void} run */
const moveButton = (label, icon, run) =>
  el(
    "button",
    { type: "button", class: "button small", dataset: { testid: `topic-${label.toLowerCase()}` }, on: { click: run } },
    sign(icon),
    label,
  );

customElements.define("desk-topic", TopicView);
