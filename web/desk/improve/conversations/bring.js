// @ts-check
/** Bringing transcripts: pasted, dropped or chosen, read by the service, then tried with the serving bot. */
import { el, fill, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { readTranscripts } from "../calls.js";
import { Field } from "../form.js";
import { counted } from "../words.js";
import { DeskTrial } from "./trial.js";

/** @typedef {import("./page.js").DeskConversations} DeskConversations */
/** @typedef {import("../types.js").Transcript} Transcript */

/** @typedef {"auto"|"jsonl"|"csv"|"story"|"text"} Format */

/** @type {[Format, string][]} */
const FORMATS = [
  ["auto", "Find out by itself"],
  ["text", "Plain text"],
  ["jsonl", "JSON lines"],
  ["csv", "CSV"],
  ["story", "Rasa stories (YAML)"],
];
const LARGEST = 4_000_000;
const EXAMPLE = "Customer: Hi, how much is the Tempo?\nAgent: Hello! It is 249 €.\nCustomer: And how do I clean it?";

export class DeskBring extends Part {
  /** @param {DeskConversations} page */
  constructor(page) {
    super();
    this.page = page;
    /** @type {Transcript[]} */
    this.transcripts = [];
    this.at = 0;
    this.content = new Field(
      "Transcripts",
      el("textarea", {
        id: "bring-content",
        rows: 11,
        spellcheck: "false",
        placeholder: EXAMPLE,
        dataset: { testid: "bring-content" },
      }),
      "An empty line begins the next conversation in plain text.",
    );
    this.format = el(
      "select",
      { id: "bring-format", dataset: { testid: "bring-format" } },
      ...FORMATS.map(([value, text]) => el("option", { value, text })),
    );
    this.file = el("input", {
      type: "file",
      id: "bring-file",
      class: "visually-hidden",
      accept: ".jsonl,.json,.csv,.yml,.yaml,.txt,text/*",
      dataset: { testid: "bring-file" },
      on: { change: () => void this.take(this.file.files?.[0]) },
    });
    this.readButton = el(
      "button",
      { type: "submit", class: "button primary", dataset: { testid: "bring-read" } },
      "Read them",
    );
    this.list = el("ol", { class: "transcript-list" });
    this.side = el("div", { class: "trial-side" });
  }

  begin() {
    this.form = el(
      "form",
      {
        class: "panel bring-form",
        novalidate: true,
        on: {
          submit: (/** @type {Event} */ event) => void this.read(event),
          dragover: (/** @type {DragEvent} */ event) => this.hover(event, true),
          dragleave: (/** @type {DragEvent} */ event) => this.hover(event, false),
          drop: (/** @type {DragEvent} */ event) => {
            this.hover(event, false);
            void this.take(event.dataTransfer?.files[0]);
          },
        },
      },
      el(
        "div",
        { class: "drop-zone" },
        sign("upload", "icon drop-icon"),
        el(
          "p",
          {},
          "Drop a file here, or ",
          this.file,
          el("label", { for: "bring-file", class: "link-button file-label", text: "choose one" }),
          ". Or paste below.",
        ),
        el("p", {
          class: "quiet",
          text: "JSON lines, CSV, Rasa stories or plain text, up to 4 MB. Nothing is kept before you say so.",
        }),
      ),
      this.content.element,
      el(
        "div",
        { class: "bring-end" },
        el("div", { class: "field" }, el("label", { for: "bring-format", text: "Written as" }), this.format),
        this.readButton,
      ),
    );
    this.replaceChildren(this.form, this.side);
    if (this.transcripts.length) this.showTranscripts();
  }

  /** @param {DragEvent} event @param {boolean} over */
  hover(event, over) {
    event.preventDefault();
    this.form?.toggleAttribute("data-over", over);
  }

  /** @param {File|undefined} file */
  async take(file) {
    if (!file) return;
    if (file.size > LARGEST) {
      this.content.refuse(`${file.name} is larger than 4 MB. Split it.`);
      return;
    }
    this.content.control.value = await file.text();
    this.content.refuse("");
    this.file.value = "";
    this.form?.requestSubmit();
  }

  /** @param {Event} event */
  async read(event) {
    event.preventDefault();
    if (!this.content.refuse(this.content.value ? "" : "Paste a conversation, or choose a file.")) {
      this.content.control.focus();
      return;
    }
    this.readButton.disabled = true;
    fill(this.readButton, el("span", { class: "spinner" }), "Reading");
    try {
      const { transcripts } = await readTranscripts(
        /** @type {Format} */ (this.format.value),
        this.content.control.value,
      );
      this.transcripts = transcripts.filter(({ turns }) => turns.some(({ from }) => from === "customer"));
      this.content.refuse(this.transcripts.length ? "" : "No customer says anything in it.");
      this.at = 0;
      if (this.transcripts.length) this.showTranscripts();
    } catch (error) {
      this.content.refuse(this.page.desk.refusal(error).message);
      this.content.control.focus();
    }
    this.readButton.disabled = false;
    fill(this.readButton, "Read them");
  }

  showTranscripts() {
    const { transcripts } = this;
    this.form?.toggleAttribute("hidden", true);
    fill(
      this.list,
      ...transcripts.map((transcript, at) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              class: "transcript-pick",
              "aria-current": at === this.at ? "true" : null,
              dataset: { testid: "transcript-pick" },
              on: { click: () => this.pick(at) },
            },
            el("span", { class: "topic-link-title", text: transcript.title }),
            el("span", { class: "quiet figures", text: counted(transcript.turns.length, "line") }),
          ),
        ),
      ),
    );
    fill(
      this.side,
      el(
        "div",
        { class: "bring-read" },
        el("p", { role: "status", text: `${counted(transcripts.length, "transcript")} read.` }),
        el("button", { type: "button", class: "link-button", text: "Bring others", on: { click: () => this.again() } }),
      ),
      el(
        "div",
        { class: "trial-frame", dataset: { several: String(transcripts.length > 1) } },
        transcripts.length > 1 && el("nav", { class: "panel transcript-nav", "aria-label": "Transcripts" }, this.list),
        new DeskTrial(this.page, transcripts[this.at]),
      ),
    );
  }

  /** @param {number} at */
  pick(at) {
    this.at = at;
    this.showTranscripts();
    /** @type {HTMLElement|null} */ (this.list.children[at]?.firstElementChild)?.focus();
  }

  again() {
    this.transcripts = [];
    fill(this.side);
    this.form?.toggleAttribute("hidden", false);
    setText(this.content.fault, "");
    this.content.control.focus();
  }
}

customElements.define("desk-bring", DeskBring);
