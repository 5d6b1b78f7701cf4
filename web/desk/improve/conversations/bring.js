// @ts-check
/** Bringing transcripts: from the desk, or pasted, dropped or chosen; then they are tried with the serving bot. */
import { el, fill, setText } from "../../../shared/dom.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { pastTranscript, readTranscripts } from "../calls.js";
import { Field } from "../../form.js";
import { counted } from "../words.js";
import { DeskPast, whose } from "./past.js";
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
    /** The conversation of the desk's that is brought; empty while none is. */
    this.from = "";
    /** What is said above what was read. */
    this.told = "";
    this.past = new DeskPast(page.desk);
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
      on: { change: () => void this.takeFile(this.file.files?.[0]) },
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
        class: "panel bring-way bring-form",
        novalidate: true,
        on: {
          submit: (/** @type {Event} */ event) => void this.read(event),
          dragover: (/** @type {DragEvent} */ event) => this.hover(event, true),
          dragleave: (/** @type {DragEvent} */ event) => this.hover(event, false),
          drop: (/** @type {DragEvent} */ event) => {
            this.hover(event, false);
            void this.takeFile(event.dataTransfer?.files[0]);
          },
        },
      },
      el(
        "div",
        { class: "bring-way-head" },
        el("h2", { text: "From elsewhere" }),
        el("p", {
          class: "quiet",
          text: "JSON lines, CSV, Rasa stories or plain text, up to 4 MB. Nothing is kept before you say so.",
        }),
      ),
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
      ),
      this.content.element,
      el(
        "div",
        { class: "bring-end" },
        el("div", { class: "field" }, el("label", { for: "bring-format", text: "Written as" }), this.format),
        this.readButton,
      ),
    );
    this.ways = el("div", { class: "bring-ways" }, this.past, this.form);
    this.replaceChildren(this.ways, this.side);
    if (this.transcripts.length) this.showTranscripts();
  }

  /**
   * Shows the conversation that the address names; without one, how to bring some.
   * @param {string} id
   */
  async show(id) {
    const before = this.from;
    this.from = id;
    if (!id) {
      if (before) this.again();
      return;
    }
    if (id === before && this.transcripts.length) return;
    this.transcripts = [];
    this.ways?.toggleAttribute("hidden", true);
    fill(this.side, waiting());
    try {
      const { conversation, transcript } = await pastTranscript(id);
      if (this.from !== id) return;
      this.take([{ ...transcript, source: "desk" }], whose(conversation));
    } catch (error) {
      if (this.from !== id) return;
      this.again();
      this.past.refuse(this.page.desk.refusal(error).message);
    }
  }

  /** Goes on with what was read. @param {Transcript[]} transcripts @param {string} told */
  take(transcripts, told) {
    this.transcripts = transcripts;
    this.told = told;
    this.at = 0;
    this.showTranscripts();
  }

  /** @param {DragEvent} event @param {boolean} over */
  hover(event, over) {
    event.preventDefault();
    this.form?.toggleAttribute("data-over", over);
  }

  /** @param {File|undefined} file */
  async takeFile(file) {
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
      const said = transcripts.filter(({ turns }) => turns.some(({ from }) => from === "customer"));
      if (this.content.refuse(said.length ? "" : "No customer says anything in it."))
        this.take(said, `${counted(said.length, "transcript")} read.`);
    } catch (error) {
      this.content.refuse(this.page.desk.refusal(error).message);
      this.content.control.focus();
    }
    this.readButton.disabled = false;
    fill(this.readButton, "Read them");
  }

  showTranscripts() {
    const { transcripts } = this;
    this.ways?.toggleAttribute("hidden", true);
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
        el("p", { role: "status", dataset: { testid: "bring-told" }, text: this.told }),
        el("button", {
          type: "button",
          class: "link-button",
          text: this.from ? "Bring another" : "Bring others",
          dataset: { testid: "bring-again" },
          on: { click: () => (this.from ? (location.hash = "#/conversations/bring") : this.again()) },
        }),
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

  /** Begins anew: what was read is put away, and the ways to bring others are here again. */
  again() {
    this.transcripts = [];
    this.told = "";
    fill(this.side);
    this.ways?.toggleAttribute("hidden", false);
    setText(this.content.fault, "");
    (this.content.value ? this.content.control : this.past.input).focus();
  }
}

const waiting = () =>
  el(
    "div",
    { class: "skeletons", role: "status", "aria-label": "Reading the conversation" },
    el("div", { class: "skeleton" }),
    el("div", { class: "skeleton" }),
    el("div", { class: "skeleton" }),
  );

customElements.define("desk-bring", DeskBring);
