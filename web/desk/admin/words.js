// @ts-check
/** What administrators read for what the service sends as codes. */
import { skillLabel } from "../labels.js";

/** @typedef {import("./types.js").Role} Role */

/** The roles with what each is for, in the order of what they allow. @type {Record<Role, [string, string]>} */
export const ROLES = {
  agent: ["Agent", "Answers customers."],
  lead: ["Lead", "Answers customers, sees the board, runs the queue."],
  operator: ["Operator", "Improves the bot; no access to the desk's queue."],
  admin: ["Administrator", "Everything, with accounts, keys and the audit log."],
};

/** @param {string} role */
export const roleLabel = (role) => ROLES[/** @type {Role} */ (role)]?.[0] ?? role;

/** @type {Record<string, string>} */
const ACTS = {
  "agent.made": "made the account",
  "agent.changed": "changed the account",
  "agent.deactivated": "deactivated the account",
  "agent.activated": "activated the account",
  "invitation.made": "invited",
  "invitation.accepted": "accepted the invitation to",
  "invitation.withdrawn": "withdrew the invitation to",
  "password.changed": "changed the password of",
  "password.reset": "chose a new password for",
  "password.reset_offered": "offered a new password to",
  "session.revoked": "ended a session of",
  "settings.changed": "changed the settings of the",
  "key.made": "made the API key",
  "key.revoked": "revoked the API key",
  "changes.applied": "applied changes to",
  "training.begun": "began the",
  "training.cancelled": "cancelled the",
  "model.promotion_asked": "asked to promote the",
  "model.promoted": "promoted the",
  "model.promotion_failed": "could not promote the",
  "model.rollback_asked": "asked to roll back to the",
  "model.rolled_back": "rolled back to the",
  "model.rollback_failed": "could not roll back to the",
  "shadow.chosen": "chose to read along:",
};

/** @param {string} action */
export const actLabel = (action) => {
  const [noun, verb = ""] = action.split(".");
  return ACTS[action] ?? `${verb} ${noun}`.replaceAll("_", " ").trim();
};

/** @type {Record<string, string>} */
const FIELDS = { by: "with", capacity: "at a time", active: "may sign in" };

/** Acts whose details are pairs of what was and what is now. */
const CHANGE = /\.(changed|activated|deactivated)$/u;

/**
 * What an entry of the log tells beyond its sentence: "role: agent → lead".
 * @param {string} action
 * @param {Record<string, unknown>} detail
 * @returns {string[]}
 */
export const detailWords = (action, detail) =>
  Object.entries(detail).map(([name, value]) => {
    const label = FIELDS[name] ?? name.replaceAll("_", " ");
    const pair = CHANGE.test(action) && Array.isArray(value) && value.length === 2;
    return pair ? `${label}: ${said(value[0])} → ${said(value[1])}` : `${label}: ${said(value)}`;
  });

/** @param {unknown} value @returns {string} */
function said(value) {
  if (value === null || value === undefined || value === "") return "none";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (Array.isArray(value)) return value.length ? value.map(said).join(", ") : "none";
  if (typeof value === "object") return detailWords("", /** @type {Record<string, unknown>} */ (value)).join("; ");
  return value === "oidc" ? "the company account" : String(value);
}

/**
 * A browser by its own long description: "Firefox on Linux".
 * @param {string} device
 */
export function deviceName(device) {
  const browser = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrom(e|ium)\//, "Chrome"],
    [/Safari\//, "Safari"],
  ].find(([pattern]) => /** @type {RegExp} */ (pattern).test(device));
  const system = [
    [/iPhone|iPad/, "iOS"],
    [/Android/, "Android"],
    [/Windows/, "Windows"],
    [/Mac OS X/, "macOS"],
    [/Linux/, "Linux"],
  ].find(([pattern]) => /** @type {RegExp} */ (pattern).test(device));
  if (!browser) return device.slice(0, 40) || "Unknown device";
  return system ? `${browser[1]} on ${system[1]}` : String(browser[1]);
}

/**
 * Skills as somebody types them, with commas between: codes without repetition.
 * @param {string} typed
 */
export const skillCodes = (typed) => [
  ...new Set(
    typed
      .split(",")
      .map((skill) => skill.trim().toLowerCase().replace(/[\s-]+/gu, "_"))
      .filter(Boolean),
  ),
];

/** @param {string[]} skills */
export const skillsTyped = (skills) => skills.map(skillLabel).join(", ");
