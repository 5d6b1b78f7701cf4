// @ts-check
/** Inviting somebody. */
import { el } from "../../shared/dom.js";
import * as calls from "./calls.js";
import { roleChoice, roleOf } from "./role-choice.js";
import { field, Sheet, showLink } from "./sheet.js";
import { skillCodes } from "./words.js";

/** @param {import("./team.js").DeskTeamPage} page */
export function inviteSomebody(page) {
  const sheet = new Sheet("Invite somebody", page);
  const name = el("input", { id: "invite-name", required: true, maxlength: 200, autocomplete: "off" });
  const email = el("input", { id: "invite-email", type: "email", required: true, maxlength: 320, autocomplete: "off" });
  const skills = el("input", { id: "invite-skills", autocomplete: "off" });
  const role = roleChoice("agent");
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const whom = { name: name.value, email: email.value, role: roleOf(role), skills: skillCodes(skills.value) };
    try {
      const { link, mailed, invitation } = await calls.invite(whom);
      sheet.close();
      await page.load();
      if (link) tell(page, invitation, link);
      else if (mailed) page.desk.notify({ text: `The invitation is on its way to ${invitation.email}.` });
    } catch (error) {
      sheet.refuse(page.desk.refusal(error).message);
    }
  };
  sheet.open(
    el(
      "form",
      { class: "admin-form", on: { submit: (/** @type {Event} */ event) => void submit(event) } },
      field("Name", name),
      field("E-mail address", email),
      role,
      field("Skills", skills, skillHint(page.skills)),
      sheet.error,
      el(
        "div",
        { class: "sheet-end" },
        el("button", { type: "submit", class: "button primary", dataset: { testid: "invite-send" }, text: "Invite" }),
      ),
    ),
  );
  name.focus();
}

/** @param {string[]} known */
export const skillHint = (known) =>
  known.length ? `With commas between. In use: ${known.join(", ").replaceAll("_", " ")}` : "With commas between.";

/**
 * @param {HTMLElement} page
 * @param {import("./types.js").Invitation} invitation
 * @param {string} link
 */
function tell(page, invitation, link) {
  const more = `Send this to ${invitation.name}. Whoever opens it chooses the password.`;
  showLink(page, { title: "The invitation", link, more });
}
