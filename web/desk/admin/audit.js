// @ts-check
/** The log of administrative acts, and whether it is whole. */
import { el, fill, setAttribute, setText } from "../../shared/dom.js";
import { clock, dateAndTime, dayKey, dayName } from "../../shared/time.js";
import { sign } from "../icons.js";
import { Part } from "../part.js";
import * as calls from "./calls.js";
import { copyText } from "../copy.js";
import { actLabel, detailWords } from "./words.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./types.js").Entry} Entry */

export class DeskAudit extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {Entry[]} */
    this.entries = [];
    this.verdict = el("div", { class: "verdict", role: "status", hidden: true, dataset: { testid: "audit-verdict" } });
    this.list = el("div", { class: "audit-days" });
    this.older = el("button", {
      type: "button",
      class: "button",
      hidden: true,
      text: "Older entries",
      on: { click: () => void this.load() },
    });
    this.fault = el("p", { class: "menu-note", role: "alert" });
  }

  begin() {
    this.entries = [];
    this.replaceChildren(
      el("div", { class: "page-head" }, el("h1", { tabindex: "-1", text: "Audit log" })),
      el("div", { class: "page-body admin-body" }, this.verdict, this.fault, this.list, el("div", {}, this.older)),
    );
    void this.load();
    void this.check();
  }

  async load() {
    try {
      const { entries, more } = await calls.auditLog(this.entries.at(-1)?.seq ?? null);
      this.entries.push(...entries);
      this.older.hidden = !more;
      setText(this.fault, "");
      this.show();
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  async check() {
    try {
      const { entries, hash, faults } = await calls.auditCheck();
      setAttribute(this.verdict, "data-whole", String(!faults.length));
      this.verdict.hidden = false;
      if (faults.length)
        fill(this.verdict, sign("alert"), el("p", {}, el("strong", { text: "This log was tampered with. " }), faults.join(" ")));
      else
        fill(
          this.verdict,
          sign("verified"),
          el(
            "p",
            {},
            el("strong", { text: `All ${entries} entries are in place. ` }),
            "Kept elsewhere, the number and hash of the last one show whether the log was ever written anew.",
          ),
          copyButton(`${entries}:${hash}`),
        );
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  show() {
    /** @type {Map<string, Entry[]>} */
    const days = new Map();
    for (const entry of this.entries) days.set(dayKey(entry.at), [...(days.get(dayKey(entry.at)) ?? []), entry]);
    fill(
      this.list,
      ...[...days.values()].map((entries) =>
        el(
          "section",
          {},
          el("h2", { class: "admin-title", text: dayName(entries[0].at) }),
          el("ol", { class: "admin-card audit-list", role: "list" }, ...entries.map(line)),
        ),
      ),
    );
  }
}

/** What `steward audit --known` takes. @param {string} head */
function copyButton(head) {
  const button = el("button", { type: "button", class: "button small", text: "Copy", title: head });
  button.addEventListener("click", async () => {
    await copyText(head);
    setText(button, "Copied");
  });
  return button;
}

/** @param {Entry} entry */
const line = (entry) =>
  el(
    "li",
    { dataset: { testid: "audit-entry" } },
    el("time", { class: "figures quiet", datetime: entry.at, title: dateAndTime(entry.at), text: clock(entry.at) }),
    el(
      "div",
      {},
      el(
        "p",
        {},
        el("strong", { text: entry.actor.name }),
        ` ${actLabel(entry.action)} `,
        el("strong", { text: entry.subject }),
      ),
      el(
        "p",
        { class: "quiet" },
        ...detailWords(entry.action, entry.detail).map((word) => el("span", { class: "audit-detail", text: word })),
        entry.address && el("span", { class: "audit-detail", text: `from ${entry.address}` }),
      ),
    ),
    el("span", { class: "mono quiet", title: entry.hash, text: `#${entry.seq}` }),
  );

customElements.define("desk-audit", DeskAudit);
