// @ts-check
/** The examples of a topic: chosen one by one, in a row or all, by mouse or keys, then moved, split off or removed. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { keyed } from "../../keyed.js";
import { Part } from "../../part.js";
import { kbd } from "../../pieces.js";
import { counted, linesOf, plain } from "../words.js";

/** @typedef {import("./pending.js").Example} Example */
/** @typedef {"move"|"split"|"remove"} Act */

const SEARCH_FROM = 12;
const LONGEST = 500;
const STATE_WORDS = { kept: "", added: "new", removed: "going" };

export class TopicExamples extends Part {
  /**
   * @param {{add: (texts: string[]) => Promise<string>, act: (act: Act, texts: string[]) => void}} doors `add`
   *   answers with what was wrong, or with an empty text
   */
  constructor({ add, act }) {
    super();
    this.add = add;
    this.act = act;
    /** @type {Example[]} */
    this.examples = [];
    /** @type {Set<string>} what is chosen, by {@link plain} */
    this.chosen = new Set();
    this.at = 0;
    this.from = 0;
    this.count = el("span", { class: "count-badge figures", dataset: { testid: "examples-count" } });
    this.pending = el("span", { class: "count-pending figures", dataset: { testid: "examples-pending" } });
    this.search = el("input", {
      type: "search",
      class: "small-search",
      placeholder: "Find an example",
      "aria-label": "Find an example",
      dataset: { testid: "example-search" },
      on: { input: () => this.draw() },
    });
    this.box = el("textarea", {
      id: "example-new",
      rows: 1,
      placeholder: "What a customer would write, one a line",
      "aria-label": "New examples",
      "aria-describedby": "example-fault",
      dataset: { testid: "example-new" },
      on: {
        input: () => this.typed(),
        keydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void this.submit();
        },
      },
    });
    this.addButton = el("button", {
      type: "button",
      class: "button",
      text: "Add",
      disabled: true,
      dataset: { testid: "example-add" },
      on: { click: () => void this.submit() },
    });
    this.fault = el("p", { class: "field-fault", id: "example-fault", role: "alert" });
    this.list = el("div", {
      class: "examples",
      role: "listbox",
      tabindex: "0",
      "aria-multiselectable": "true",
      "aria-label": "Examples",
      dataset: { testid: "examples" },
      on: {
        keydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event),
        click: (/** @type {MouseEvent} */ event) => this.clicked(event),
        focus: () => this.point(),
      },
    });
    this.none = el("p", { class: "quiet examples-none", hidden: true });
    this.said = el("span", { class: "chosen-count", role: "status", dataset: { testid: "examples-chosen" } });
    this.bar = this.makeBar();
    this.hint = el(
      "p",
      { class: "quiet examples-hint" },
      kbd("Space"),
      " choose, ",
      kbd("Shift"),
      kbd("↓"),
      " several, ",
      kbd("Ctrl"),
      kbd("A"),
      " all",
    );
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "panel-head" },
        el("h3", { id: "examples-title" }, "Examples ", this.count, this.pending),
        this.search,
      ),
      el("div", { class: "example-box" }, this.box, this.addButton),
      this.fault,
      this.list,
      this.none,
      el("div", { class: "examples-foot" }, this.hint, this.bar),
    );
  }

  makeBar() {
    const button = (
      /** @type {Act} */ act,
      /** @type {string} */ label,
      /** @type {string} */ icon,
      /** @type {string} */ key,
    ) =>
      el(
        "button",
        {
          type: "button",
          class: "button small",
          title: `${label} (${key})`,
          dataset: { testid: `examples-${act}` },
          on: { click: () => this.run(act) },
        },
        sign(icon),
        label,
      );
    return el(
      "div",
      { class: "chosen-bar", role: "toolbar", "aria-label": "The chosen examples", hidden: true },
      this.said,
      button("move", "Move to", "transfer", "M"),
      button("split", "Split off", "split", "S"),
      button("remove", "Remove", "trash", "Delete"),
      el("button", { type: "button", class: "link-button", text: "Clear", on: { click: () => this.clear() } }),
    );
  }

  /** @param {Example[]} examples */
  show(examples) {
    this.examples = examples;
    const there = new Set(examples.map(({ text }) => plain(text)));
    for (const key of this.chosen) if (!there.has(key)) this.chosen.delete(key);
    const came = examples.filter(({ state }) => state === "added").length;
    const went = examples.filter(({ state }) => state === "removed").length;
    const pending = [came && `+${came}`, went && `−${went}`].filter(Boolean).join(" ");
    setText(this.count, (examples.length - came).toLocaleString());
    this.count.hidden = came === examples.length && came > 0;
    setText(this.pending, pending && `${pending} pending`);
    this.search.hidden = examples.length < SEARCH_FROM;
    this.draw();
  }

  /** The ones that the search leaves. */
  get shown() {
    const wanted = plain(this.search.value);
    return wanted ? this.examples.filter(({ text }) => plain(text).includes(wanted)) : this.examples;
  }

  /** The texts that are chosen, in their order. */
  get texts() {
    return this.examples.filter(({ text }) => this.chosen.has(plain(text))).map(({ text }) => text);
  }

  draw() {
    const shown = this.shown;
    this.at = Math.min(this.at, Math.max(shown.length - 1, 0));
    keyed(
      this.list,
      shown,
      ({ text }) => plain(text),
      () => el("div", { class: "example", role: "option" }),
      (node, example, at) => this.refresh(/** @type {HTMLElement} */ (node), example, at),
    );
    this.list.hidden = !shown.length;
    this.none.hidden = shown.length > 0;
    setText(
      this.none,
      this.examples.length ? "No example is like that." : "No examples yet. A topic needs at least five.",
    );
    this.point();
    this.tell();
  }

  /** @param {HTMLElement} node @param {Example} example @param {number} at */
  refresh(node, { text, state, change }, at) {
    node.id = `example-${at}`;
    setAttribute(node, "aria-selected", String(this.chosen.has(plain(text))));
    setAttribute(node, "data-state", state);
    if (!node.childElementCount)
      node.append(el("span", { class: "example-text", dir: "auto", text }), el("span", { class: "example-state" }));
    const told = /** @type {HTMLElement} */ (node.lastElementChild);
    setText(told, STATE_WORDS[state]);
    setAttribute(node, "title", change ? `${change.summary}, by ${change.by.name}` : null);
  }

  /** Marks the example that the keys are at. */
  point() {
    const there = this.list.children[this.at];
    for (const node of this.list.children) setAttribute(node, "data-at", node === there);
    setAttribute(this.list, "aria-activedescendant", there ? there.id : null);
  }

  tell() {
    const many = this.chosen.size;
    this.bar.hidden = !many;
    this.hint.hidden = many > 0;
    setText(this.said, many ? `${many} chosen` : "");
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const last = this.list.childElementCount - 1;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => this.go(Math.min(this.at + 1, last), event.shiftKey),
      ArrowUp: () => this.go(Math.max(this.at - 1, 0), event.shiftKey),
      PageDown: () => this.go(Math.min(this.at + 10, last), event.shiftKey),
      PageUp: () => this.go(Math.max(this.at - 10, 0), event.shiftKey),
      Home: () => this.go(0, event.shiftKey),
      End: () => this.go(last, event.shiftKey),
      " ": () => this.toggle(this.at),
      Delete: () => this.run("remove"),
      Backspace: () => this.run("remove"),
      m: () => this.run("move"),
      s: () => this.run("split"),
      Escape: () => this.clear(),
    };
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "a") return;
      this.choose(this.shown);
    } else if (event.key === "Escape" && !this.chosen.size) return;
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  }

  /** @param {number} at @param {boolean} extend whether what lies between is chosen too */
  go(at, extend) {
    if (extend) this.choose(this.shown.slice(Math.min(this.from, at), Math.max(this.from, at) + 1), true);
    else this.from = at;
    this.at = at;
    this.point();
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} at */
  toggle(at) {
    const example = this.shown[at];
    if (!example) return;
    const key = plain(example.text);
    if (!this.chosen.delete(key)) this.chosen.add(key);
    [this.at, this.from] = [at, at];
    this.draw();
  }

  /** @param {Example[]} examples @param {boolean} [only] whether nothing else stays chosen */
  choose(examples, only = false) {
    if (only) this.chosen.clear();
    for (const { text } of examples) this.chosen.add(plain(text));
    this.draw();
  }

  clear() {
    this.chosen.clear();
    this.draw();
    this.list.focus();
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const node = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
    if (!node) return;
    const at = [...this.list.children].indexOf(node);
    if (event.shiftKey) this.go(at, true);
    else this.toggle(at);
  }

  /** Does it to what is chosen, or to the one that the keys are at. @param {Act} act */
  run(act) {
    if (!this.chosen.size) {
      const example = this.shown[this.at];
      if (!example) return;
      this.choose([example]);
    }
    this.act(act, this.texts);
  }

  typed() {
    const lines = linesOf(this.box.value);
    this.box.rows = Math.min(Math.max(this.box.value.split("\n").length, 1), 8);
    this.addButton.disabled = !lines.length;
    setText(this.addButton, lines.length > 1 ? `Add ${lines.length}` : "Add");
    setText(this.fault, "");
  }

  async submit() {
    const lines = linesOf(this.box.value);
    if (!lines.length || this.addButton.disabled) return;
    const there = new Set(this.examples.filter(({ state }) => state !== "removed").map(({ text }) => plain(text)));
    const fresh = lines.filter((line) => !there.has(plain(line)));
    const fault = wrong(lines, fresh);
    setText(this.fault, fault);
    if (fault) return;
    this.addButton.disabled = true;
    fill(this.addButton, el("span", { class: "spinner" }), "Adding");
    const refused = await this.add(fresh);
    if (refused) {
      this.typed();
      setText(this.fault, refused);
      return;
    }
    this.box.value = "";
    this.typed();
    const known = lines.length - fresh.length;
    if (known) setText(this.fault, `${counted(known, "line was", "lines were")} an example already.`);
  }
}

/** @param {string[]} lines @param {string[]} fresh */
function wrong(lines, fresh) {
  if (!fresh.length) return lines.length > 1 ? "All of these are examples already." : "That is an example already.";
  const long = fresh.find((line) => line.length > LONGEST);
  return long ? `“${long.slice(0, 40)}…” is longer than ${LONGEST} characters.` : "";
}

customElements.define("desk-topic-examples", TopicExamples);
