// @ts-check
import { el, fill, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { percent } from "../../labels.js";
import { Part } from "../../part.js";
import { kbd } from "../../pieces.js";
import { NEWS } from "./model.js";
import { suggested, suggestedDecision } from "./suggested.js";
import { messages } from "./words.js";

/** @typedef {import("./model.js").Inbox} Inbox */
/** @typedef {import("./types.js").Decision} Decision */

/** What a group can be decided to be, each with its key. */
export class InboxDecision extends Part {
  /**
   * @param {Inbox} inbox
   * @param {{decide: (decision: Decision) => void, undo: () => void, topic: () => void, make: () => void,
   *   product: () => void}} actions
   */
  constructor(inbox, actions) {
    super();
    this.inbox = inbox;
    this.actions = actions;
    this.question = el("h3", { id: "decision-question", class: "decision-question" });
    this.last = el("p", { class: "decision-last", dataset: { testid: "inbox-outcome" } });
    this.topics = el("ol", { class: "decision-topics", role: "list" });
    this.others = el("div", { class: "decision-others" });
  }

  begin() {
    this.setAttribute("role", "group");
    this.setAttribute("aria-labelledby", "decision-question");
    this.replaceChildren(el("div", { class: "decision-head" }, this.question, this.last), this.topics, this.others);
    this.hear(this.inbox, NEWS.group, () => this.update());
    this.hear(this.inbox, NEWS.outcome, (event) => this.tell(event.detail.text));
    this.update();
  }

  /** The topics that the number keys stand for. */
  get choices() {
    const { group } = this.inbox;
    return group ? suggested(group, this.inbox.included(group)) : [];
  }

  update() {
    const { group, open } = this.inbox;
    this.hidden = !group || !open || Boolean(group.taken);
    if (!group || this.hidden) return;
    const count = this.inbox.includedIds(group).length;
    const all = count === group.size;
    setText(
      this.question,
      all ? `What are ${count === 1 ? "they" : "these"} asking?` : `${messages(count)} of ${group.size}`,
    );
    if (count === 1 && all) setText(this.question, "What is the customer asking?");
    fill(this.topics, ...this.choices.map((choice, index) => this.choice(choice, index)));
    fill(
      this.others,
      act("All topics", "T", "inbox-other", "search", this.actions.topic),
      act("New topic", "N", "inbox-make", "plus", this.actions.make),
      this.productButton(),
      el("span", { class: "decision-gap" }),
      this.scopeButton(suggestedDecision(group)?.kind === "out_of_scope"),
      act("Ignore", "X", "inbox-ignore", "trash", () => this.actions.decide({ kind: "ignore" })),
    );
  }

  /**
   * @param {{topic: string, share: number}} choice
   * @param {number} index
   */
  choice({ topic, share }, index) {
    const first = index === 0 && this.inbox.group?.suggestion?.topic === topic;
    const level = el("span", { class: "choice-level", "aria-hidden": "true" });
    level.style.inlineSize = percent(share);
    return el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: `topic-choice ${first ? "first" : ""}`.trim(),
          dataset: { testid: "inbox-choice", topic },
          on: { click: () => this.actions.decide({ kind: "topic", topic }) },
        },
        kbd(String(index + 1)),
        el("span", { class: "topic-name", text: this.inbox.titleOf(topic) }),
        el("span", { class: "figures topic-share", text: percent(share) }),
        first && kbd("Enter"),
        level,
      ),
    );
  }

  /** @param {boolean} first what Enter decides */
  scopeButton(first) {
    const button = act("Out of scope", "O", "inbox-scope", "offline", () =>
      this.actions.decide({ kind: "out_of_scope" }),
    );
    if (!first) return button;
    button.classList.add("primary");
    button.append(kbd("Enter"));
    return button;
  }

  productButton() {
    const { inbox } = this;
    const sku = inbox.group && inbox.product.get(inbox.group.id);
    const name = sku ? (inbox.desk.products.named(sku)?.name ?? sku) : "Product";
    const button = act(name, "P", "inbox-product", "parcel", this.actions.product);
    if (sku) button.classList.add("chosen");
    button.title = sku ? `The label names ${name}` : "Name the product that they mean";
    return button;
  }

  /** @param {string} text */
  tell(text) {
    fill(
      this.last,
      el("span", { text }),
      this.inbox.done.length > 0 &&
        el(
          "button",
          {
            type: "button",
            class: "link-button",
            dataset: { testid: "inbox-undo" },
            on: { click: this.actions.undo },
          },
          "Undo",
        ),
      this.inbox.done.length > 0 && kbd("U"),
    );
  }

  /** Does what a number key says. @param {number} index @returns {boolean} whether there is such a topic */
  press(index) {
    const choice = this.choices[index];
    if (!choice) return false;
    this.inbox.decide({ kind: "topic", topic: choice.topic });
    return true;
  }
}

/**
 * @param {string} label
 * @param {string} key
 * @param {string} testid
 * @param {string} icon
 * @param {() => void} run
 */
const act = (label, key, testid, icon, run) =>
  el(
    "button",
    { type: "button", class: "button", dataset: { testid }, on: { click: run } },
    sign(icon),
    el("span", { text: label }),
    kbd(key),
  );

customElements.define("desk-inbox-decision", InboxDecision);
