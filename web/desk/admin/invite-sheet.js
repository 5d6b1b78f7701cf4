// @ts-check
/** Inviting somebody. */
import { el } from "../../shared/dom.js";
import { ask } from "../form.js";
import { field, showLink } from "../sheet.js";
import * as calls from "./calls.js";
import { roleChoice, roleOf } from "./role-choice.js";
import { skillCodes } from "./words.js";

/** @param {import("./team.js").DeskTeamPage} page */
export function inviteSomebody(page) {
  const name = el("input", { id: "invite-name", required: true, maxlength: 200, autocomplete: "off" });
  const email = el("input", { id: "invite-email", type: "email", required: true, maxlength: 320, autocomplete: "off" });
  const skills = el("input", { id: "invite-skills", autocomplete: "off" });
  const role = roleChoice("agent");
  const run = async () => {
    const whom = { name: name.value, email: email.value, role: roleOf(role), skills: skillCodes(skills.value) };
    const { link, mailed, invitation } = await calls.invite(whom);
    sheet.close();
    await page.load();
    if (link) tell(page, invitation, link);
    else if (mailed) page.desk.notify({ text: `The invitation is on its way to ${invitation.email}.` });
  };
  const sheet = ask(
    page,
    { title: "Invite somebody", verb: "Invite", testid: "invite-send", run },
    field("Name", name),
    field("E-mail address", email),
    role,
    field("Skills", skills, skillHint(page.skills)),
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
