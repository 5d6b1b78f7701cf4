// @ts-check
/** Accounts and open invitations. */
import { el, fill, setText } from "../../shared/dom.js";
import { ago, dateAndTime, dayName } from "../../shared/time.js";
import { sign } from "../icons.js";
import { skillLabel } from "../labels.js";
import { Part } from "../part.js";
import { avatar, iconButton } from "../pieces.js";
import { row, rowButton } from "../row.js";
import { editAccount } from "./account-sheet.js";
import * as calls from "./calls.js";
import { inviteSomebody } from "./invite-sheet.js";
import { roleLabel } from "./words.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("./types.js").Account} Account */
/** @typedef {import("./types.js").Invitation} Invitation */

export class DeskTeamPage extends Part {
  /** @param {Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
    /** @type {string[]} the skills in use */
    this.skills = [];
    this.accounts = el("div", { class: "admin-card admin-scroll" });
    this.invitations = el("section", { "aria-labelledby": "invitations-title", hidden: true });
    this.fault = el("p", { class: "menu-note", role: "alert" });
  }

  begin() {
    this.replaceChildren(
      el(
        "div",
        { class: "page-head" },
        el("h1", { tabindex: "-1", text: "Team" }),
        el(
          "button",
          {
            type: "button",
            class: "button primary",
            dataset: { testid: "invite" },
            on: { click: () => inviteSomebody(this) },
          },
          sign("plus"),
          "Invite somebody",
        ),
      ),
      el("div", { class: "page-body admin-body" }, this.fault, this.invitations, this.accounts),
    );
    void this.load();
  }

  async load() {
    try {
      const { agents, invitations, skills } = await calls.accounts();
      this.skills = skills;
      setText(this.fault, "");
      this.showInvitations(invitations);
      this.showAccounts(agents);
    } catch (error) {
      setText(this.fault, this.desk.refusal(error).message);
    }
  }

  /** @param {Account[]} accounts */
  showAccounts(accounts) {
    const sorted = [...accounts].sort((a, b) => Number(b.active) - Number(a.active));
    fill(
      this.accounts,
      el(
        "table",
        { class: "table" },
        el("caption", { class: "visually-hidden", text: "Accounts" }),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ...["Name", "Role", "Skills", "At a time", "Last here"].map((text) => el("th", { scope: "col", text })),
            el("th", { scope: "col" }, el("span", { class: "visually-hidden", text: "Change" })),
          ),
        ),
        el("tbody", {}, ...sorted.map((account) => this.row(account))),
      ),
    );
  }

  /** @param {Account} account */
  row(account) {
    return el(
      "tr",
      { dataset: { testid: "account", active: String(account.active), id: account.id } },
      el(
        "th",
        { scope: "row" },
        el(
          "div",
          { class: "admin-person" },
          avatar(account.name),
          el(
            "div",
            {},
            el("span", { class: "admin-name", text: account.name }),
            el("span", { class: "quiet", text: account.kind === "desk" ? "API key" : account.email }),
          ),
        ),
      ),
      el(
        "td",
        {},
        account.active ? roleLabel(account.role) : el("span", { class: "tag", text: "Inactive" }),
      ),
      el("td", {}, el("span", { class: "tags" }, ...account.skills.map((skill) => el("span", { class: "tag", text: skillLabel(skill) })))),
      el("td", { class: "figures", text: account.capacity === null ? "–" : String(account.capacity) }),
      el("td", { title: account.seen_at ? dateAndTime(account.seen_at) : undefined, text: account.seen_at ? ago(account.seen_at) : "–" }),
      el("td", { class: "admin-acts" }, iconButton({ label: `Change ${account.name}`, icon: "pen", run: () => editAccount(this, account) })),
    );
  }

  /** @param {Invitation[]} invitations */
  showInvitations(invitations) {
    this.invitations.hidden = !invitations.length;
    fill(
      this.invitations,
      el("h2", { class: "admin-title", id: "invitations-title", text: "Waiting to be accepted" }),
      el(
        "ul",
        { class: "admin-list admin-card", role: "list" },
        ...invitations.map((invitation) => this.invitation(invitation)),
      ),
    );
  }

  /** @param {Invitation} invitation */
  invitation(invitation) {
    const until = `until ${dayName(invitation.expires_at)}`;
    const tag = invitation.reset ? "New password" : roleLabel(invitation.role);
    return row(
      { testid: "invitation" },
      [el("strong", { text: invitation.name }), el("span", { class: "tag", text: tag })],
      [el("p", { class: "quiet", text: `${invitation.email} · by ${invitation.invited_by} · ${until}` })],
      rowButton("Withdraw", `Withdraw the invitation to ${invitation.name}`, () => this.withdraw(invitation)),
    );
  }

  /** @param {Invitation} invitation */
  async withdraw(invitation) {
    try {
      await calls.withdraw(invitation.id);
    } catch (error) {
      this.desk.notify({ text: this.desk.refusal(error).message, tone: "bad" });
    }
    await this.load();
  }
}

customElements.define("desk-team-page", DeskTeamPage);
