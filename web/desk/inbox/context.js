// @ts-check
import { el, fill } from "../../shared/dom.js";
import { ago, clock, dateAndTime } from "../../shared/time.js";
import { sign } from "../icons.js";
import { languageName, stateSign, topicLabel } from "../labels.js";
import { Part } from "../part.js";
import { iconButton } from "../pieces.js";
import { CHANGE } from "../state/change.js";
import { recall, remember } from "../storage.js";
import { readings } from "./evidence.js";
import { withMentions } from "./note.js";
import { handoff } from "./packet.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */
/** @typedef {import("../types.js").Context} Context */

/** What is known beside the transcript: why a person, the customer, the product, the bot's reading, notes. */
export class DeskContext extends Part {
  /**
   * @param {Desk} desk
   * @param {{close: () => void, open: (id: string) => void, note: () => void}} actions
   */
  constructor(desk, actions) {
    super();
    this.desk = desk;
    this.actions = actions;
    this.body = el("div", { class: "context-body", tabindex: "0", role: "group", "aria-label": "Context" });
    this.shown = "";
    /** @type {Record<string, boolean>} the parts that the agent has closed */
    this.folded = recall("folded", {});
  }

  begin() {
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "About this conversation");
    this.dataset.testid = "context";
    this.replaceChildren(
      el(
        "div",
        { class: "context-head" },
        el("h2", { tabindex: "-1", text: "Context" }),
        iconButton({ label: "Close context", icon: "close", class: "drawer-only", run: this.actions.close }),
      ),
      this.body,
    );
    const kinds = [CHANGE.selection, CHANGE.thread, CHANGE.cards, CHANGE.products, CHANGE.team];
    this.hear(this.desk, kinds, () => this.update());
    this.update();
  }

  update() {
    const id = this.desk.selected;
    const thread = id ? this.desk.threads.held.get(id) : undefined;
    const context = thread?.context ?? null;
    const card = this.desk.cards.get(id);
    const skus = skusOf(card, context);
    const mark = JSON.stringify([id, context, skus, thread?.notes, this.desk.products.bySku.size, card?.due_at]);
    if (mark === this.shown) return;
    this.shown = mark;
    if (!id || !context || !thread) {
      const words = "Choose a conversation to see why the bot asked for help and what it understood.";
      fill(this.body, !id && el("p", { class: "context-none", text: words }));
      return;
    }
    fill(
      this.body,
      this.section("handoff", "Why a person", handoff(context)),
      this.section("customer", "Customer", this.customer(id, context)),
      this.section(
        "product",
        skus.length > 1 ? "Products" : "Product",
        skus.map((sku) => this.product(sku)),
      ),
      this.section("evidence", "How the bot read it", readings(context.handoff?.evidence ?? null)),
      this.section("previous", "Earlier conversations", this.previous(context)),
      this.section("notes", "Notes", this.notes(id, thread.notes)),
    );
  }

  /**
   * A part that can be folded away; which ones are is remembered. One with nothing in it is left out.
   * @param {string} name
   * @param {string} title
   * @param {Node[]} children
   */
  section(name, title, children) {
    if (!children.length) return null;
    const node = el(
      "details",
      { class: "part", open: !this.folded[name], dataset: { part: name } },
      el("summary", {}, el("h3", { text: title }), sign("caret")),
      el("div", { class: "part-body" }, ...children),
    );
    node.addEventListener("toggle", () => {
      this.folded[name] = !node.open;
      remember("folded", this.folded);
    });
    return node;
  }

  /**
   * @param {string} id
   * @param {Context} context
   */
  customer(id, context) {
    const { customer } = context.packet;
    const card = this.desk.cards.get(id);
    const promise = this.desk.promises.get(id);
    const name = customer.name ?? promise?.contact?.name;
    const email = customer.email ?? promise?.contact?.email;
    const phone = promise?.contact?.phone;
    const language = context.packet.language ?? context.locale;
    const due = card?.state !== "resolved" && card?.due_at;
    const row = (/** @type {string} */ term, /** @type {Node|string|null|undefined|false} */ value) =>
      value ? [el("dt", { text: term }), el("dd", {}, value)] : [];
    return [
      el(
        "dl",
        { class: "visit" },
        ...row("Name", name && verifiedName(name, customer.verified)),
        ...row("E-mail", email && el("a", { href: `mailto:${email}`, text: email })),
        ...row("Phone", phone && el("a", { href: `tel:${phone}`, text: phone })),
        ...row("Promised", due && dateAndTime(due)),
        ...row(
          "Prefers",
          promise?.preferred && `${dateAndTime(promise.preferred.from)} to ${clock(promise.preferred.until)}`,
        ),
        ...row("Page", pageLink(context.page)),
        ...row("Language", language && languageName(language)),
        ...row("Started", el("span", { title: dateAndTime(context.created_at), text: ago(context.created_at, "en") })),
        ...row("Reference", el("span", { class: "mono", text: id })),
      ),
    ];
  }

  /** @param {string} sku */
  product(sku) {
    const product = this.desk.products.named(sku);
    if (!product) return el("span", { class: "sku large", text: sku });
    return el(
      "div",
      { class: "product", dataset: { testid: "product" } },
      product.image &&
        el("img", { src: `/web/shop/img/${encodeURIComponent(product.image)}`, alt: "", loading: "lazy" }),
      el(
        "div",
        {},
        el(
          "p",
          { class: "product-name" },
          el("strong", { text: product.name }),
          el("span", { class: "sku", text: sku }),
        ),
        el("p", { class: "quiet", text: product.summary }),
        el(
          "p",
          { class: "product-facts" },
          el("strong", { class: "figures", text: product.price }),
          el("span", { class: "stock", dataset: { state: product.stock_state }, text: product.stock }),
        ),
      ),
    );
  }

  /** @param {Context} context */
  previous({ previous = [] }) {
    return previous.map(({ id, at, topic, summary, state }) =>
      el(
        "button",
        {
          type: "button",
          class: "earlier",
          dataset: { testid: "previous" },
          on: { click: () => this.actions.open(id) },
        },
        el(
          "span",
          { class: "earlier-head" },
          el("strong", { text: topic ? topicLabel(topic) : stateSign(state).label }),
          el("time", { datetime: at, text: ago(at, "en") }),
        ),
        summary ? el("span", { class: "quiet", text: summary }) : null,
      ),
    );
  }

  /**
   * @param {string} id
   * @param {import("../types.js").Note[]} notes
   */
  notes(id, notes) {
    const card = this.desk.cards.get(id);
    const mine = card && this.desk.cards.belongs(card, "mine");
    /** @type {Node[]} */
    const nodes = notes.map((note) =>
      el(
        "div",
        { class: "context-note" },
        el("p", { class: "note-text", dir: "auto" }, ...withMentions(note, this.desk)),
        el("p", { class: "quiet", text: `${note.author.name}, ${clock(note.at)}` }),
      ),
    );
    if (mine)
      nodes.push(
        el(
          "button",
          { type: "button", class: "button small", dataset: { testid: "add-note" }, on: { click: this.actions.note } },
          sign("plus"),
          "Add a note",
        ),
      );
    return nodes;
  }
}

/**
 * The products that the conversation is about.
 * @param {Card|undefined} card
 * @param {Context|null} context
 */
const skusOf = (card, context) => [
  ...new Set([...(context?.packet.products.map((product) => product.sku) ?? []), ...(card?.skus ?? [])]),
];

/**
 * @param {string} name
 * @param {boolean} verified
 */
const verifiedName = (name, verified) =>
  el(
    "span",
    { class: "verified-name" },
    name,
    verified &&
      el("span", { class: "verified", title: "The shop has confirmed who this is" }, sign("verified"), "Verified"),
  );

/** @param {string|null} page */
function pageLink(page) {
  if (!page) return null;
  const url = URL.canParse(page, location.href) ? new URL(page, location.href) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) return el("span", { text: page });
  const text = url.origin === location.origin ? url.pathname + url.search : url.host + url.pathname;
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", text });
}

customElements.define("desk-context", DeskContext);
