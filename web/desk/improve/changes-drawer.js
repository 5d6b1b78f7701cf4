// @ts-check
/** The drawer with everything that is pending: who did it, what it does to the files, and the way into them. */
import { el, fill, setText } from "../../shared/dom.js";
import { ago, dateAndTime } from "../../shared/time.js";
import { sign } from "../icons.js";
import { avatar, iconButton } from "../pieces.js";
import { Part } from "../part.js";
import * as calls from "./calls.js";
import { changesOf, PENDING } from "./changes.js";
import { diffOf } from "./diff.js";
import { counted } from "./words.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./types.js").Change} Change */
/** @typedef {import("./types.js").Review} Review */
/** @typedef {{commit: string|null, files: string[]}} Applied */

/** @param {Desk} desk */
export function openChanges(desk) {
  document.body.append(new ChangesDrawer(desk));
}

class ChangesDrawer extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    this.changes = changesOf(desk);
    /** @type {Change|null} the one that was dropped last */
    this.dropped = null;
    this.busy = false;
    /** Whether the changes have gone into the files, and what follows is shown. */
    this.applied = false;
    this.heading = el("h2", { id: "changes-title", tabindex: "-1" });
    this.content = el("div", { class: "drawer-body" });
    this.message = el("input", {
      id: "changes-message",
      maxlength: 200,
      autocomplete: "off",
      placeholder: "What these changes are for",
      dataset: { testid: "changes-message" },
    });
    this.fault = el("p", { class: "menu-note", role: "alert", dataset: { testid: "changes-fault" } });
    this.applyButton = el(
      "button",
      { type: "submit", class: "button primary", dataset: { testid: "changes-apply" } },
      sign("check"),
      "Apply",
    );
    this.consequence = el("p", { class: "quiet" });
    /** Whether there are facts alone, for which no model has to be trained. */
    this.factsAlone = false;
    this.form = el(
      "form",
      { class: "drawer-end", on: { submit: (/** @type {Event} */ event) => void this.apply(event) } },
      el(
        "div",
        { class: "field" },
        el("label", { for: "changes-message", text: "In a few words (optional)" }),
        this.message,
      ),
      this.fault,
      el("div", { class: "drawer-moves" }, this.consequence, this.applyButton),
    );
    this.dialog = el(
      "dialog",
      { class: "drawer", "aria-labelledby": "changes-title", dataset: { testid: "changes-drawer" } },
      el(
        "div",
        { class: "drawer-head" },
        this.heading,
        iconButton({ label: "Close", icon: "close", run: () => this.dialog.close() }),
      ),
      this.content,
      this.form,
    );
    this.dialog.addEventListener("close", () => this.remove());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  begin() {
    this.replaceChildren(this.dialog);
    this.hear(this.changes, PENDING, () => this.update());
    this.dialog.showModal();
    this.update();
    void this.changes.load();
  }

  update() {
    const { review, fault, count, words } = this.changes;
    if (this.applied) return;
    setText(this.heading, words);
    this.form.hidden = !count || !review?.writable;
    if (review) this.tellConsequence(review);
    if (!review) {
      fill(this.content, fault ? el("p", { class: "menu-note", role: "alert", text: fault }) : waiting());
      return;
    }
    fill(
      this.content,
      fault && el("p", { class: "menu-note", role: "alert", text: fault }),
      this.undoLine(),
      count ? null : nothing(),
      count > 0 && this.list(review),
      warnings(review),
      !review.writable && readOnly(),
      review.diff.length > 0 && files(review),
      review.git && gitState(review.git),
    );
  }

  /** Says when customers notice what is pending. @param {Review} review */
  tellConsequence({ changes, labels }) {
    const facts = changes.filter(({ kind }) => kind === "set_fact").length;
    this.factsAlone = facts > 0 && facts === changes.length && !labels.examples;
    const learned = facts ? "Facts count within seconds, the rest" : "Customers notice";
    const when = this.factsAlone
      ? "Customers are told so within seconds."
      : `${learned} after retraining and promoting.`;
    setText(this.consequence, `Applying writes the files. ${when}`);
  }

  /** @param {Review} review */
  list({ changes, labels }) {
    return el(
      "ul",
      { class: "change-list", role: "list" },
      ...changes.map((change) => this.row(change)),
      labels.examples > 0 &&
        el(
          "li",
          { class: "change", dataset: { testid: "change-labels" } },
          el("span", { class: "avatar skill", "aria-hidden": "true" }, sign("queue")),
          el(
            "div",
            { class: "change-words" },
            el("p", { text: `${counted(labels.examples, "labelled message")} of the inbox become examples` }),
            el("p", { class: "quiet", text: `Of ${Object.keys(labels.topics).join(", ")}. Undo them in the inbox.` }),
          ),
        ),
    );
  }

  /** @param {Change} change */
  row(change) {
    return el(
      "li",
      { class: "change", dataset: { testid: "change", kind: change.kind } },
      avatar(change.by.name),
      el(
        "div",
        { class: "change-words" },
        el("p", { text: change.summary }),
        texts(change),
        change.problem &&
          el("p", {
            class: "change-problem",
            dataset: { testid: "change-problem" },
            text: `Cannot be applied: ${change.problem}`,
          }),
        el("p", { class: "quiet", title: dateAndTime(change.at), text: `${change.by.name}, ${ago(change.at)}` }),
      ),
      iconButton({
        label: `Drop: ${change.summary}`,
        icon: "trash",
        testid: "change-drop",
        run: () => void this.drop(change),
      }),
    );
  }

  /** What was dropped last, with the way back. */
  undoLine() {
    const { dropped } = this;
    if (!dropped) return null;
    return el(
      "p",
      { class: "change-dropped", role: "status" },
      el("span", { text: `Dropped: ${dropped.summary}` }),
      el("button", {
        type: "button",
        class: "link-button",
        text: "Undo",
        dataset: { testid: "change-restore" },
        on: { click: () => void this.restore(dropped) },
      }),
    );
  }

  /** @param {Change} change */
  async drop(change) {
    this.dropped = change;
    await this.changes.drop(change.id);
    this.heading.focus();
  }

  /** @param {Change} change */
  async restore(change) {
    this.dropped = null;
    try {
      await this.changes.propose(change.operation, { quiet: true });
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /** @param {Event} event */
  async apply(event) {
    event.preventDefault();
    if (this.busy) return;
    this.setBusy(true);
    setText(this.fault, "");
    try {
      const { factsAlone } = this;
      const applied = await this.changes.apply(this.message.value.trim());
      this.showApplied(applied, factsAlone);
    } catch (error) {
      const refused = this.desk.refusal(error);
      setText(this.fault, refused.message);
      if (refused.code === "changed") await this.changes.load();
    } finally {
      this.setBusy(false);
    }
  }

  /** @param {boolean} busy */
  setBusy(busy) {
    this.busy = busy;
    this.applyButton.disabled = busy;
    fill(
      this.applyButton,
      busy ? el("span", { class: "spinner" }) : sign("check"),
      busy ? "Writing the files" : "Apply",
    );
  }

  /** @param {Applied} applied @param {boolean} factsAlone */
  showApplied({ commit, files: written }, factsAlone) {
    this.applied = true;
    setText(this.heading, "Applied");
    this.form.hidden = true;
    const retrain = el(
      "button",
      {
        type: "button",
        class: "button primary",
        dataset: { testid: "retrain" },
        on: { click: () => void this.retrain() },
      },
      sign("spark"),
      "Retrain now",
    );
    const later = closing(factsAlone ? "Close" : "Later", () => this.dialog.close());
    fill(
      this.content,
      el(
        "div",
        { class: "applied", role: "status", dataset: { testid: "applied" } },
        el("span", { class: "empty-mark", "aria-hidden": "true" }, sign("checkCircle", "icon empty-icon")),
        el("h3", { text: `${counted(written.length, "file")} written` }),
        commit
          ? el("p", {}, "Kept as commit ", el("span", { class: "mono", text: commit.slice(0, 10) }), " in your name.")
          : el("p", { text: "The project is not in git, so there is no commit." }),
        el("p", {
          class: "quiet",
          text: factsAlone
            ? "Customers are told so within seconds; no model has to be trained for it."
            : "The bot learns them when it is retrained; the new model serves when it is promoted.",
        }),
        this.fault,
        el("div", { class: "applied-moves" }, !factsAlone && retrain, later),
      ),
    );
    (factsAlone ? later : retrain).focus();
  }

  async retrain() {
    try {
      await calls.train();
    } catch (error) {
      const refused = this.desk.refusal(error);
      if (refused.code !== "running") {
        setText(this.fault, refused.message);
        this.content.firstElementChild?.append(this.fault);
        return;
      }
      this.desk.notify({ text: refused.message, tone: "info" });
    }
    this.dialog.close();
    location.hash = "#/models";
  }
}

customElements.define("desk-changes-drawer", ChangesDrawer);

const waiting = () => el("div", { class: "skeletons", "aria-label": "Reading" }, el("div", { class: "skeleton" }));

/** @param {string} text @param {() => void} run */
const closing = (text, run) => el("button", { type: "button", class: "button", text, on: { click: run } });

/** @param {import("./types.js").Operation} operation */
function textsOf(operation) {
  if ("texts" in operation) return operation.texts;
  if (operation.kind === "create_topic") return operation.examples;
  return operation.kind === "set_fact" || operation.kind === "set_answer" ? [operation.text].filter(Boolean) : [];
}

/** The texts that a change is about, the first few of them. @param {Change} change */
function texts({ operation }) {
  const said = textsOf(operation);
  if (!said.length) return null;
  const more = said.length > 3 ? ` and ${said.length - 3} more` : "";
  const shown = said.slice(0, 3).map((text) => `“${text}”`);
  return el("p", { class: "change-texts", dir: "auto", text: shown.join(", ") + more });
}

/** @param {Review} review */
function warnings({ warnings: found }) {
  if (!found.length) return null;
  return el(
    "ul",
    { class: "warnings", role: "list", "aria-label": "Worth a look" },
    ...found.map(({ text, path, line }) =>
      el(
        "li",
        { class: "notice", dataset: { tone: "warn", testid: "warning" } },
        sign("alert"),
        el(
          "div",
          {},
          el("p", { text }),
          path && el("p", { class: "mono", text: line ? `${path}, line ${line}` : path }),
        ),
      ),
    ),
  );
}

/** @param {Review} review */
const files = ({ diff }) =>
  el(
    "section",
    { class: "diffs", "aria-labelledby": "diffs-title" },
    el("h3", { class: "field-label", id: "diffs-title", text: `What it does to ${counted(diff.length, "file")}` }),
    ...diff.map(diffOf),
  );

/** @param {{branch: string|null, dirty: string[]}} git */
function gitState({ branch, dirty }) {
  const others = dirty.length
    ? `${counted(dirty.length, "other file")} with changes of somebody's own stay as they are: ${dirty.slice(0, 4).join(", ")}${dirty.length > 4 ? "…" : ""}`
    : "Nothing else is changed there.";
  return el(
    "p",
    { class: "git-state quiet", dataset: { testid: "git-state" } },
    sign("diff"),
    el(
      "span",
      {},
      "Becomes one commit on ",
      branch ? el("span", { class: "mono", text: branch }) : "no branch",
      `. ${others}`,
    ),
  );
}

const readOnly = () =>
  el(
    "p",
    { class: "notice", dataset: { tone: "warn" } },
    sign("alert"),
    el("span", { text: "This desk may not write the project's files. Make the changes where the project is kept." }),
  );

const nothing = () =>
  el(
    "div",
    { class: "empty", dataset: { testid: "changes-none" } },
    el("span", { class: "empty-mark", "aria-hidden": "true" }, sign("diff", "icon empty-icon")),
    el("h3", { text: "Nothing to review" }),
    el("p", {
      text: "Add an example, change an answer or label a message: each edit waits here until you have seen what it does to the files.",
    }),
  );
