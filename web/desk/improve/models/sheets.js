// @ts-check
/** Promoting a model and rolling back: what will happen, said before it does. */
import { el } from "../../../shared/dom.js";
import { Sheet } from "../../sheet.js";
import { sign } from "../../icons.js";
import * as calls from "../calls.js";
import { ask, Field } from "../../form.js";
import { short } from "./words.js";

/** @typedef {import("../types.js").Model} Model */
/** @typedef {import("../types.js").Reason} Reason */
/** @typedef {import("./page.js").DeskModels} DeskModels */

const SHORTEST_REASON = 8;

/** @param {DeskModels} page @param {Model} model */
export function promoteModel(page, model) {
  const { desk } = page;
  const held = model.gate?.passed ? [] : (model.gate?.reasons ?? [notJudged]);
  const locked = held.filter(({ overridable_by: by }) => !desk.may(by));
  if (locked.length) return explain(page, model, held);
  const reason = reasonField(held.length ? "Why it is promoted all the same" : "Reason (optional)", held.length > 0);
  const sheet = ask(
    page,
    {
      title: held.length ? "Promote it all the same?" : "Promote this model?",
      verb: held.length ? "Promote anyway" : "Promote",
      tone: held.length ? "danger" : "primary",
      wide: true,
      fields: { reason },
      check: () =>
        reason.refuse(
          held.length && reason.value.length < SHORTEST_REASON ? "Say why, so that others can judge it later." : "",
        ),
      run: async () => page.promoted((await calls.promote(model.id, reason.value)).promotion),
    },
    steps(model.id, page.models?.serving ?? null),
    held.length > 0 && reasons(held),
    reason.element,
  );
  sheet.dialog.dataset.testid = "promote-dialog";
  focusFirst(sheet, held.length > 0);
}

/** @param {DeskModels} page @param {string} previous */
export function rollBack(page, previous) {
  const reason = reasonField("Reason (optional)", false);
  const sheet = ask(
    page,
    {
      title: "Roll back?",
      verb: "Roll back",
      wide: true,
      fields: { reason },
      run: async () => page.promoted((await calls.rollBack(reason.value)).promotion),
    },
    steps(previous, page.models?.serving ?? null),
    reason.element,
  );
  sheet.dialog.dataset.testid = "rollback-dialog";
  focusFirst(sheet, false);
}

/** Where the keys begin: at the reason where one is needed, else at the button that does it. @param {Sheet} sheet @param {boolean} reason */
function focusFirst(sheet, reason) {
  const first = reason ? sheet.dialog.querySelector("textarea") : sheet.dialog.querySelector("[type=submit]");
  /** @type {HTMLElement|null} */ (first)?.focus();
}

/** @type {Reason} */
const notJudged = {
  code: "not_judged",
  text: "It was never judged: nobody knows how it does in the test conversations.",
  overridable_by: "improve",
};

/** @param {string} label @param {boolean} needed */
const reasonField = (label, needed) =>
  new Field(
    label,
    el("textarea", { id: "promote-reason", rows: 2, maxlength: 500, dataset: { testid: "promote-reason" } }),
    needed ? "It is kept in the audit log with your name." : "",
  );

/** What will happen. @param {string} next @param {string|null} serving */
const steps = (next, serving) =>
  el(
    "div",
    { class: "promote-words" },
    el(
      "p",
      {},
      el("span", { class: "mono strong", text: short(next) }),
      serving ? " takes over from " : " answers customers from then on.",
      serving && el("span", { class: "mono", text: short(serving) }),
      serving && ".",
    ),
    el(
      "ol",
      { class: "promote-steps" },
      el("li", { text: "It starts beside the serving model and is warmed up. Customers notice nothing." }),
      el("li", { text: "It is asked questions whose answers are known. If one goes wrong, nothing changes." }),
      el("li", { text: "New messages go to it. The old model finishes what it has begun, then stops." }),
    ),
    el("p", { class: "quiet", text: "No message is lost or answered twice. You can roll back in one click." }),
  );

/** @param {Reason[]} held */
export const reasons = (held) =>
  el(
    "ul",
    { class: "reasons", role: "list", dataset: { testid: "gate-reasons" } },
    ...held.map(({ text, overridable_by: by }) =>
      el(
        "li",
        { class: "notice", dataset: { tone: "bad" } },
        sign("alert"),
        el(
          "div",
          {},
          el("p", { text }),
          by === "administer" &&
            el("p", { class: "reason-by", text: "A safety check: only an administrator may override it." }),
        ),
      ),
    ),
  );

/** @param {DeskModels} page @param {Model} model @param {Reason[]} held */
function explain(page, model, held) {
  const sheet = new Sheet("This model is held back", page);
  sheet.dialog.classList.add("wide-sheet");
  sheet.dialog.dataset.testid = "promote-dialog";
  sheet.open(
    el("p", {}, "Model ", el("span", { class: "mono", text: short(model.id) }), " cannot be promoted by you."),
    reasons(held),
    el("p", {
      class: "quiet",
      text: "Correct the examples that teach it wrong, retrain, and it may pass. The report shows which they are.",
    }),
    el(
      "div",
      { class: "sheet-end" },
      model.report &&
        el("a", {
          class: "button",
          href: calls.reportAddress(model.id),
          target: "_blank",
          rel: "noopener",
          text: "Open the report",
        }),
      el("button", { type: "button", class: "button primary", text: "Close", on: { click: () => sheet.close() } }),
    ),
  );
}
