// @ts-check
/** The strip above the conversation while no person answers yet: the place and the wait, or the promise. */
import { el, fill, icon, setText } from "../shared/dom.js";
import { duration, moment } from "../shared/time.js";
import { icons } from "./icons.js";

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./words.js").Words} Words
 */

export class Waiting {
  /**
   * @param {Conversation} conversation
   * @param {Words} words
   * @param {{locale: () => string | undefined, contact: () => void}} context `contact` opens the form
   */
  constructor(conversation, words, context) {
    this.conversation = conversation;
    this.words = words;
    this.context = context;
    this.sign = el("span", { class: "sign", "aria-hidden": "true" });
    this.headline = el("p", { class: "place", role: "status" });
    this.detail = el("p", { class: "waited", dataset: { testid: "waited" } });
    this.contact = el("button", {
      type: "button",
      class: "quiet",
      dataset: { testid: "leave-contact" },
      on: { click: () => context.contact() },
    });
    const back = el("button", {
      type: "button",
      class: "quiet",
      dataset: { testid: "cancel" },
      text: words.say("back_to_assistant"),
      on: { click: () => conversation.cancel() },
    });
    this.node = el(
      "div",
      { class: "waiting", hidden: true, dataset: { testid: "queue" } },
      this.sign,
      el("div", { class: "standing" }, this.headline, this.detail),
      el("div", { class: "ways-on" }, this.contact, back),
    );
  }

  stop() {
    clearInterval(this.clock);
  }

  /** @param {boolean} covered whether the form has its place now, which says the same */
  render(covered) {
    const { state } = this.conversation;
    const deferred = state === "deferred";
    this.node.hidden = covered || (!deferred && state !== "queued" && state !== "offered");
    clearInterval(this.clock);
    if (this.node.hidden) return;
    if (this.node.dataset.kind !== state) {
      this.node.dataset.kind = state;
      fill(this.sign, deferred ? icon(icons.clock) : el("span", { class: "pulse" }));
    }
    if (deferred) this.renderPromise();
    else this.renderQueue();
  }

  renderQueue() {
    const position = this.conversation.queue?.position ?? null;
    const key = position === null ? "queued" : position <= 1 ? "queue_next" : "queue_position";
    setText(this.headline, this.words.say(key, { position: position ?? "" }));
    setText(this.contact, this.words.say("leave_contact"));
    this.showWaited();
    this.clock = setInterval(() => this.showWaited(), 1000);
  }

  showWaited() {
    const { queue } = this.conversation;
    this.detail.hidden = !queue;
    if (!queue) return;
    const waited = this.words.say("waited", { time: duration((Date.now() - queue.since) / 1000) });
    setText(this.detail, [waited, this.expected(queue.expected)].filter(Boolean).join(" · "));
  }

  /** @param {import("./api.js").Range | null} range */
  expected(range) {
    if (!range) return "";
    return this.words.say("queue_expected", { low: range.low / 60, high: range.high / 60 });
  }

  renderPromise() {
    const { promise } = this.conversation;
    const { words } = this;
    this.detail.hidden = false;
    if (!promise) {
      setText(this.headline, words.say("promise_soon"));
      setText(this.detail, words.say("promise_by_thread"));
    } else {
      const when = moment(promise.due_at, this.context.locale());
      setText(this.headline, words.say("promise_due", { when }));
      setText(this.detail, words.say(`promise_by_${promise.by}`, { contact: promise.contact ?? "" }));
    }
    setText(this.contact, words.say(promise?.contact ? "promise_change" : "promise_open"));
  }
}
