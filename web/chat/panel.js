// @ts-check
/** The open chat: who answers, the state of things, the conversation, and where to write. */
import { el, fill, icon, initials, setText } from "../shared/dom.js";
import { duration } from "../shared/time.js";
import { Composer } from "./composer.js";
import { icons } from "./icons.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";
import { download, transcript } from "./transcript.js";

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./words.js").Words} Words
 */

export class Panel {
  /**
   * @param {Conversation} conversation
   * @param {import("./api.js").Widget} widget
   * @param {Words} words
   * @param {{base: URL, close: () => void}} context
   */
  constructor(conversation, widget, words, context) {
    this.conversation = conversation;
    this.words = words;
    this.log = new Log(conversation, widget, words, {
      base: context.base,
      locale,
      chosen: () => this.focus(),
      edit: (text) => this.edit(text),
    });
    this.composer = new Composer({
      send: (text) => conversation.say(text),
      writing: () => conversation.writing(),
    });
    this.menu = new Menu(() => this.menuItems());
    this.menu.name(words.say("menu"));
    this.face = el("span", { class: "face", "aria-hidden": "true" });
    this.title = el("h2", { id: "title", class: "title" });
    this.subtitle = el("p", { class: "subtitle", dataset: { testid: "status" } });
    this.trouble = el("div", {
      class: "trouble",
      role: "status",
      hidden: true,
      dataset: { testid: "trouble" },
    });
    this.waiting = el("div", { class: "waiting", hidden: true, dataset: { testid: "queue" } });
    this.closed = el("p", {
      class: "closed",
      hidden: true,
      dataset: { testid: "resolved" },
      text: words.say("resolved"),
    });
    this.buildWaiting();
    this.node = el(
      "section",
      {
        class: "panel",
        id: "panel",
        role: "dialog",
        "aria-labelledby": "title",
        hidden: true,
        dataset: { testid: "panel" },
      },
      el(
        "div",
        { class: "head" },
        this.face,
        el("div", { class: "names" }, this.title, this.subtitle),
        this.menu.node,
        el(
          "button",
          {
            type: "button",
            class: "tool",
            "aria-label": words.say("close"),
            title: words.say("close"),
            dataset: { testid: "close" },
            on: { click: context.close },
          },
          icon(icons.close),
        ),
      ),
      this.trouble,
      this.waiting,
      this.log.node,
      this.closed,
      this.composer.node,
    );
  }

  stop() {
    clearInterval(this.clock);
    this.log.stop();
  }

  /** Put the focus where the customer goes on: writing, or reading where writing would raise a keyboard. */
  focus() {
    if (matchMedia("(pointer: coarse)").matches) this.log.scroller.focus({ preventScroll: true });
    else this.composer.focus();
  }

  /** @param {string} text put before what the customer has begun to write since */
  edit(text) {
    this.composer.prefill([text, this.composer.input.value].filter(Boolean).join("\n"));
    this.composer.focus();
  }

  render() {
    this.renderHead();
    this.renderTrouble();
    this.renderWaiting();
    const { state } = this.conversation;
    this.closed.hidden = state !== "resolved";
    this.composer.name({
      label: this.words.say("input"),
      placeholder: this.words.say(state === "resolved" ? "placeholder_resolved" : "placeholder"),
      send: this.words.say("send"),
    });
    this.log.render();
  }

  renderHead() {
    const { state, agent } = this.conversation;
    const withAgent = state === "agent";
    const waiting = state === "queued" || state === "offered" || state === "deferred";
    const status = withAgent
      ? "subtitle_agent"
      : waiting
        ? "subtitle_queued"
        : state === "resolved"
          ? "subtitle_resolved"
          : "subtitle";
    const name = withAgent ? (agent?.name ?? this.words.say("agent")) : this.words.say("title");
    setText(this.title, name);
    setText(this.subtitle, this.words.say(state === "deferred" ? "subtitle_deferred" : status));
    this.node.dataset.state = state;
    const face = withAgent ? name : "";
    if (this.face.dataset.name === face) return;
    this.face.dataset.name = face;
    this.face.classList.toggle("agent", withAgent);
    fill(this.face, withAgent ? initials(name) : icon(icons.leaf));
  }

  renderTrouble() {
    const { conversation, words } = this;
    const lost = conversation.remembered !== null && !conversation.connected;
    const text = conversation.offline
      ? words.say("offline")
      : lost
        ? words.say("reconnecting")
        : conversation.fault !== null
          ? words.refusal(conversation.fault)
          : "";
    if (this.trouble.dataset.text === text) return;
    this.trouble.dataset.text = text;
    this.trouble.hidden = !text;
    fill(this.trouble, icon(icons.alert), el("span", { text }));
  }

  buildWaiting() {
    this.place = el("p", { class: "place", role: "status" });
    this.waited = el("p", { class: "waited" });
    const back = el(
      "button",
      {
        type: "button",
        class: "quiet",
        dataset: { testid: "cancel" },
        on: { click: () => this.conversation.cancel() },
      },
      this.words.say("back_to_assistant"),
    );
    fill(
      this.waiting,
      el("span", { class: "pulse", "aria-hidden": "true" }),
      el("div", {}, this.place, this.waited),
      back,
    );
  }

  renderWaiting() {
    const { state, queue } = this.conversation;
    const shown = state === "queued" || state === "offered" || state === "deferred";
    this.waiting.hidden = !shown;
    clearInterval(this.clock);
    if (!shown) return;
    const position = queue?.position ?? null;
    const key =
      state === "deferred"
        ? "deferred"
        : position === null
          ? "queued"
          : position <= 1
            ? "queue_next"
            : "queue_position";
    if (this.place) setText(this.place, this.words.say(key, { position: position ?? "" }));
    this.showWaited();
    this.clock = setInterval(() => this.showWaited(), 1000);
  }

  showWaited() {
    const { queue } = this.conversation;
    if (!this.waited) return;
    this.waited.hidden = !queue;
    if (queue)
      setText(this.waited, this.words.say("waited", { time: duration((Date.now() - queue.since) / 1000) }));
  }

  /** @returns {import("./menu.js").Item[]} */
  menuItems() {
    const { conversation, words } = this;
    const item = (/** @type {string} */ key, /** @type {string} */ path, /** @type {() => void} */ run) => ({
      id: key,
      label: words.say(key),
      icon: path,
      run,
    });
    const exists = conversation.remembered !== null;
    const items = [
      conversation.withPeople
        ? item("back_to_assistant", icons.back, () => conversation.cancel())
        : item("talk_to_person", icons.person, () => conversation.handoff()),
    ];
    if (conversation.messages.length > 0) items.push(item("download", icons.download, () => this.download()));
    if (exists && conversation.state !== "resolved")
      items.push(item("end", icons.done, () => conversation.end()));
    if (exists) items.push(item("new", icons.fresh, () => this.startAgain()));
    return items;
  }

  startAgain() {
    this.conversation.startAgain();
    this.focus();
  }

  download() {
    const lines = this.log.lines().filter((line) => !line.outgoing);
    const text = transcript(lines, this.words.say("title"), locale());
    download(text, `${this.words.say("download_name")}.txt`);
  }
}

/** The language times are written in: the page's own. */
function locale() {
  const lang = document.documentElement.lang;
  return lang && Intl.DateTimeFormat.supportedLocalesOf([lang]).length ? lang : undefined;
}
