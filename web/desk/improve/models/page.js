// @ts-check
/** The models: the one that serves, a training, a promotion, those that are kept, and shadow mode. */
import { el, fill, setText } from "../../../shared/dom.js";
import { ago, dateAndTime } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import * as calls from "../calls.js";
import { ChangesButton } from "../changes-button.js";
import { changesOf, PENDING } from "../changes.js";
import { pageKeys } from "../keys.js";
import { counted } from "../words.js";
import { figureList, modelCard } from "./card.js";
import { askWhile } from "./news.js";
import { DeskPromotion, MOVED } from "./promotion.js";
import { DeskShadow } from "./shadow.js";
import { rollBack } from "./sheets.js";
import { BEGUN, DeskTraining, ENDED } from "./training.js";
import { short, verdict } from "./words.js";

/** @typedef {import("../types.js").Model} Model */
/** @typedef {import("../types.js").Models} Models */
/** @typedef {import("../types.js").Promotion} Promotion */
/** @typedef {import("../types.js").Training} Training */

/** @type {import("../keys.js").KeyGroup[]} */
const KEYS = [
  [
    "Models",
    [
      [["T"], "Train a model"],
      [["L"], "Show or hide the log"],
    ],
  ],
];

export class DeskModels extends Part {
  /** @param {import("../../state/desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.changes = changesOf(desk);
    /** @type {Models|null} */
    this.models = null;
    /** The numbers of the newest question about models, and of the newest that was answered. */
    this.asked = 0;
    this.told = 0;
    this.training = new DeskTraining(desk);
    this.promotion = new DeskPromotion(desk, () => this.load());
    this.shadow = new DeskShadow(this);
    this.fault = el("p", { class: "menu-note", role: "alert" });
    this.hints = el("div", { class: "model-hints" });
    this.serving = el(
      "section",
      { class: "panel serving", "aria-labelledby": "serving-title" },
      el("div", { class: "panel-head" }, el("h2", { id: "serving-title", text: "Answers customers now" })),
      el("div", { class: "serving-body" }, el("div", { class: "skeleton" })),
    );
    this.list = el("ul", { class: "model-list", role: "list" }, el("li", { class: "skeleton" }));
    this.trainButton = el(
      "button",
      {
        type: "button",
        class: "button primary",
        dataset: { testid: "train" },
        on: { click: () => void this.train() },
      },
      sign("spark"),
      "Train a model",
    );
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "page-head improve-head" },
        el("h1", { tabindex: "-1", text: "Models" }),
        new ChangesButton(this.desk),
        this.trainButton,
      ),
      el(
        "div",
        { class: "page-body improve-body models" },
        this.fault,
        this.promotion,
        this.hints,
        el("div", { class: "models-top" }, this.serving, el("div", { class: "panel" }, this.training)),
        el(
          "section",
          { "aria-labelledby": "models-title" },
          el("h2", { class: "admin-title", id: "models-title", text: "Models kept" }),
          this.list,
        ),
        el("section", { class: "panel" }, this.shadow),
      ),
    );
    pageKeys(this, "models", KEYS, {
      t: () => void (!this.training.goes && this.train()),
      l: () => void this.training.toggleLog(),
    });
    this.hear(this.training, BEGUN, () => this.drawHints());
    this.hear(this.training, ENDED, (event) => void this.trained(event.detail));
    this.hear(this.promotion, MOVED, (event) => void this.moved(event.detail));
    this.hear(this.changes, PENDING, () => this.drawHints());
    askWhile(
      this,
      () => Boolean(this.models?.facts.count),
      () => this.load(),
    );
    void this.load();
  }

  async load() {
    const asked = (this.asked += 1);
    try {
      const models = await calls.models();
      if (asked < this.told) return;
      this.told = asked;
      this.models = models;
      setText(this.fault, "");
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
      return;
    }
    if (this.models.promotion || !this.promotion.goes) this.promotion.heard(this.models.promotion);
    this.update();
  }

  async train() {
    this.trainButton.disabled = true;
    await this.training.start();
    this.trainButton.disabled = false;
  }

  /** @param {Training} training */
  async trained({ state, model, text }) {
    await this.load();
    const made = this.models?.models.find(({ id }) => id === model);
    if (state === "done" && made)
      this.desk.notify({ text: `${short(made.id)} is trained: ${verdict(made).label.toLowerCase()}.` });
    else if (state === "failed") this.desk.notify({ text: `The training failed. ${text}`, tone: "bad" });
  }

  /** A promotion has been asked for. @param {Promotion} promotion */
  promoted(promotion) {
    this.promotion.heard(promotion);
    this.promotion.scrollIntoView({ block: "nearest" });
    this.update();
  }

  /** @param {Promotion} promotion */
  async moved({ state, model }) {
    await this.load();
    if (state === "done") this.desk.notify({ text: `${short(model)} answers customers now.` });
    void this.shadow.load();
  }

  /** @param {string|null} model */
  async setShadow(model) {
    try {
      await calls.setShadow(model);
      await Promise.all([this.load(), this.shadow.load()]);
      this.desk.notify({ text: model ? `${short(model)} reads along now.` : "No model reads along any more." });
    } catch (error) {
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
    }
  }

  update() {
    const { models } = this;
    if (!models) return;
    this.drawHints();
    const serving = models.models.find((model) => model.serving);
    fill(this.serving, ...(serving ? this.servingCard(serving, models) : [unserved()]));
    fill(this.list, ...models.models.map((model) => modelCard(this, model)), !models.models.length && noModels());
  }

  /** What should be done next, where something should. */
  drawHints() {
    const { models } = this;
    if (!models) return;
    const behind = models.models.length > 0 && !models.models.some((model) => model.fits_data);
    fill(
      this.hints,
      models.facts.count > 0 && faultyFacts(models.facts),
      !models.managed &&
        hint(
          "This desk does not run the bot itself (BOT_URL is set), so models are promoted where the bot runs.",
          "warn",
        ),
      this.changes.count > 0 &&
        hint(`${this.changes.words}. A training learns them only once they are applied.`, "neutral"),
      behind &&
        !this.training.goes &&
        hint("The files have changed since the last training: no model knows the newest data. Train one.", "neutral"),
    );
  }

  /** @param {Model} model @param {Models} models */
  servingCard(model, { previous, managed }) {
    const since = model.promotions.at(-1);
    return [
      el(
        "div",
        { class: "panel-head" },
        el("h2", { id: "serving-title", text: "Answers customers now" }),
        previous &&
          managed &&
          el(
            "button",
            {
              type: "button",
              class: "button small",
              disabled: this.promotion.goes,
              dataset: { testid: "rollback" },
              on: { click: () => rollBack(this, previous) },
            },
            sign("undo"),
            "Roll back to ",
            el("span", { class: "mono", text: previous.slice(0, 7) }),
          ),
      ),
      el(
        "div",
        { class: "serving-body" },
        el(
          "p",
          {},
          el("span", { class: "mono model-id", dataset: { testid: "serving-id" }, text: short(model.id) }),
          since &&
            el("span", {
              class: "quiet",
              title: dateAndTime(since.at),
              text: `  since ${dateAndTime(since.at)}, by ${since.by}`,
            }),
        ),
        model.figures
          ? figureList(model.figures)
          : el("p", { class: "quiet", text: `Trained ${ago(model.trained_at)}, never judged.` }),
      ),
    ];
  }
}

/** @param {string} text @param {string} tone */
const hint = (text, tone) => el("p", { class: "notice", dataset: { tone } }, sign("info"), el("span", { text }));

/** @param {Models["facts"]} facts */
const faultyFacts = ({ since, faults, count }) =>
  el(
    "div",
    { class: "notice", role: "alert", dataset: { tone: "bad", testid: "faulty-facts" } },
    sign("info"),
    el(
      "div",
      {},
      el("p", {
        text: `The catalogue's files have ${counted(count, "fault")}. Customers get the facts as they were on ${dateAndTime(since)}.`,
      }),
      el("ul", { class: "faults" }, ...faults.map((fault) => el("li", { text: fault }))),
      count > faults.length && el("p", { class: "quiet", text: `and ${count - faults.length} more` }),
    ),
  );

const unserved = () =>
  el("div", { class: "panel-head" }, el("h2", { id: "serving-title", text: "No model answers customers" }));

const noModels = () =>
  el(
    "li",
    { class: "panel empty-panel" },
    el("p", {
      class: "quiet",
      text: "None yet. The first training makes one; the newest eight are kept with their reports.",
    }),
  );

customElements.define("desk-models", DeskModels);
