// @ts-check
/**
 * @typedef {"agent"|"lead"|"operator"|"admin"} Role
 *
 * @typedef {object} Account
 * @property {string} id
 * @property {string} name
 * @property {string} email
 * @property {Role} role
 * @property {string[]} skills
 * @property {number|null} capacity null follows the settings
 * @property {boolean} active
 * @property {"person"|"desk"} kind
 * @property {string} created_at
 * @property {string|null} seen_at
 * @property {number} sessions
 * @property {("password"|"oidc")[]} signs_in_with
 *
 * @typedef {object} Invitation
 * @property {string} id
 * @property {string} email
 * @property {string} name
 * @property {Role} role
 * @property {string[]} skills
 * @property {boolean} reset
 * @property {string} invited_by
 * @property {string} created_at
 * @property {string} expires_at
 *
 * @typedef {{email: string, name: string, role: Role, reset: boolean, invited_by: string, expires_at: string,
 *   shortest: number}} Welcome
 * @typedef {{id: string, method: string, address: string, device: string, created_at: string, seen_at: string,
 *   expires_at: string, current: boolean}} Session
 * @typedef {{seq: number, at: string, actor: {id: string, name: string}, action: string, subject: string,
 *   detail: Record<string, unknown>, address: string, hash: string}} Entry
 */
export {};
