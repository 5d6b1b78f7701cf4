// @ts-check
/** Test conversations, and bringing transcripts that become them. */
import { el, fill, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import * as calls from "../calls.js";
import { ChangesButton } from "../changes-button.js";
import { changesOf, PENDING, SETTLED } from "../changes.js";
import { pageKeys } from "../keys.js";
import { listed } from "../topics/pending.js";
import { DeskBring } from "./bring.js";
import { TestList } from "./tests.js";

/** @typedef {import("../types.js").TestConversation} TestConversation */
/** @typedef {import("./tests.js").Listed} Listed */

/** @type {import("../keys.js").KeyGroup[]} */
const KEYS = [
  [
    "Test conversations",
    [
      [["/"], "Find a conversation"],
      [["T"], "Try them all now"],
      [["B"], "Bring transcripts"],
    ],
  ],
];

export class DeskConversations extends Part {
  /** @param {import("../../state/desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.changes = changesOf(desk);
    /** @type {TestConversation[]|null} */
    this.known = null;
    /** @type {import("../types.js").TopicSummary[]} */
    this.kept = [];
    this.list = new TestList(this);
    this.bring = new DeskBring(this);
    this.fault = el("p", { class: "menu-note", role: "alert" });
    this.body = el("div", { class: "page-body improve-body tests-body" });
    this.place = "";
    this.way = el("a", { class: "button primary", dataset: { testid: "bring" } });
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "page-head improve-head" },
        el("h1", { tabindex: "-1", text: "Test conversations" }),
        new ChangesButton(this.desk),
        this.way,
      ),
      this.body,
    );
    pageKeys(this, "tests", KEYS, {
      "/": () => (this.place === "bring" ? this.bring.past.input : this.list.search).focus(),
      b: () => void (location.hash = "#/conversations/bring"),
      t: () => void (this.place !== "bring" && !this.list.trying && this.list.tryAll()),
    });
    this.hear(this.changes, PENDING, () => this.update());
    this.hear(this.changes, SETTLED, () => void this.load());
    this.route([]);
    void this.load();
  }

  /** @param {string[]} parts */
  route([part = ""]) {
    const [place, asked = ""] = part.split("?");
    this.place = place;
    const bringing = place === "bring";
    this.way.href = bringing ? "#/conversations" : "#/conversations/bring";
    this.way.className = bringing ? "button" : "button primary";
    fill(this.way, sign(bringing ? "back" : "upload"), bringing ? "All tests" : "Bring transcripts");
    const wanted = bringing ? this.bring : this.list;
    if (!wanted.isConnected) fill(this.body, this.fault, wanted);
    if (bringing) void this.bring.show(new URLSearchParams(asked).get("conversation") ?? "");
    this.update();
  }

  /** The topics as they will be. */
  get topics() {
    return listed(this.kept, this.changes.pending);
  }

  /** Those that an example can be of. */
  get choosable() {
    return this.topics.filter(({ state }) => state !== "going").sort((a, b) => a.title.localeCompare(b.title));
  }

  /** The conversations as they will be, those that are going included. @returns {Listed[]} */
  get tests() {
    const tests = (this.known ?? []).map((test) => /** @type {Listed} */ ({ ...test, state: "kept" }));
    for (const { operation } of this.changes.pending) {
      if (operation.kind === "add_conversation" && !tests.some(({ name }) => name === operation.name))
        tests.unshift({ ...operation, state: "new" });
      if (operation.kind === "remove_conversation")
        for (const test of tests) if (test.name === operation.name) test.state = "going";
    }
    return tests;
  }

  /** Whether there is a test of that name. @param {string} name */
  has(name) {
    return this.tests.some((test) => test.name.toLowerCase() === name.toLowerCase());
  }

  async load() {
    try {
      const [{ conversations }, { topics }] = await Promise.all([calls.conversations(), calls.topics()]);
      this.known = conversations;
      this.kept = topics;
      setText(this.fault, "");
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
    this.update();
  }

  update() {
    if (this.place !== "bring") this.list.show(this.tests);
  }
}

customElements.define("desk-test-conversations", DeskConversations);
