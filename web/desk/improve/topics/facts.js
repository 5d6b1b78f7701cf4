// @ts-check
/** What the bot knows on a topic that it came with, product by product. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { keyed } from "../../keyed.js";
import { Part } from "../../part.js";
import { topicFacts } from "../calls.js";
import { counted } from "../words.js";
import { FactRow, factLabel } from "./fact.js";
import { draftedFacts } from "./pending.js";

/** @typedef {import("../types.js").ProductFacts} ProductFacts */
/** @typedef {import("./pending.js").DraftedFact} DraftedFact */

/** What the facts on some topics are called. @type {Record<string, string>} */
const NAMES = { price: "Prices", availability: "Stock" };
const PAUSE_MS = 220;
/** So few products are shown with their facts; of more, only the first. */
const OPEN_AT_ONCE = 3;

/** What a topic's facts are called. @param {string} topic */
export const factsName = (topic) => NAMES[topic] ?? "Facts";

export class TopicFacts extends Part {
  /** @param {import("./page.js").DeskTopics} page */
  constructor(page) {
    super();
    this.page = page;
    this.changes = page.changes;
    this.topic = "";
    /** @type {import("../types.js").FactKind} */
    this.kind = "none";
    /** @type {ProductFacts[]|null} */
    this.products = null;
    this.total = 0;
    /** @type {string|null} */
    this.next = null;
    this.timer = 0;
    this.call = new AbortController();
    this.search = el("input", {
      type: "search",
      class: "small-search",
      placeholder: "Find a product or a fact",
      "aria-label": "Find a product or a fact",
      dataset: { testid: "fact-search" },
      on: { input: () => this.soon() },
    });
    this.heading = el("h3", { text: "Facts" });
    this.where = el("p", { class: "quiet" });
    this.status = el("p", { class: "visually-hidden", role: "status" });
    this.fault = el("p", { class: "notice", role: "alert", hidden: true, dataset: { tone: "bad" } });
    this.list = el("ul", { class: "fact-groups", role: "list", dataset: { testid: "facts" } });
    this.more = el("button", {
      type: "button",
      class: "button",
      hidden: true,
      dataset: { testid: "facts-more" },
      on: { click: () => void this.load(this.next ?? "") },
    });
  }

  /** Whether the files can be edited. */
  get writable() {
    return this.changes.review?.writable ?? true;
  }

  /** Whether all facts are listed of each product that is. */
  get whole() {
    return !this.search.value.trim();
  }

  begin() {
    this.classList.add("panel");
    this.replaceChildren(
      el("div", { class: "panel-head" }, el("div", { class: "facts-what" }, this.heading, this.where), this.search),
      this.status,
      this.fault,
      this.list,
      el("div", { class: "facts-end" }, this.more),
    );
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.call.abort();
  }

  /** @param {string} topic */
  show(topic) {
    if (topic !== this.topic || !this.products) {
      this.topic = topic;
      this.search.value = "";
      this.products = null;
      fill(this.list, ...Array.from({ length: 4 }, () => el("li", { class: "skeleton" })));
      void this.load();
    } else this.draw();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), PAUSE_MS);
  }

  /** Reads the facts anew, or those that follow. @param {string} after */
  async load(after = "") {
    this.call.abort();
    this.call = new AbortController();
    const { signal } = this.call;
    const { topic } = this;
    try {
      const found = await topicFacts(topic, { q: this.search.value.trim(), after }, signal);
      const before = after ? (this.products ?? []) : [];
      Object.assign(this, { ...found, products: [...before, ...found.products] });
      this.fault.hidden = true;
      setText(this.heading, factsName(topic));
      setText(this.where, `${found.kind === "cells" ? "From" : "Said word for word, from"} ${found.path}.`);
      this.draw();
    } catch (error) {
      if (signal.aborted) return;
      setText(this.fault, this.page.desk.refusal(error).message);
      this.fault.hidden = false;
      if (!this.products) fill(this.list);
    }
  }

  draw() {
    const { products } = this;
    if (!products) return;
    for (const stray of this.list.querySelectorAll(":scope > :not([data-key])")) stray.remove();
    keyed(
      this.list,
      products,
      ({ sku }) => sku || "shop",
      (product) => this.group(product, products.length <= OPEN_AT_ONCE || product === products[0]),
      (node, product) => this.refresh(/** @type {HTMLElement} */ (node), product),
    );
    if (!products.length)
      this.list.append(el("li", { class: "quiet facts-none", text: "No product has such a fact." }));
    const searched = this.search.value.trim();
    setText(this.status, searched ? counted(this.total, "product") : "");
    setAttribute(this.search, "hidden", this.total < 2 && !searched);
    this.more.hidden = !this.next;
    setText(this.more, `Show more of ${counted(this.total, "product")}`);
  }

  /** The frame of a product's facts. @param {ProductFacts} product @param {boolean} open */
  group(product, open) {
    const facts = el("ul", { class: "fact-list", role: "list" });
    const adding =
      this.kind === "aspects" &&
      el(
        "button",
        {
          type: "button",
          class: "button small fact-add",
          dataset: { testid: "fact-add" },
          on: { click: () => this.add(product, facts) },
        },
        sign("plus"),
        "Add a fact",
      );
    if (!product.sku) return el("li", { class: "fact-group" }, facts, adding);
    return el(
      "li",
      { class: "fact-group", dataset: { testid: "fact-product", sku: product.sku } },
      el(
        "details",
        { open },
        el(
          "summary",
          { class: "fact-head" },
          el("span", { class: "fact-product", text: product.name }),
          el("span", { class: "sku", text: product.sku }),
          el("span", { class: "fact-pending" }),
          el("span", { class: "quiet fact-lead" }),
        ),
        facts,
        adding,
      ),
    );
  }

  /** @param {HTMLElement} node @param {ProductFacts} product */
  refresh(node, product) {
    const sheet = { topic: this.topic, kind: this.kind, whole: this.whole };
    const facts = draftedFacts(product, sheet, this.changes.pending);
    const list = /** @type {HTMLElement} */ (node.querySelector(".fact-list"));
    const begun = list.querySelector("[data-begun]");
    keyed(
      list,
      facts,
      ({ aspect }) => aspect,
      () => el("li", {}, new FactRow(this, product)),
      (item, fact) => /** @type {FactRow} */ (item.firstElementChild).show(fact),
    );
    if (begun) list.append(begun);
    const pending = facts.filter(({ state }) => state !== "kept").length;
    const lead = node.querySelector(".fact-lead");
    if (lead) setText(lead, this.kind === "cells" ? leadOf(facts[0]) : counted(facts.length, "fact"));
    const mark = node.querySelector(".fact-pending");
    if (mark) fill(mark, pending > 0 && el("span", { class: "tag strong", text: counted(pending, "change") }));
    if (!this.whole) node.querySelector("details")?.setAttribute("open", "");
  }

  /** @param {ProductFacts} product @param {HTMLElement} list */
  add(product, list) {
    const there = /** @type {FactRow|null} */ (list.querySelector("[data-begun] > *"));
    if (there) {
      there.querySelector("input")?.focus();
      return;
    }
    const row = new FactRow(this, product);
    list.append(el("li", { dataset: { begun: "" } }, row));
    row.begun();
  }

  /** Takes away the form of a fact that was begun. @param {FactRow} row */
  forget(row) {
    const group = row.closest(".fact-group");
    row.parentElement?.remove();
    this.draw();
    group?.querySelector(/** @type {"button"} */ (".fact-add"))?.focus();
  }

  /** An aspect's name that the product does not have yet. @param {string} sku @param {string} wanted */
  freeAspect(sku, wanted) {
    const product = this.products?.find((one) => one.sku === sku);
    const sheet = { topic: this.topic, kind: this.kind, whole: true };
    const taken = new Set(
      product ? draftedFacts(product, sheet, this.changes.pending).map(({ aspect }) => aspect) : [],
    );
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    return name;
  }
}

/** What a product's row of a table says first. @param {DraftedFact|undefined} fact */
function leadOf(fact) {
  if (!fact) return "";
  return fact.aspect === "count" && fact.text === "0" ? "Sold out" : `${factLabel(fact)} ${fact.text}`;
}

customElements.define("desk-topic-facts", TopicFacts);
