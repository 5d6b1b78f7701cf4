// @ts-check
/** The open chat: who answers, the state of things, the conversation, and where to write. */
import { el, fill, icon, initials, setText } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { Files } from "./files.js";
import { icons } from "./icons.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";
import { PromiseForm } from "./promise.js";
import { download, transcript } from "./transcript.js";
import { Waiting } from "./waiting.js";

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
    this.files = new Files(conversation, words, { locale, changed: () => this.composer.filesChanged() });
    this.composer = new Composer(this.files, {
      send: (text, files) => conversation.say(text, { files }),
      writing: () => conversation.writing(),
    });
    this.promise = new PromiseForm(conversation, words, {
      locale,
      toggled: (open) => this.promiseToggled(open),
    });
    this.waiting = new Waiting(conversation, words, { locale, contact: () => this.promise.open() });
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
    this.closed = el("p", {
      class: "closed",
      hidden: true,
      dataset: { testid: "resolved" },
      text: words.say("resolved"),
    });
    this.drop = el(
      "div",
      { class: "drop", hidden: true, "aria-hidden": "true" },
      icon(icons.clip),
      el("span", { text: words.say("attach_drop") }),
    );
    this.node = el(
      "section",
      {
        class: "panel",
        id: "panel",
        role: "dialog",
        "aria-labelledby": "title",
        hidden: true,
        dataset: { testid: "panel" },
        on: {
          dragover: (event) => this.dragged(event),
          dragleave: (event) => this.dragLeft(event),
          drop: (event) => this.dropped(event),
        },
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
      this.waiting.node,
      el("div", { class: "middle" }, this.log.node, this.promise.node),
      this.closed,
      this.composer.node,
      this.drop,
    );
  }

  stop() {
    this.waiting.stop();
    this.files.clear();
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
    this.renderPromise();
    this.waiting.render(this.promise.isOpen);
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
    const { state, agent, held } = this.conversation;
    const withAgent = state === "agent";
    const waiting = state === "queued" || state === "offered" || state === "deferred";
    const status = withAgent
      ? held
        ? "held"
        : "subtitle_agent"
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

  /** @param {boolean} open */
  promiseToggled(open) {
    this.waiting.render(open);
    if (!open) this.focus();
  }

  /** The form goes when a person has come, or the conversation is over. */
  renderPromise() {
    const { state } = this.conversation;
    if (state === "agent" || state === "resolved") this.promise.close();
  }

  // Files that are dropped

  /** @param {DragEvent} event */
  dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.drop.hidden = false;
  }

  /** @param {DragEvent} event */
  dragLeft(event) {
    if (!this.node.contains(/** @type {Node | null} */ (event.relatedTarget))) this.drop.hidden = true;
  }

  /** @param {DragEvent} event */
  dropped(event) {
    this.drop.hidden = true;
    if (!this.files.taken(event.dataTransfer)) return;
    event.preventDefault();
    this.focus();
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
    if (conversation.state !== "agent" && conversation.state !== "resolved")
      items.push(item("promise_title", icons.mail, () => this.promise.open()));
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
    const lines = this.log
      .lines()
      .filter((line) => !line.outgoing)
      .map((line) => ({ ...line, text: withFiles(line.text, line.message?.attachments) }));
    const text = transcript(lines, this.words.say("title"), locale());
    download(text, `${this.words.say("download_name")}.txt`);
  }
}

/** The language times are written in: the page's own. */
function locale() {
  const lang = document.documentElement.lang;
  return lang && Intl.DateTimeFormat.supportedLocalesOf([lang]).length ? lang : undefined;
}

/**
 * A message in plain text, its files by name.
 * @param {string} text
 * @param {import("./api.js").Attachment[]} [files]
 */
function withFiles(text, files = []) {
  return [text, ...files.map((file) => `[${file.name}]`)].filter(Boolean).join("\n");
}
