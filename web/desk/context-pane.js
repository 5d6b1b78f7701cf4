// @ts-check
import { el, fill } from "../shared/dom.js";
import { ago, dateAndTime } from "../shared/time.js";
import { CHANGE } from "./desk.js";
import { sign } from "./icons.js";
import { hazardLabel, languageName, percent, reasonSign, topicLabel } from "./labels.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Evidence} Evidence */
/** @typedef {import("./types.js").Context} Context */

/** Why a person was asked for, what the customer wants, and what the bot's reading rests on. */
export class DeskContextPane extends HTMLElement {
  /**
   * @param {Desk} desk
   * @param {() => void} close
   */
  constructor(desk, close) {
    super();
    this.desk = desk;
    this.close = close;
    this.body = el("div", { class: "context-body", tabindex: "0", role: "group", "aria-label": "Context" });
    this.shown = "";
  }

  connectedCallback() {
    this.setAttribute("role", "complementary");
    this.setAttribute("aria-label", "About this conversation");
    this.dataset.testid = "context";
    this.replaceChildren(
      el(
        "div",
        { class: "context-head" },
        el("h2", { tabindex: "-1", text: "Context" }),
        el(
          "button",
          {
            type: "button",
            class: "icon-button drawer-only",
            "aria-label": "Close context",
            on: { click: this.close },
          },
          sign("close"),
        ),
      ),
      this.body,
    );
    for (const kind of [CHANGE.selection, CHANGE.thread, CHANGE.cards])
      this.desk.addEventListener(kind, () => this.update());
    this.update();
  }

  update() {
    const id = this.desk.selected;
    const context = id ? (this.desk.threads.get(id)?.context ?? null) : null;
    const mark = JSON.stringify([id, context]);
    if (mark === this.shown) return;
    this.shown = mark;
    if (!id || !context) {
      fill(
        this.body,
        !id &&
          el("p", {
            class: "context-none",
            text: "Choose a conversation to see why the bot asked for help and what it understood.",
          }),
      );
      return;
    }
    const evidence = context.handoff?.evidence ?? null;
    fill(
      this.body,
      handoffPart(context),
      askedPart(evidence),
      readingPart(evidence),
      productPart(evidence),
      visitPart(context, id),
    );
  }
}

/**
 * @param {string} title
 * @param {...(Node|null|false|undefined)} children
 */
function part(title, ...children) {
  return el("section", { class: "part" }, el("h3", { text: title }), ...children);
}

/** @param {Context} context */
function handoffPart({ handoff }) {
  if (!handoff) {
    return part("Handoff", el("p", { class: "quiet", text: "None. The bot is answering, nobody has been asked for." }));
  }
  const reason = reasonSign(handoff.reason);
  const hazard = handoff.evidence?.hazard;
  return part(
    "Why a person",
    reason &&
      el(
        "p",
        { class: "reason-line" },
        el(
          "span",
          { class: "pill", dataset: { tone: reason.tone, testid: "context-reason" } },
          sign(reason.icon),
          reason.label,
        ),
        hazard ? el("strong", { class: "hazard", text: hazardLabel(hazard) }) : null,
      ),
    handoff.summary ? el("p", { class: "summary", dir: "auto", text: handoff.summary }) : null,
  );
}

/** @param {Evidence|null} evidence */
function askedPart(evidence) {
  const asked = evidence?.asked ?? [];
  if (!asked.length) return null;
  return part(
    "What was asked",
    el("ol", { class: "asked", role: "list" }, ...asked.map((text) => el("li", { dir: "auto", text }))),
  );
}

/** @param {Evidence|null} evidence */
function readingPart(evidence) {
  const readings = evidence?.readings ?? [];
  const nearest = evidence?.nearest;
  if (!readings.length && !nearest) return null;
  const threshold = evidence?.threshold;
  return part(
    "How the bot read it",
    readings.length
      ? el(
          "ul",
          { class: "readings", role: "list" },
          ...readings.map(([topic, probability], index) => reading(topic, probability, index === 0, threshold)),
        )
      : null,
    threshold ? el("p", { class: "quiet", text: `It answers by itself from ${percent(threshold)}.` }) : null,
    nearest?.text
      ? el(
          "div",
          { class: "nearest" },
          el("p", { class: "part-label", text: "Closest known question" }),
          el("blockquote", { dir: "auto", text: nearest.text }),
          Number.isFinite(nearest.similarity)
            ? el("p", { class: "quiet", text: `${percent(nearest.similarity)} alike` })
            : null,
        )
      : null,
  );
}

/**
 * @param {string} topic
 * @param {number} probability
 * @param {boolean} best
 * @param {number|undefined} threshold
 */
function reading(topic, probability, best, threshold) {
  const fillBar = el("span", { class: "bar-fill" });
  fillBar.style.inlineSize = percent(probability);
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, fillBar);
  if (threshold && best) {
    const tick = el("span", { class: "bar-tick" });
    tick.style.insetInlineStart = percent(threshold);
    bar.append(tick);
  }
  return el(
    "li",
    { class: "reading", dataset: { best: String(best) } },
    el("span", { text: topicLabel(topic) }),
    el("span", { class: "figures", text: percent(probability) }),
    bar,
  );
}

/** @param {Evidence|null} evidence */
function productPart(evidence) {
  const skus = evidence?.skus ?? [];
  if (!skus.length) return null;
  return part(
    skus.length === 1 ? "Product" : "Products",
    el("p", { class: "skus" }, ...skus.map((sku) => el("span", { class: "sku large", text: sku }))),
  );
}

/**
 * @param {Context} context
 * @param {string} id
 */
function visitPart(context, id) {
  return part(
    "Visit",
    el(
      "dl",
      { class: "visit" },
      el("dt", { text: "Page" }),
      el("dd", {}, pageLink(context.page)),
      el("dt", { text: "Language" }),
      el("dd", { text: languageName(context.locale) }),
      el("dt", { text: "Started" }),
      el("dd", { title: dateAndTime(context.created_at), text: ago(context.created_at, "en") }),
      el("dt", { text: "Reference" }),
      el("dd", { class: "mono", text: id }),
    ),
  );
}

/** @param {string|null} page */
function pageLink(page) {
  if (!page) return el("span", { text: "Unknown" });
  const url = URL.canParse(page, location.href) ? new URL(page, location.href) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) return el("span", { text: page });
  const text = url.origin === location.origin ? url.pathname + url.search : url.host + url.pathname;
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", text });
}

customElements.define("desk-context-pane", DeskContextPane);
