// @ts-check
/** A model in the list: how good it is, what the gate said, and what can be done with it. */
import { el } from "../../../shared/dom.js";
import { ago, dateAndTime } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { reportAddress } from "../calls.js";
import { counted, megabytes, took } from "../words.js";
import { promoteModel, reasons } from "./sheets.js";
import { difference, inHundred, PROMOTED, range, short, verdict } from "./words.js";

/** @typedef {import("../types.js").Figures} Figures */
/** @typedef {import("../types.js").Model} Model */
/** @typedef {import("./page.js").DeskModels} DeskModels */

/** @param {DeskModels} page @param {Model} model */
export function modelCard(page, model) {
  const serving = page.models?.models.find((other) => other.serving)?.figures ?? undefined;
  const { gate, figures } = model;
  return el(
    "li",
    { class: "panel model", dataset: { testid: "model", id: model.id, serving: String(model.serving) } },
    el(
      "div",
      { class: "model-head" },
      el("div", { class: "model-names" }, names(page, model), trained(model)),
      acts(page, model),
    ),
    // Those of the model that serves stand above the list, larger.
    figures && !model.serving && figureList(figures, serving),
    el(
      "div",
      { class: "model-foot" },
      verdictPill(model),
      ...model.promotions.slice(-2).map((promoted) =>
        el("span", {
          class: "quiet",
          title: dateAndTime(promoted.at),
          text: `${PROMOTED[promoted.kind]} ${ago(promoted.at)} by ${promoted.by}${promoted.reason ? `: ${promoted.reason}` : ""}`,
        }),
      ),
    ),
    gate && !gate.passed && reasons(gate.reasons),
  );
}

/** @param {DeskModels} page @param {Model} model */
const names = (page, model) =>
  el(
    "h3",
    {},
    el("span", { class: "mono model-id", text: short(model.id) }),
    model.serving && el("span", { class: "tag strong", text: "Serves" }),
    model.id === page.models?.previous && el("span", { class: "tag", text: "The one before" }),
    model.shadow && el("span", { class: "tag", text: "Shadow" }),
    model.fits_data && el("span", { class: "tag", text: "Knows the newest data" }),
  );

/** @param {Model} model */
const trained = ({ trained_at: at, by, seconds, size, data_commit: commit }) =>
  el(
    "p",
    { class: "quiet" },
    el("span", { title: dateAndTime(at), text: `Trained ${ago(at)} by ${by}` }),
    ` in ${took(seconds)} · ${megabytes(size)}`,
    commit && " · data ",
    commit && el("span", { class: "mono", text: commit.slice(0, 7) }),
  );

/** @param {DeskModels} page @param {Model} model */
function acts(page, model) {
  const { managed } = page.models ?? { managed: false };
  return el(
    "div",
    { class: "model-acts" },
    model.report &&
      el(
        "a",
        {
          class: "button small",
          href: reportAddress(model.id),
          target: "_blank",
          rel: "noopener",
          "aria-label": `Report of ${short(model.id)}`,
          dataset: { testid: "model-report" },
        },
        sign("file"),
        "Report",
      ),
    !model.serving &&
      managed &&
      el(
        "button",
        {
          type: "button",
          class: "button small",
          "aria-label": model.shadow ? `End the shadow of ${short(model.id)}` : `Let ${short(model.id)} read along`,
          dataset: { testid: "model-shadow" },
          on: { click: () => void page.setShadow(model.shadow ? null : model.id) },
        },
        sign("shadow"),
        model.shadow ? "End shadow" : "Shadow",
      ),
    !model.serving &&
      managed &&
      el(
        "button",
        {
          type: "button",
          class: model.gate?.passed ? "button small primary" : "button small",
          "aria-label": `Promote ${short(model.id)}`,
          disabled: page.promotion.goes,
          dataset: { testid: "model-promote" },
          on: { click: () => promoteModel(page, model) },
        },
        "Promote",
      ),
  );
}

/** @param {Figures} figures @param {Figures} [serving] those to compare with */
export const figureList = (figures, serving) =>
  el(
    "dl",
    { class: "figures-row" },
    figure(
      "Understood rightly",
      inHundred(figures.accuracy),
      `${range(figures)} in truth, by ${counted(figures.examples, "example")} it had not seen`,
      difference(figures.accuracy, serving?.accuracy),
    ),
    figure(
      "Answered by itself",
      inHundred(figures.coverage),
      `sure enough from ${figures.threshold.toFixed(2)} on; else it asks back`,
      difference(figures.coverage, serving?.coverage),
    ),
    figure("Knows", counted(figures.topics, "topic"), counted(figures.examples, "example"), null),
  );

/**
 * @param {string} label
 * @param {string} value
 * @param {string} more
 * @param {{text: string, tone: string}|null} change
 */
const figure = (label, value, more, change) =>
  el(
    "div",
    { class: "figure" },
    el("dt", { text: label }),
    el(
      "dd",
      { class: "figure-value figures" },
      value,
      change &&
        el(
          "span",
          { class: "figure-change", dataset: { tone: change.tone } },
          change.text,
          el("span", { class: "visually-hidden", text: " points against the serving model" }),
        ),
    ),
    el("dd", { class: "quiet", text: more }),
  );

/** @param {Model} model */
function verdictPill(model) {
  const { label, icon, tone } = verdict(model);
  return el(
    "span",
    { class: "pill", dataset: { tone, testid: "gate", passed: String(model.gate?.passed ?? "") } },
    sign(icon),
    label,
  );
}
