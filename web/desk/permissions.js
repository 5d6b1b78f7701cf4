// @ts-check
/** What each role may do on the page. The service decides; this only keeps doors that are locked out of sight. */

/** @type {Record<string, string[]>} */
const ROLES = {
  agent: ["answer"],
  lead: ["answer", "lead"],
  operator: ["improve"],
  admin: ["answer", "lead", "improve", "administer"],
};

/**
 * @param {import("./types.js").Agent} agent
 * @param {string|null} permission null is everybody's
 */
export const may = (agent, permission) =>
  !permission || (agent.permissions ?? ROLES[agent.role] ?? []).includes(permission);
