// @ts-check
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import { iconButton, kbd } from "../pieces.js";
import { CHANGE } from "../state/change.js";
import { openPlace } from "../state/snippets.js";
import { drafts } from "../storage.js";
import { attachmentsOf, FILE_TYPES } from "./attachments.js";
import { Completion, mentionsOf, mentionSource, snippetSource } from "./completion.js";
import { SuggestionBar } from "./suggestion-bar.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../storage.js").Mode} Mode */

const TALLEST_PX = 220;
const WORDS = {
  reply: { label: "Reply to the customer", placeholder: "Write to the customer…", send: "Send", icon: "send" },
  note: {
    label: "Private note",
    placeholder: "Only colleagues see this. @ mentions somebody…",
    send: "Add note",
    icon: "note",
  },
};

/**
 * Where the agent writes: a reply or a private note, each with its own draft. Enter sends, Shift+Enter
 * starts a new line; `/` offers snippets in a reply, `@` colleagues in a note.
 */
export class DeskComposer extends Part {
  /**
   * @param {Desk} desk
   * @param {string} id
   */
  constructor(desk, id) {
    super();
    this.desk = desk;
    this.conversation = id;
    /** @type {Mode} */
    this.mode = "reply";
    this.box = el("textarea", { id: "reply", rows: 2, maxlength: 4000, dataset: { testid: "reply" } });
    this.label = el("label", { for: "reply", class: "visually-hidden" });
    this.button = el("button", { type: "submit", class: "button primary", dataset: { testid: "send" } });
    this.suggestions = new SuggestionBar(desk, id, (index) => this.suggest(index));
    this.files = attachmentsOf(desk, id);
    this.completion = new Completion(
      this.box,
      () => (this.mode === "reply" ? snippetSource(desk, id) : mentionSource(desk)),
      () => this.selectPlace(),
    );
    this.hint = el("p", { class: "hint" });
    this.replyTab = this.tab("reply", "Reply", "R");
    this.noteTab = this.tab("note", "Note", "N");
    this.chooser = el("input", {
      type: "file",
      multiple: true,
      hidden: true,
      accept: FILE_TYPES,
      dataset: { testid: "file" },
    });
    this.attachButton = iconButton({
      label: "Attach a file",
      icon: "clip",
      testid: "attach",
      run: () => this.chooser.click(),
    });
    this.snippetButton = iconButton({
      label: "Snippets",
      icon: "snippet",
      key: "/",
      testid: "snippets",
      run: () => this.startSnippet(),
    });
  }

  begin() {
    this.form = el(
      "form",
      { class: "composer" },
      el("div", { class: "composer-tabs" }, this.replyTab, this.noteTab),
      this.label,
      this.box,
      this.files.tray,
      el(
        "div",
        { class: "composer-end" },
        this.chooser,
        el("div", { class: "composer-tools" }, this.attachButton, this.snippetButton),
        this.hint,
        this.button,
      ),
    );
    this.replaceChildren(this.suggestions, this.completion.list, this.form);
    const { signal } = /** @type {AbortController} */ (this.life);
    this.form.addEventListener("submit", (event) => this.submit(event), { signal });
    this.box.addEventListener("input", () => this.edited(), { signal });
    this.box.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.box.addEventListener("paste", (event) => this.pasted(event), { signal });
    this.chooser.addEventListener("change", () => this.chosen(), { signal });
    this.takeDrops(signal);
    this.hear(this.files, "change", () => this.fit());
    this.hear(this.desk, [CHANGE.snippets, CHANGE.team], () => this.offerAgain());
    this.setMode("reply");
  }

  /** What has come meanwhile may be what the agent is typing for. */
  offerAgain() {
    if (document.activeElement === this.box) this.completion.update();
  }

  /**
   * @param {Mode} mode
   * @param {string} label
   * @param {string} key
   */
  tab(mode, label, key) {
    return el("button", {
      type: "button",
      class: "composer-tab",
      text: label,
      title: `${label} (${key})`,
      dataset: { testid: `mode-${mode}` },
      on: {
        click: () => {
          this.setMode(mode);
          this.focusBox();
        },
      },
    });
  }

  /** @param {Mode} mode */
  setMode(mode) {
    this.mode = mode;
    const words = WORDS[mode];
    setAttribute(/** @type {Element} */ (this.form), "data-mode", mode);
    setAttribute(this.replyTab, "aria-pressed", String(mode === "reply"));
    setAttribute(this.noteTab, "aria-pressed", String(mode === "note"));
    setText(this.label, words.label);
    this.box.placeholder = words.placeholder;
    if (mode === "reply") fill(this.hint, kbd("Enter"), " sends ", kbd("/"), " snippets");
    else fill(this.hint, kbd("Enter"), " adds it ", kbd("@"), " mentions");
    fill(this.button, sign(words.icon), el("span", { text: words.send }));
    for (const tool of [this.attachButton, this.snippetButton]) tool.hidden = mode === "note";
    this.files.tray.hidden = mode === "note";
    this.box.value = this.desk.agent ? drafts.get(this.desk.agent.id, this.conversation, mode) : "";
    this.completion.close();
    this.fit();
  }

  // Writing

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing || this.completion.pressed(event)) return;
    if (event.altKey && /^Digit[1-3]$/u.test(event.code)) {
      event.preventDefault();
      this.suggest(Number(event.code.slice(-1)) - 1);
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void this.send();
  }

  edited() {
    this.keepDraft();
    this.fit();
    this.completion.update();
    if (this.mode === "reply" && this.box.value.trim()) this.desk.outbox.writing(this.conversation);
  }

  /**
   * Puts words where the agent is writing.
   * @param {string} text
   */
  insert(text) {
    const { value, selectionStart, selectionEnd } = this.box;
    const before = value.slice(0, selectionStart);
    const gap = before && !/\s$/u.test(before) ? " " : "";
    this.box.setRangeText(gap + text, selectionStart, selectionEnd, "end");
    this.box.focus();
    this.edited();
    this.selectPlace();
  }

  /**
   * Selects the next place of a snippet that is still to be filled.
   * @returns {string} the place, empty when there is none
   */
  selectPlace() {
    const place = this.mode === "reply" ? openPlace(this.box.value) : null;
    if (place) this.box.setSelectionRange(place.from, place.to);
    return place?.text ?? "";
  }

  startSnippet() {
    this.setMode("reply");
    this.insert("/");
  }

  keepDraft() {
    if (this.desk.agent) drafts.set(this.desk.agent.id, this.conversation, this.mode, this.box.value);
  }

  fit() {
    this.box.style.blockSize = "auto";
    this.box.style.blockSize = `${Math.min(this.box.scrollHeight, TALLEST_PX)}px`;
    const reply = this.mode === "reply";
    const something = Boolean(this.box.value.trim()) || (reply && this.files.ready.length > 0);
    this.button.disabled = !something || (reply && this.files.busy);
  }

  focusBox() {
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  // Sending

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    void this.send();
  }

  async send() {
    const text = this.box.value.trim();
    if (this.button.disabled) return;
    const place = this.selectPlace();
    if (place) {
      this.box.focus();
      this.desk.notify({ text: `Fill in ${place} before you send it.`, about: this.conversation, tone: "info" });
      return;
    }
    if (this.mode === "note") await this.addNote(text);
    else {
      this.empty();
      this.desk.outbox.say(this.conversation, text, this.files.take());
      this.fit();
    }
    this.box.focus();
  }

  /** @param {string} text */
  async addNote(text) {
    this.button.disabled = true;
    const stored = await this.desk.threads.addNote(this.conversation, text, mentionsOf(text, this.desk.team.agents));
    if (stored && this.mode === "note" && this.box.value.trim() === text) this.empty();
    this.fit();
  }

  empty() {
    this.box.value = "";
    this.keepDraft();
    this.fit();
  }

  // Files

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || this.mode === "note") return;
    event.preventDefault();
    this.files.add(files);
  }

  chosen() {
    this.files.add([...(this.chooser.files ?? [])]);
    this.chooser.value = "";
    this.box.focus();
  }

  /** Files that are dropped anywhere on the conversation. @param {AbortSignal} signal */
  takeDrops(signal) {
    const place = this.closest("desk-conversation");
    if (!place) return;
    const over = (/** @type {Event} */ event) => {
      const carried = /** @type {DragEvent} */ (event).dataTransfer?.types.includes("Files");
      if (!carried) return;
      event.preventDefault();
      setAttribute(place, "data-dropping", true);
    };
    const gone = () => setAttribute(place, "data-dropping", false);
    place.addEventListener("dragover", over, { signal });
    place.addEventListener("dragleave", gone, { signal });
    place.addEventListener(
      "drop",
      (event) => {
        gone();
        event.preventDefault();
        this.setMode("reply");
        const carried = /** @type {DragEvent} */ (event).dataTransfer;
        this.files.add([...(carried?.files ?? [])]);
      },
      { signal },
    );
    signal.addEventListener("abort", gone);
  }

  /** Puts a suggested answer into the reply, to be edited. @param {number} index */
  suggest(index) {
    const suggestion = this.desk.suggestions.of(this.conversation)[index];
    if (!suggestion) return;
    if (this.mode !== "reply") this.setMode("reply");
    this.insert(suggestion.text);
  }
}

customElements.define("desk-composer", DeskComposer);
