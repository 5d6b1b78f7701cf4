// @ts-check
/** The conversations that every new model has to get right, and how the serving bot does in them now. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { keyed } from "../../keyed.js";
import { Part } from "../../part.js";
import { iconButton } from "../../pieces.js";
import { tryTurns } from "../calls.js";
import { counted } from "../words.js";
import { meets, score } from "./judging.js";
import { expected, reading, titles } from "./reading.js";

/** @typedef {import("./page.js").DeskConversations} DeskConversations */
/** @typedef {import("../types.js").TestConversation} TestConversation */
/** @typedef {import("../types.js").Tried} Tried */
/** @typedef {TestConversation & {state: "kept"|"new"|"going"}} Listed */

/** How the source of a conversation begins that no model may ever fail. */
const MUST = /^must(: *|$)/iu;
const STATE_WORDS = { kept: "", new: "new", going: "going" };

export class TestList extends Part {
  /** @param {DeskConversations} page */
  constructor(page) {
    super();
    this.page = page;
    /** @type {Listed[]} */
    this.tests = [];
    /** @type {Map<string, Tried[]>} what the bot did, by the conversation's name */
    this.tried = new Map();
    /** @type {AbortController|null} while all are tried */
    this.trying = null;
    this.search = el("input", {
      type: "search",
      class: "small-search",
      placeholder: "Find a conversation",
      "aria-label": "Find a conversation",
      dataset: { testid: "test-search" },
      on: { input: () => this.draw() },
    });
    this.tally = el("p", { class: "tests-tally", role: "status", dataset: { testid: "tests-tally" } });
    this.bar = el("div", { class: "progress-fill" });
    this.progress = el(
      "div",
      { class: "progress", role: "progressbar", "aria-label": "Trying the conversations", hidden: true },
      this.bar,
    );
    this.tryButton = el("button", {
      type: "button",
      class: "button",
      dataset: { testid: "try-all" },
      on: { click: () => (this.trying ? this.trying.abort() : void this.tryAll()) },
    });
    this.list = el("ul", { class: "test-list", role: "list" }, el("li", { class: "skeleton" }));
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "tests-head" },
        el("p", {
          class: "tests-why",
          text: "Every new model has to get these right before it may serve customers. Keep here what must never break again.",
        }),
        this.search,
        this.tryButton,
      ),
      this.progress,
      this.tally,
      this.list,
    );
    this.draw();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.trying?.abort();
  }

  /** @param {Listed[]} tests */
  show(tests) {
    this.tests = tests;
    this.draw();
  }

  draw() {
    const words = this.search.value.toLowerCase().split(/\s+/u).filter(Boolean);
    const found = this.tests.filter(({ name, turns }) => {
      const all = `${name} ${turns.map(({ text }) => text).join(" ")}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
    // What went wrong comes first, but nothing moves while they are tried.
    const shown = this.trying ? found : found.sort((a, b) => Number(this.failed(b)) - Number(this.failed(a)));
    this.tryButton.hidden = !this.tests.length;
    this.search.hidden = !this.tests.length;
    fill(this.tryButton, sign(this.trying ? "close" : "play"), this.trying ? "Stop" : "Try them all now");
    keyed(
      this.list,
      shown,
      ({ name }) => name,
      () => el("li", { class: "panel test" }),
      (node, test) => this.refresh(/** @type {HTMLElement} */ (node), test),
    );
    if (!shown.length && !this.page.known) this.list.append(el("li", { class: "skeleton" }));
    if (!shown.length && this.page.known) this.list.append(el("li", {}, this.tests.length ? notFound() : noTests()));
  }

  /** @param {HTMLElement} node @param {Listed} test */
  refresh(node, test) {
    const tried = this.tried.get(test.name);
    const as = JSON.stringify([test, tried, this.page.topics.length]);
    if (node.dataset.as === as) return;
    const open = node.querySelector("details")?.open ?? false;
    Object.assign(node.dataset, { as, testid: "test", name: test.name, state: test.state });
    fill(node, this.details(test, tried, open), this.acts(test));
  }

  /** @param {Listed} test @param {Tried[]|undefined} tried @param {boolean} open */
  details(test, tried, open) {
    const titleOf = titles(this.page.topics);
    return el(
      "details",
      { open },
      el(
        "summary",
        { class: "test-head" },
        el("span", { class: "test-name", text: test.name }),
        MUST.test(test.source) && el("span", { class: "tag", title: "No model may ever fail it", text: "Must" }),
        test.state !== "kept" && el("span", { class: "tag strong", text: STATE_WORDS[test.state] }),
        tried && outcome(test, tried),
        el("span", {
          class: "quiet",
          text: `${counted(test.turns.length, "turn")} · ${test.source.replace(MUST, "") || "written by hand"}`,
        }),
      ),
      el(
        "ol",
        { class: "test-turns" },
        ...test.turns.map((turn, at) =>
          el(
            "li",
            { class: "test-turn" },
            el("p", { class: "said-bubble", dir: "auto", text: turn.text }),
            el(
              "p",
              { class: "test-expected" },
              el("span", { class: "quiet", text: "Expects " }),
              expected(turn, titleOf),
            ),
            tried?.[at] && el("div", { class: "test-did" }, mark(meets(turn, tried[at])), reading(tried[at], titleOf)),
          ),
        ),
      ),
    );
  }

  /** @param {Listed} test */
  acts(test) {
    return el(
      "div",
      { class: "test-acts" },
      iconButton({
        label: `Try ${test.name} now`,
        icon: "play",
        testid: "test-try",
        run: () => void this.tryOne(test),
      }),
      test.state === "kept" &&
        iconButton({
          label: `Remove ${test.name}`,
          icon: "trash",
          testid: "test-remove",
          run: () => void this.dropTest(test),
        }),
    );
  }

  /** @param {Listed} test */
  async tryOne(test) {
    const node = this.list.querySelector(`[data-name="${CSS.escape(test.name)}"]`);
    setAttribute(/** @type {Element} */ (node), "aria-busy", "true");
    try {
      await this.ask(test);
      const details = node?.querySelector("details");
      if (details) details.open = true;
    } catch (error) {
      this.page.desk.notify({ text: this.page.desk.refusal(error).message, tone: "bad" });
    }
    setAttribute(/** @type {Element} */ (node), "aria-busy", null);
    this.draw();
  }

  /** @param {Listed} test @param {AbortSignal} [signal] */
  async ask(test, signal) {
    const { turns } = await tryTurns(
      test.turns.map(({ text }) => text),
      signal,
    );
    this.tried.set(test.name, turns);
  }

  async tryAll() {
    const trying = (this.trying = new AbortController());
    this.progress.hidden = false;
    this.draw();
    try {
      for (const [at, test] of this.tests.entries()) {
        if (trying.signal.aborted) break;
        this.bar.style.inlineSize = `${(at / this.tests.length) * 100}%`;
        setText(this.tally, `Trying ${at + 1} of ${this.tests.length}: ${test.name}`);
        await this.ask(test, trying.signal);
        this.draw();
      }
    } catch (error) {
      if (!trying.signal.aborted) this.page.desk.notify({ text: this.page.desk.refusal(error).message, tone: "bad" });
    }
    this.trying = null;
    this.progress.hidden = true;
    this.tell();
    this.draw();
  }

  /** Whether the bot was tried on it and did not pass. @param {Listed} test */
  failed(test) {
    const tried = this.tried.get(test.name);
    return Boolean(tried && !passes(test, tried));
  }

  tell() {
    const done = this.tests.filter(({ name }) => this.tried.has(name));
    const right = done.filter((test) => passes(test, this.tried.get(test.name) ?? []));
    setText(
      this.tally,
      done.length ? `The serving bot gets ${right.length} of ${counted(done.length, "conversation")} right.` : "",
    );
  }

  /** @param {Listed} test */
  async dropTest(test) {
    try {
      await this.page.changes.propose({ kind: "remove_conversation", name: test.name });
    } catch (error) {
      this.page.desk.notify({ text: this.page.desk.refusal(error).message, tone: "bad" });
    }
  }
}

/** @param {TestConversation} test @param {Tried[]} tried */
const passes = (test, tried) => {
  const { of, right } = score(test.turns, tried);
  return right === of;
};

/** @param {TestConversation} test @param {Tried[]} tried */
function outcome(test, tried) {
  const { of, right } = score(test.turns, tried);
  const fine = right === of;
  return el(
    "span",
    { class: "pill", dataset: { tone: fine ? "ok" : "bad", testid: "test-outcome" } },
    sign(fine ? "check" : "close"),
    fine ? "Right" : `${right} of ${of} right`,
  );
}

/** @param {boolean|null} met */
const mark = (met) =>
  met === null
    ? null
    : el(
        "span",
        { class: "verdict-mark", dataset: { met: String(met) } },
        sign(met ? "check" : "close"),
        el("span", { class: "visually-hidden", text: met ? "As expected: " : "Not as expected: " }),
      );

const notFound = () => el("p", { class: "quiet", text: "No conversation is like that." });

const noTests = () =>
  el(
    "div",
    { class: "empty wide" },
    el("span", { class: "empty-mark", "aria-hidden": "true" }, sign("tests", "icon empty-icon")),
    el("h2", { text: "No test conversations yet" }),
    el("p", { text: "Bring a transcript, see how the bot would do, and keep what it must always get right." }),
    el("a", { class: "button primary", href: "#/conversations/bring", text: "Bring transcripts" }),
  );

customElements.define("desk-tests", TestList);
