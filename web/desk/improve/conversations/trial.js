// @ts-check
/** A transcript beside what the serving bot would have made of it; turns become examples, the whole a test. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { ApiError } from "../../../shared/http.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { MOST_TURNS, tryTurns } from "../calls.js";
import { ask, Field } from "../../form.js";
import { TopicPicker } from "../topics/picker.js";
import { counted } from "../words.js";
import { expectation, presumed } from "./judging.js";
import { reading, titles } from "./reading.js";

/** @typedef {import("./page.js").DeskConversations} DeskConversations */
/** @typedef {import("../types.js").Transcript} Transcript */
/** @typedef {import("../types.js").Tried} Tried */
/** @typedef {{verdict: "right"|"wrong"|"open", topic: string}} Judged */

const LONGEST_NAME = 80;

export class DeskTrial extends Part {
  /** @param {DeskConversations} page @param {Transcript} transcript */
  constructor(page, transcript) {
    super();
    this.page = page;
    this.transcript = transcript;
    /** The customer's turns, which the bot is asked. */
    this.asked = transcript.turns.filter(({ from }) => from === "customer").map(({ text }) => text);
    /** @type {Tried[]} */
    this.tried = [];
    /** @type {Judged[]} */
    this.judged = [];
    this.trying = new AbortController();
    this.state = el("p", { class: "trial-state", role: "status", dataset: { testid: "trial-state" } });
    this.progress = el("div", { class: "progress", dataset: { busy: "" } }, el("div", { class: "progress-fill" }));
    this.retry = el("button", {
      type: "button",
      class: "button small",
      text: "Ask again",
      hidden: true,
      on: { click: () => void this.load() },
    });
    this.turns = el("ol", { class: "trial-turns" });
    this.name = new Field(
      "Keep it as a test under the name",
      el("input", {
        id: "trial-name",
        maxlength: LONGEST_NAME,
        autocomplete: "off",
        value: transcript.title.slice(0, LONGEST_NAME),
        dataset: { testid: "trial-name" },
      }),
    );
    this.keepButton = el("button", {
      type: "submit",
      class: "button primary",
      text: "Keep as a test",
      disabled: true,
      dataset: { testid: "trial-keep" },
    });
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "panel-head" }, el("h2", { text: this.transcript.title }), this.state, this.retry),
      this.progress,
      this.turns,
      el(
        "form",
        { class: "trial-end", novalidate: true, on: { submit: (/** @type {Event} */ event) => void this.keep(event) } },
        this.name.element,
        this.keepButton,
      ),
    );
    this.classList.add("panel");
    this.draw();
    void this.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.trying.abort();
  }

  async load() {
    this.retry.hidden = true;
    this.progress.hidden = false;
    setText(this.state, `The bot is asked ${counted(this.asked.length, "turn")}…`);
    try {
      const { turns } = await tryTurns(this.asked, this.trying.signal);
      this.tried = turns;
      this.judged = turns.map((tried) => ({ verdict: presumed(tried), topic: "" }));
      this.tell();
    } catch (error) {
      if (this.trying.signal.aborted) return;
      setText(this.state, this.page.desk.refusal(error).message);
      this.retry.hidden = false;
    }
    this.progress.hidden = true;
    this.draw();
  }

  tell() {
    const right = this.judged.filter(({ verdict }) => verdict === "right").length;
    setText(this.state, `The bot does ${right} of ${counted(this.judged.length, "turn")} right.`);
    this.keepButton.disabled = !this.judged.some(({ verdict, topic }) => verdict === "right" || topic);
    if (this.asked.length > MOST_TURNS) this.state.append(` Only the first ${MOST_TURNS} were asked.`);
    const expected = this.judged.filter(({ verdict, topic }) => verdict === "right" || topic).length;
    this.name.say(`${counted(expected, "turn")} of ${this.judged.length} with an expectation.`);
  }

  draw() {
    let at = -1;
    fill(
      this.turns,
      ...this.transcript.turns.map(({ from, text }) => {
        if (from !== "customer") return el("li", { class: "trial-turn" }, line(from, text));
        at += 1;
        return this.turn(at, text);
      }),
    );
  }

  /** A turn of the customer's, with what the bot made of it. @param {number} at @param {string} text */
  turn(at, text) {
    const tried = this.tried[at];
    const said = el(
      "div",
      { class: "trial-said" },
      line("customer", text),
      el(
        "button",
        {
          type: "button",
          class: "link-button trial-example",
          dataset: { testid: "turn-example" },
          on: { click: () => this.makeExample(at, text) },
        },
        "Make it an example",
      ),
    );
    const did = tried
      ? el("div", { class: "trial-did" }, reading(tried, titles(this.page.topics)), this.verdict(at))
      : el("div", { class: "trial-did waiting" });
    return el(
      "li",
      { class: "trial-turn", dataset: { testid: "trial-turn", verdict: this.judged[at]?.verdict ?? "open" } },
      said,
      did,
    );
  }

  /** @param {number} at */
  verdict(at) {
    const judged = this.judged[at];
    const topic = el(
      "select",
      { "aria-label": "What it should have been", dataset: { testid: "turn-topic" } },
      el("option", { value: "", text: "Should have been…" }),
      ...this.page.choosable.map(({ name, title }) =>
        el("option", { value: name, selected: name === judged.topic, text: title }),
      ),
    );
    topic.hidden = judged.verdict !== "wrong";
    topic.addEventListener("change", () => {
      judged.topic = topic.value;
      this.tell();
    });
    const choose = (/** @type {"right"|"wrong"} */ verdict) => {
      judged.verdict = judged.verdict === verdict ? "open" : verdict;
      if (judged.verdict !== "wrong") judged.topic = "";
      topic.hidden = judged.verdict !== "wrong";
      for (const button of buttons)
        setAttribute(button, "aria-pressed", String(button.dataset.verdict === judged.verdict));
      setAttribute(/** @type {Element} */ (group.closest("li")), "data-verdict", judged.verdict);
      this.tell();
    };
    const buttons = /** @type {const} */ (["right", "wrong"]).map((verdict) =>
      el(
        "button",
        {
          type: "button",
          class: "verdict-button",
          "aria-pressed": String(judged.verdict === verdict),
          dataset: { verdict, testid: `turn-${verdict}` },
          on: { click: () => choose(verdict) },
        },
        sign(verdict === "right" ? "check" : "close"),
        verdict === "right" ? "Right" : "Wrong",
      ),
    );
    const group = el(
      "div",
      { class: "trial-verdict", role: "group", "aria-label": "Was that right?" },
      ...buttons,
      topic,
    );
    return group;
  }

  /** @param {number} at @param {string} text */
  makeExample(at, text) {
    const guess = this.judged[at]?.topic || this.tried[at]?.topic || "";
    const picker = new TopicPicker("Of the topic", this.page.choosable, guess);
    const words = new Field("The example", el("input", { id: "turn-text", value: text, autocomplete: "off" }));
    ask(
      this.page,
      {
        title: "Make it an example",
        verb: "Add",
        fields: { texts: words },
        check: () => [words.refuse(words.value ? "" : "It needs words."), picker.check()].every(Boolean),
        run: async () => {
          await this.page.changes.propose({ kind: "add_examples", topic: picker.value, texts: [words.value] });
          this.exampleMade(at, picker.value);
        },
      },
      words.element,
      picker.element,
    );
    picker.focus();
  }

  /** @param {number} at @param {string} topic */
  exampleMade(at, topic) {
    const button = this.turns.querySelectorAll(".trial-example")[at];
    button?.replaceWith(el("span", { class: "tag strong", text: `Example of ${titles(this.page.topics)(topic)}` }));
  }

  /** @param {Event} event */
  async keep(event) {
    event.preventDefault();
    const name = this.name.value;
    if (
      !this.name.refuse(
        name ? (this.page.has(name) ? "There is a test of that name already." : "") : "It needs a name.",
      )
    ) {
      this.name.control.focus();
      return;
    }
    const turns = this.tried.map((tried, at) => expectation(tried, this.judged[at].verdict, this.judged[at].topic));
    this.keepButton.disabled = true;
    try {
      await this.page.changes.propose({
        kind: "add_conversation",
        name,
        turns,
        source: this.transcript.source ?? "transcript",
      });
      setText(this.keepButton, "Kept");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.name.refuse(this.page.desk.refusal(error).message);
      this.keepButton.disabled = false;
    }
  }
}

const SPEAKERS = { customer: "Customer: ", agent: "Agent: ", bot: "Bot: " };

/** @param {import("../types.js").Line["from"]} from @param {string} text */
const line = (from, text) =>
  el(
    "p",
    { class: "said-bubble", dir: "auto", dataset: { from } },
    el("span", { class: "visually-hidden", text: SPEAKERS[from] }),
    text,
  );

customElements.define("desk-trial", DeskTrial);
