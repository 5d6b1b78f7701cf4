// @ts-check
/** Changing somebody's account: role, skills, whether they may sign in, and where they are signed in. */
import { el, fill } from "../../shared/dom.js";
import { field, Sheet, showLink } from "../sheet.js";
import * as calls from "./calls.js";
import { skillHint } from "./invite-sheet.js";
import { roleChoice, roleOf } from "./role-choice.js";
import { sessionList } from "./session-list.js";
import { skillCodes, skillsTyped } from "./words.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {import("./team.js").DeskTeamPage} DeskTeamPage */

/**
 * @param {DeskTeamPage} page
 * @param {Account} account
 */
export function editAccount(page, account) {
  const sheet = new Sheet(`Change ${account.name}`, page);
  const name = el("input", { id: "account-name", required: true, maxlength: 200, value: account.name });
  const skills = el("input", { id: "account-skills", value: skillsTyped(account.skills) });
  const capacity = el("input", {
    id: "account-capacity",
    type: "number",
    min: 0,
    max: 50,
    value: account.capacity === null ? "" : String(account.capacity),
  });
  const active = el("input", { type: "checkbox", role: "switch", class: "switch", checked: account.active });
  const role = roleChoice(account.role);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await calls.changeAccount(account.id, {
        name: name.value,
        ...(account.kind === "person" && { role: roleOf(role) }),
        skills: skillCodes(skills.value),
        capacity: capacity.value === "" ? null : Number(capacity.value),
        active: active.checked,
      });
      sheet.close();
      await page.load();
    } catch (error) {
      sheet.refuse(page.desk.refusal(error).message);
    }
  };
  sheet.open(
    el(
      "form",
      { class: "admin-form", on: { submit: (/** @type {Event} */ event) => void submit(event) } },
      field("Name", name),
      account.kind === "person" && role,
      field("Skills", skills, skillHint(page.skills)),
      field("Conversations at a time", capacity, "Empty follows the settings of the queue."),
      el(
        "label",
        { class: "menu-row" },
        el(
          "span",
          {},
          "May sign in",
          el("span", { class: "quiet admin-under", text: "Switched off, every session ends and their customers wait again." }),
        ),
        active,
      ),
      sheet.error,
      el(
        "div",
        { class: "sheet-end" },
        account.kind === "person" && account.active && resetButton(page, account, sheet),
        el("button", { type: "submit", class: "button primary", dataset: { testid: "account-save" }, text: "Save" }),
      ),
    ),
    account.kind === "person" && openSessions(page, account, sheet),
  );
  name.focus();
}

/**
 * @param {DeskTeamPage} page
 * @param {Account} account
 * @param {Sheet} sheet
 */
function resetButton(page, account, sheet) {
  const offer = async () => {
    try {
      const { link } = await calls.resetPassword(account.id);
      sheet.close();
      await page.load();
      const more = `With this ${account.name} chooses a new password, within a day. The old one holds until then.`;
      if (link) showLink(page, { title: "A new password", link, more });
    } catch (error) {
      sheet.refuse(page.desk.refusal(error).message);
    }
  };
  return el("button", {
    type: "button",
    class: "button",
    text: "Link for a new password",
    on: { click: () => void offer() },
  });
}

/**
 * @param {DeskTeamPage} page
 * @param {Account} account
 * @param {Sheet} sheet
 */
function openSessions(page, account, sheet) {
  const place = el("div", {});
  const load = async () => {
    try {
      const { sessions } = await calls.sessions(account.id);
      fill(place, sessionList(sessions, (session) => void end(session.id)));
    } catch (error) {
      sheet.refuse(page.desk.refusal(error).message);
    }
  };
  const end = async (/** @type {string} */ id) => {
    try {
      await calls.endSession(id);
    } catch (error) {
      sheet.refuse(page.desk.refusal(error).message);
    }
    await load();
  };
  void load();
  return el(
    "section",
    { class: "admin-sessions", "aria-labelledby": "account-sessions" },
    el("h3", { class: "field-label", id: "account-sessions", text: "Signed in" }),
    place,
  );
}
