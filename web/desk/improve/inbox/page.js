// @ts-check
import { el, setAttribute, setText } from "../../../shared/dom.js";
import { Part } from "../../part.js";
import { iconButton } from "../../pieces.js";
import { DeskPalette } from "../../shell/palette.js";
import { listenForKeys, makeHelp } from "../../shell/shortcuts.js";
import { CHANGE } from "../../state/change.js";
import { changesOf } from "../changes.js";
import { ChangesButton } from "../changes-button.js";
import { EVERYTHING, leadsHere, read, same, write } from "./address.js";
import { InboxDecision } from "./decision.js";
import { InboxDetail } from "./detail.js";
import { InboxFilters } from "./filters.js";
import { HELP } from "./help.js";
import { InboxList } from "./list.js";
import { Inbox, NEWS } from "./model.js";
import { newTopic } from "./new-topic.js";
import { productCommands, topicCommands } from "./palettes.js";
import { TranscriptSheet } from "./sheet.js";
import { suggestedDecision } from "./suggested.js";
import { tallyOf } from "./tally.js";
import { messages, quoted } from "./words.js";

/** @typedef {import("../../state/desk.js").Desk} Desk */
/** @typedef {import("./address.js").Filters} Filters */
/** @typedef {import("./types.js").ItemState} ItemState */

const ADDRESS_AFTER_MS = 300;
const POLL_MS = 15_000;
const SLOW_MS = 2_000;
const COUNT_AFTER_MS = 1_200;
const STATES = /** @type {[ItemState, string][]} */ ([
  ["open", "Open"],
  ["labelled", "Labelled"],
  ["ignored", "Ignored"],
]);

/** Where there is room for one thing at a time. */
const narrow = matchMedia("(max-width: 899px)");

/** The operators' inbox: what the bot could not do, decided with one key each. */
export class DeskImproveInbox extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.inbox = new Inbox(desk, tallyOf(desk.agent?.id ?? ""));
    /** @type {Filters|null} what is shown already */
    this.looked = null;
    this.addressTimer = 0;
    this.workTimer = 0;
    /** Whether the operator chose the group, and not the list. */
    this.chosen = false;
    this.decision = new InboxDecision(this.inbox, {
      decide: (decision) => {
        this.inbox.decide(decision);
        this.follow();
      },
      undo: () => void this.undo(),
      topic: () => this.topicPalette.toggle(),
      make: () => this.make(),
      product: () => this.productPalette.toggle(),
    });
    this.list = new InboxList(this.inbox, { open: (id) => this.open(id), clear: () => this.clear() });
    this.filters = new InboxFilters(this.inbox, (filters) => this.look(filters));
    this.detail = new InboxDetail(this.inbox, this.decision, {
      back: () => this.back(),
      next: () => this.move(1),
      transcript: (item) => void this.sheet.open(item),
      answer: (answer) => this.make({ answer }),
    });
    this.topicPalette = new DeskPalette((typed) => this.topicsFor(typed), {
      name: "topic-palette",
      label: "Choose a topic",
      placeholder: "What is it about?",
    });
    this.productPalette = new DeskPalette(() => productCommands(this.inbox), {
      name: "product-palette",
      label: "Choose a product",
      placeholder: "Which product do they mean?",
    });
    this.help = makeHelp({ name: "inbox-help", groups: HELP });
    this.sheet = new TranscriptSheet(desk);
    this.tally = el("p", { class: "tally", dataset: { testid: "inbox-tally" } });
    this.work = el("p", { class: "quiet inbox-work", role: "status" });
    this.said = el("p", { class: "visually-hidden", role: "status", dataset: { testid: "inbox-said-aloud" } });
    this.states = el("div", { class: "segments", role: "group", "aria-label": "Which messages" });
  }

  begin() {
    const { signal } = /** @type {AbortController} */ (this.life);
    this.dataset.testid = "improve-inbox";
    for (const [state, label] of STATES)
      this.states.append(
        el(
          "button",
          {
            type: "button",
            class: "segment",
            dataset: { state, testid: `inbox-${state}` },
            on: { click: () => this.look({ ...this.inbox.filters, state }) },
          },
          label,
          state === "open" && el("span", { class: "figures segment-count" }),
        ),
      );
    this.replaceChildren(this.head(), this.filters, this.list, this.detail, this.said);
    this.append(this.topicPalette, this.productPalette, this.help, this.sheet.dialog);
    this.hear(this.inbox, [NEWS.list, NEWS.group], () => this.update());
    this.hear(this.inbox, NEWS.outcome, (event) => this.say(event.detail));
    this.hear(this.inbox, NEWS.work, () => this.updateWork());
    this.hear(this.desk, CHANGE.connection, () => this.reconnected());
    this.hear(narrow, "change", () => this.layout());
    this.every(POLL_MS, () => this.desk.connection.state !== "open" && this.inbox.refreshSoon());
    listenForKeys(this.keys(), { z: (event) => this.undoByChord(event) }, { signal, capture: true });
    this.inbox.start(signal);
    signal.addEventListener("abort", () => {
      clearTimeout(this.addressTimer);
      clearTimeout(this.workTimer);
    });
    this.layout();
  }

  head() {
    return el(
      "div",
      { class: "inbox-head" },
      el("h1", { tabindex: "-1", text: "Inbox" }),
      this.states,
      this.work,
      this.tally,
      iconButton({
        label: "Keyboard shortcuts",
        icon: "keyboard",
        key: "?",
        class: "inbox-keys",
        run: () => this.showHelp(),
      }),
      new ChangesButton(this.desk),
    );
  }

  // The address

  /** @param {string[]} parts */
  route([part = ""]) {
    const { filters, group } = read(part);
    this.chosen = Boolean(group);
    if (!this.looked || !same(filters, this.looked)) {
      this.looked = filters;
      void this.inbox.look(filters, group);
    } else if (group) this.inbox.select(group);
    this.layout();
  }

  /** @param {Filters} filters */
  look(filters) {
    this.looked = filters;
    this.chosen = false;
    history.pushState(null, "", write(filters, null));
    void this.inbox.look(filters, null);
    this.layout();
  }

  clear() {
    this.look({ ...EVERYTHING, state: this.inbox.filters.state });
  }

  /** @param {string} id */
  open(id) {
    if (narrow.matches && !this.chosen) history.pushState(null, "", write(this.inbox.filters, id));
    this.chosen = true;
    this.inbox.select(id);
    this.layout();
    this.detail.focusHeading();
  }

  back() {
    this.chosen = false;
    history.replaceState(null, "", write(this.inbox.filters, null));
    this.layout();
    this.list.focusCurrent();
  }

  /**
   * The address follows once the operator rests: browsers do not like it to change many times a second. It stays
   * that of another page while the operator waits for that one.
   */
  updateAddress() {
    clearTimeout(this.addressTimer);
    this.addressTimer = window.setTimeout(() => {
      const address = write(this.inbox.filters, this.chosen ? this.inbox.current : null);
      if (this.inbox.status !== "ready" || !leadsHere(location.hash) || location.hash === address) return;
      history.replaceState(null, "", address);
    }, ADDRESS_AFTER_MS);
  }

  // What is shown

  layout() {
    this.dataset.showing = narrow.matches && !(this.chosen && this.inbox.group) ? "list" : "group";
    setAttribute(this, "data-narrow", narrow.matches);
  }

  update() {
    const { counts, filters, tally } = this.inbox;
    for (const button of this.states.children) {
      const { state } = /** @type {HTMLElement} */ (button).dataset;
      setAttribute(button, "aria-pressed", String(state === filters.state));
      if (state === "open")
        setText(/** @type {Element} */ (button.lastElementChild), counts ? String(counts.open) : "");
    }
    setText(this.tally, tally.text);
    this.tally.title = tally.count ? `${tally.messages} messages in ${tally.count} decisions` : "";
    if (narrow.matches && this.chosen && !this.inbox.group) this.chosen = false;
    this.layout();
    this.updateAddress();
  }

  /** What takes long is told, not what is done in a moment. */
  updateWork() {
    clearTimeout(this.workTimer);
    this.dataset.saving = String(this.inbox.underWay);
    if (!this.inbox.underWay) {
      setText(this.work, "");
      this.workTimer = window.setTimeout(() => void changesOf(this.desk).load(), COUNT_AFTER_MS);
    } else this.workTimer = window.setTimeout(() => setText(this.work, `Saving ${this.inbox.underWay}…`), SLOW_MS);
  }

  /**
   * Tells screen readers what happened, and what is in front now when that is something else.
   * @param {{text: string, moved: boolean}} outcome
   */
  say({ text, moved }) {
    const { group } = this.inbox;
    const suggestion = group?.suggestion ? `Suggested: ${this.inbox.titleOf(group.suggestion.topic)}.` : "";
    const next = group ? `Next: ${quoted(group.text)}, ${messages(group.size)}. ${suggestion}` : "The inbox is empty.";
    setText(this.said, moved ? `${text} ${next}`.trim() : text);
  }

  reconnected() {
    if (this.desk.connection.state === "open" && this.inbox.status === "ready") this.inbox.refreshSoon();
  }

  showHelp() {
    if (!this.help.open) this.help.showModal();
  }

  // Keys

  /** @returns {import("../../shell/shortcuts.js").Handlers} */
  keys() {
    const { inbox } = this;
    const decided = (/** @type {() => void} */ act) => () => {
      if (!inbox.group || !inbox.open || inbox.group.taken) return;
      act();
      this.follow();
    };
    /** @type {import("../../shell/shortcuts.js").Handlers} */
    const keys = {
      j: () => this.move(1),
      k: () => this.move(-1),
      ArrowDown: (event) => (onControl(event) ? false : this.detail.stepItem(1)),
      ArrowUp: (event) => (onControl(event) ? false : this.detail.stepItem(-1)),
      " ": (event) => this.toggle(event),
      Enter: (event) => (onControl(event) ? false : this.accept()),
      t: decided(() => this.topicPalette.toggle()),
      n: decided(() => this.make()),
      p: decided(() => this.productPalette.toggle()),
      o: decided(() => inbox.decide({ kind: "out_of_scope" })),
      x: decided(() => inbox.decide({ kind: "ignore" })),
      u: () => void this.undo(),
      v: () => {
        const item = this.detail.meant;
        if (item) void this.sheet.open(item);
      },
      f: () => this.filters.openMenu(),
      "/": () => this.filters.focusWords(),
      "?": () => this.showHelp(),
      Escape: () => this.escape(),
    };
    for (let number = 1; number <= 9; number += 1)
      keys[String(number)] = decided(() => {
        if (!this.decision.press(number - 1)) this.inbox.say(`There is no topic ${number}. T shows all topics.`);
      });
    return keys;
  }

  /** @param {number} step */
  move(step) {
    if (narrow.matches && !this.chosen) return this.list.focusCurrent();
    this.chosen = true;
    this.inbox.step(step);
    this.follow();
  }

  /** Keeps the focus at the group that came up, where screen readers begin. */
  follow() {
    if (this.querySelector("dialog[open]")) return;
    if (this.inbox.group) this.detail.focusHeading();
    else /** @type {HTMLElement|null} */ (this.querySelector("h1"))?.focus();
  }

  /** @param {string} typed */
  topicsFor(typed) {
    return topicCommands(this.inbox, this.decision.choices, typed, (title) => this.make({ title }));
  }

  /** Makes a topic from the group in front. @param {{title?: string, answer?: string}} [known] */
  make({ title, answer = this.detail.answered } = {}) {
    newTopic(this, this.inbox, {
      title,
      answer,
      made: (topic) => this.inbox.decide({ kind: "topic", topic }),
      closed: () => this.follow(),
    });
  }

  accept() {
    const { group } = this.inbox;
    if (!group || !this.inbox.open || group.taken) return false;
    const suggestion = suggestedDecision(group);
    if (!suggestion) this.inbox.say("There is no suggestion here. Choose a topic with its number, or with T.");
    else this.inbox.decide(suggestion);
    this.follow();
    return true;
  }

  /** @param {KeyboardEvent} event */
  toggle(event) {
    const item = this.detail.meant;
    if (onControl(event) || !item || (this.inbox.group?.items.length ?? 0) < 2) return false;
    this.inbox.toggle(item.id);
    return true;
  }

  async undo() {
    this.chosen = true;
    await Promise.all([this.inbox.undo(), this.follow()]);
  }

  /** @param {KeyboardEvent} event */
  undoByChord({ target }) {
    if (target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea")) return false;
    void this.undo();
    return true;
  }

  escape() {
    if (document.querySelector("dialog[open], [popover]:popover-open")) return false;
    if (narrow.matches && this.chosen) this.back();
    return true;
  }
}

/** Whether the key is for the control that has the focus. @param {KeyboardEvent} event */
const onControl = ({ target }) =>
  target instanceof HTMLElement && target.matches("button:not(.said-text), a, select, summary, .why-chip");

customElements.define("desk-improve-inbox", DeskImproveInbox);
