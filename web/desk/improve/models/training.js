// @ts-check
/** Training a model: the stages as they go by, the log, and the way to stop it. */
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { ago, dateAndTime, duration } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import * as calls from "../calls.js";
import { capital, took } from "../words.js";
import { askWhile } from "./news.js";
import { short, STAGES } from "./words.js";

/** @typedef {import("../../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Training} Training */

const LOG_MS = 1_500;
const BOTTOM_SLACK_PX = 24;

/** What a program writes to a terminal to colour its words. */
const COLOURS = /\u001B\[[\d;]*m/gu;

/** Dispatched when a training has begun, or came into another state. */
export const BEGUN = "begun";
/** Dispatched when a training that was followed has ended, with the training. */
export const ENDED = "ended";

export class DeskTraining extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {Training|null} the newest */
    this.training = null;
    this.state = el("p", { class: "training-state", role: "status", dataset: { testid: "training-state" } });
    this.clock = el("span", { class: "figures quiet" });
    this.cancelButton = el("button", {
      type: "button",
      class: "button small",
      text: "Cancel",
      dataset: { testid: "training-cancel" },
      on: { click: () => void this.cancel() },
    });
    this.bar = el("div", { class: "progress-fill" });
    this.progress = el(
      "div",
      { class: "progress", role: "progressbar", "aria-label": "Training", "aria-valuemin": 0, "aria-valuemax": 100 },
      this.bar,
    );
    this.stages = el(
      "ol",
      { class: "stages", role: "list" },
      ...STAGES.map(([stage, label]) =>
        el(
          "li",
          { class: "stage", dataset: { stage } },
          el("span", { class: "stage-mark", "aria-hidden": "true" }),
          el("span", { text: label }),
          el("span", { class: "visually-hidden stage-said" }),
        ),
      ),
    );
    this.log = el("pre", {
      class: "log",
      tabindex: "0",
      role: "region",
      "aria-label": "Log of the training",
      dataset: { testid: "training-log" },
    });
    this.logBox = el(
      "details",
      { class: "log-box", on: { toggle: () => void this.readLog() } },
      el("summary", { text: "Log" }),
      this.log,
    );
    this.fault = el("p", { class: "menu-note", role: "alert", dataset: { testid: "training-fault" } });
    this.none = el(
      "p",
      { class: "quiet training-none" },
      "Training learns every example anew, tests the result on what it has not seen, replays the test conversations and compares it with the serving model. It changes nothing for customers: a model serves when you promote it.",
    );
    this.running = el("div", { class: "training-run" }, this.progress, this.stages);
  }

  get goes() {
    return this.training?.state === "running";
  }

  begin() {
    this.replaceChildren(
      el("div", { class: "panel-head" }, el("h2", { text: "Training" }), this.clock, this.cancelButton),
      el("div", { class: "training-body" }, this.state, this.none, this.running, this.fault, this.logBox),
    );
    this.desk.hear("training", (frame) => this.heard(frame.training), /** @type {AbortSignal} */ (this.life?.signal));
    askWhile(
      this,
      () => this.goes,
      () => this.load(),
    );
    this.every(1000, () => this.tick());
    this.every(LOG_MS, () => this.goes && void this.readLog());
    this.update();
    void this.load();
  }

  async load() {
    try {
      const { trainings } = await calls.trainings();
      if (trainings[0]) this.heard(trainings[0]);
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /** @param {Training} training */
  heard(training) {
    const before = this.training;
    if (before && overtaken(training, before)) return;
    this.training = training;
    this.update();
    if (before?.id !== training.id || before.state !== training.state) this.dispatchEvent(new Event(BEGUN));
    if (before?.id === training.id && before.state === "running" && training.state !== "running") {
      void this.readLog();
      this.dispatchEvent(new CustomEvent(ENDED, { detail: training }));
    }
  }

  async start() {
    setText(this.fault, "");
    try {
      const { training } = await calls.train();
      this.heard(training);
      this.scrollIntoView({ block: "nearest" });
    } catch (error) {
      await this.load();
      // It stays: what did not begin would otherwise look like what began and is over.
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  async cancel() {
    if (!this.training) return;
    this.cancelButton.disabled = true;
    try {
      await calls.cancelTraining(this.training.id);
      await this.load();
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
    this.cancelButton.disabled = false;
  }

  toggleLog() {
    if (this.training) this.logBox.open = !this.logBox.open;
  }

  async readLog() {
    if (!this.logBox.open || !this.training) return;
    try {
      const { log } = await calls.training(this.training.id);
      const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < BOTTOM_SLACK_PX;
      setText(this.log, log.replace(COLOURS, "") || "Nothing written yet.");
      if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  update() {
    const { training } = this;
    this.none.hidden = Boolean(training);
    this.running.hidden = !this.goes;
    this.cancelButton.hidden = !this.goes;
    this.logBox.hidden = !training;
    setAttribute(this, "data-state", training?.state ?? "none");
    if (!training) return;
    fill(this.state, ...said(training));
    if (this.goes) this.draw(training);
    this.tick();
  }

  /** @param {Training} training */
  draw({ stage, progress }) {
    const percent = Math.round(Math.min(Math.max(progress, 0), 1) * 100);
    this.bar.style.inlineSize = `${percent}%`;
    setAttribute(this.progress, "aria-valuenow", percent);
    const at = STAGES.findIndex(([name]) => name === stage);
    [...this.stages.children].forEach((node, index) => {
      const state = index < at ? "done" : index === at ? "now" : "later";
      setAttribute(node, "data-state", state);
      setText(/** @type {Element} */ (node.lastElementChild), { done: " (done)", now: " (now)", later: "" }[state]);
    });
  }

  tick() {
    const { training } = this;
    if (!training) return;
    const words = this.goes
      ? duration((Date.now() - Date.parse(training.started_at)) / 1000)
      : ago(training.ended_at ?? training.started_at);
    setText(this.clock, words);
    setAttribute(this.clock, "title", dateAndTime(training.started_at));
  }
}

/** Whether news of a training is older than what is known. @param {Training} news @param {Training} known */
function overtaken(news, known) {
  if (news.id !== known.id) return news.started_at < known.started_at;
  return news.state === "running" && (known.state !== "running" || news.progress < known.progress);
}

/** @param {Training} training */
function said({ state, text, by, model, started_at: from, ended_at: to }) {
  if (state === "running")
    return [el("span", { class: "spinner" }), el("span", { text: capital(text) || `Started by ${by.name}` })];
  const seconds = to ? (Date.parse(to) - Date.parse(from)) / 1000 : 0;
  if (state === "done")
    return [
      sign("checkCircle"),
      el(
        "span",
        {},
        "Made ",
        el("span", { class: "mono", text: short(model ?? "") }),
        ` in ${took(seconds)}, started by ${by.name}.`,
      ),
    ];
  if (state === "cancelled")
    return [sign("close"), el("span", { text: `${capital(text) || "Cancelled."} Everything is as it was.` })];
  return [
    sign("alert"),
    el("span", { text: `${capital(text) || "It failed; the log tells why."} Everything is as it was.` }),
  ];
}

customElements.define("desk-training", DeskTraining);
