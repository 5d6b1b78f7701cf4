// @ts-check
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { stateSign } from "../../labels.js";
import { Part } from "../../part.js";
import { iconButton, kbd } from "../../pieces.js";
import { CHANGE } from "../../state/change.js";
import { EVERYTHING } from "./address.js";
import { NEWS } from "./model.js";
import { WHYS } from "./words.js";

/** @typedef {import("./address.js").Filters} Filters */
/** @typedef {import("./model.js").Inbox} Inbox */

const LOOK_AFTER_MS = 300;
const OUTCOMES = ["bot", "queued", "agent", "deferred", "resolved"];
const TIMES = [
  ["", "Any time"],
  ["1d", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["between", "Between two days…"],
];
/** The filters that stand in the menu. */
const IN_MENU = /** @type {const} */ (["topic", "sku", "outcome", "min", "max", "since", "until"]);

/** What the list is narrowed to: by words, by why a message is here, and by the rest in a menu. */
export class InboxFilters extends Part {
  /**
   * @param {Inbox} inbox
   * @param {(filters: Filters) => void} look
   */
  constructor(inbox, look) {
    super();
    this.inbox = inbox;
    this.look = look;
    this.timer = 0;
    this.words = el("input", {
      type: "search",
      class: "search-input",
      placeholder: "Words",
      "aria-label": "Only messages with these words",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 200,
      dataset: { testid: "inbox-words" },
    });
    const clear = iconButton({ label: "Clear the words", icon: "close", run: () => this.set({ q: "" }) });
    this.field = el("div", { class: "search-field inbox-words" }, sign("search"), this.words, kbd("/"), clear);
    this.whys = el("div", { class: "why-chips", role: "group", "aria-label": "Why they are here" });
    this.opener = el(
      "button",
      { type: "button", class: "button small", popovertarget: "inbox-filters", dataset: { testid: "inbox-filters" } },
      sign("filter"),
      "Filters",
      el("span", { class: "filter-count" }),
    );
    this.topic = select("inbox-topic");
    this.product = select("inbox-sku");
    this.outcome = select("inbox-outcome-state");
    this.time = select("inbox-time");
    this.min = percentField("inbox-min");
    this.max = percentField("inbox-max");
    this.since = el("input", { type: "date", id: "inbox-since" });
    this.until = el("input", { type: "date", id: "inbox-until" });
    this.days = el("div", { class: "filter-pair" }, field("From", this.since), field("To", this.until));
    this.menu = this.makeMenu();
  }

  makeMenu() {
    const menu = el(
      "div",
      { id: "inbox-filters", class: "menu filter-menu", popover: "auto", role: "dialog", "aria-label": "Filters" },
      field("The bot took it for", this.topic),
      field("Product", this.product),
      el(
        "fieldset",
        {},
        el("legend", { class: "field-label", text: "How sure the bot was, in percent" }),
        el("div", { class: "filter-pair" }, field("From", this.min), field("To", this.max)),
      ),
      field("How it ended", this.outcome),
      field("When", this.time),
      this.days,
      el("button", {
        type: "button",
        class: "button",
        text: "Clear the filters",
        dataset: { testid: "inbox-clear" },
        on: { click: () => this.clear() },
      }),
    );
    menu.addEventListener("beforetoggle", () => {
      const { right, bottom } = this.opener.getBoundingClientRect();
      menu.style.insetBlockStart = `${bottom + 6}px`;
      menu.style.insetInlineEnd = `${Math.max(12, document.documentElement.clientWidth - right)}px`;
    });
    return menu;
  }

  begin() {
    const { signal } = /** @type {AbortController} */ (this.life);
    this.replaceChildren(this.whys, this.field, this.opener, this.menu);
    this.words.addEventListener("input", () => this.lookSoon(), { signal });
    this.words.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.menu.addEventListener("change", (event) => this.changed(event), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.hear(this.inbox, NEWS.list, () => this.update());
    this.hear(this.inbox.desk, CHANGE.products, () => this.update());
    this.update();
  }

  focusWords() {
    this.words.focus();
    this.words.select();
  }

  openMenu() {
    this.menu.showPopover();
    this.topic.focus();
  }

  /** @param {Partial<Filters>} some */
  set(some) {
    this.look({ ...this.inbox.filters, ...some });
  }

  clear() {
    this.menu.hidePopover();
    this.look({ ...EVERYTHING, state: this.inbox.filters.state });
  }

  lookSoon() {
    setAttribute(this.field, "data-filled", Boolean(this.words.value));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.set({ q: this.words.value }), LOOK_AFTER_MS);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key !== "Escape" && event.key !== "Enter") return;
    clearTimeout(this.timer);
    const q = event.key === "Escape" ? "" : this.words.value;
    if (q !== this.inbox.filters.q) this.set({ q });
    this.words.blur();
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Event} event */
  changed({ target }) {
    if (target === this.time) return this.timeChosen();
    this.set({
      topic: this.topic.value,
      sku: this.product.value,
      outcome: this.outcome.value,
      min: this.min.value,
      max: this.max.value,
      ...(target === this.since || target === this.until ? { since: this.since.value, until: this.until.value } : {}),
    });
  }

  timeChosen() {
    this.days.hidden = this.time.value !== "between";
    if (this.days.hidden) this.set({ since: this.time.value, until: "" });
    else this.since.focus();
  }

  update() {
    const { filters, counts } = this.inbox;
    if (document.activeElement !== this.words) this.words.value = filters.q;
    setAttribute(this.field, "data-filled", Boolean(this.words.value));
    this.updateWhys(filters, counts);
    const count = IN_MENU.filter((name) => filters[name]).length;
    setText(/** @type {Element} */ (this.opener.lastElementChild), count ? String(count) : "");
    setAttribute(this.opener, "aria-label", count ? `Filters, ${count} in use` : null);
    setAttribute(this.opener, "data-used", count > 0);
    this.updateMenu(filters);
  }

  /**
   * @param {Filters} filters
   * @param {import("./types.js").Counts|null} counts
   */
  updateWhys(filters, counts) {
    const { open } = this.inbox;
    const mark = JSON.stringify([filters.why, counts?.by_why, open]);
    if (this.whys.dataset.mark === mark) return;
    this.whys.dataset.mark = mark;
    const focused = this.whys.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.why
      : null;
    fill(
      this.whys,
      ...Object.entries(WHYS).map(([why, { label, icon, means }]) => {
        const count = counts?.by_why[/** @type {import("./types.js").Why} */ (why)] ?? 0;
        const chosen = filters.why === why;
        return (
          (count > 0 || chosen || !open) &&
          el(
            "button",
            {
              type: "button",
              class: "why-chip",
              title: `${label}: ${means}`,
              "aria-pressed": String(chosen),
              dataset: { testid: "inbox-why", why },
              on: { click: () => this.set({ why: chosen ? "" : why }) },
            },
            sign(icon),
            label,
            open && el("span", { class: "figures why-count", text: String(count) }),
          )
        );
      }),
    );
    if (focused) this.whys.querySelector(/** @type {"button"} */ (`[data-why="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {Filters} filters */
  updateMenu(filters) {
    const { topics, desk } = this.inbox;
    const named = topics.map(({ name }) => /** @type {[string, string]} */ ([name, this.inbox.titleOf(name)]));
    const products = [...desk.products.bySku.values()].map(
      ({ sku, name }) => /** @type {[string, string]} */ ([sku, name]),
    );
    offer(this.topic, [["", "Anything"], ...named], filters.topic);
    offer(this.product, [["", "Any product"], ...products], filters.sku);
    offer(
      this.outcome,
      [
        ["", "In any way"],
        ...OUTCOMES.map((state) => /** @type {[string, string]} */ ([state, stateSign(state).label])),
      ],
      filters.outcome,
    );
    const between = Boolean(filters.until) || /^\d{4}-/u.test(filters.since);
    offer(this.time, /** @type {[string, string][]} */ (TIMES), between ? "between" : filters.since);
    this.days.hidden = this.time.value !== "between";
    for (const [input, value] of /** @type {[HTMLInputElement, string][]} */ ([
      [this.min, filters.min],
      [this.max, filters.max],
      [this.since, between ? filters.since : ""],
      [this.until, filters.until],
    ]))
      if (document.activeElement !== input) input.value = value;
  }
}

/**
 * @param {HTMLSelectElement} box
 * @param {[string, string][]} options
 * @param {string} chosen one that is not among them is added
 */
function offer(box, options, chosen) {
  const all = options.some(([value]) => value === chosen) ? options : [...options, [chosen, chosen]];
  const mark = JSON.stringify(all);
  if (box.dataset.mark !== mark) fill(box, ...all.map(([value, text]) => el("option", { value, text })));
  box.dataset.mark = mark;
  box.value = chosen;
}

/** @param {string} id */
const select = (id) => el("select", { id, dataset: { testid: id } });

/** @param {string} id */
const percentField = (id) =>
  el("input", { id, type: "number", min: "0", max: "100", step: "1", inputmode: "numeric", placeholder: "any" });

/**
 * @param {string} label
 * @param {HTMLElement} control with an id
 */
const field = (label, control) => el("div", { class: "field" }, el("label", { for: control.id, text: label }), control);

customElements.define("desk-inbox-filters", InboxFilters);
