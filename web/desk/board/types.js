// @ts-check
/**
 * What the board is made from; durations are seconds.
 *
 * @typedef {import("../types.js").Card} Card
 * @typedef {import("../types.js").Colleague & {handled_today: number, resolved_today: number,
 *   first_response_median: number|null, state_since: string|null}} BoardAgent
 * @typedef {{skill: string|null, waiting: number, longest_wait: number, broken: number, warned: number}} SkillQueue
 * @typedef {{skill: string|null, handoffs: number, answered: number, wait_median: number|null,
 *   wait_p90: number|null, first_response_median: number|null}} SkillDay
 * @typedef {{at: string, handoffs: number, accepted: number, wait_median: number|null}} Hour
 * @typedef {{first_response_seconds: number, warn_seconds: number}} Target
 *
 * @typedef {object} Today
 * @property {number} handoffs
 * @property {number} accepted
 * @property {number} answered
 * @property {number} resolved
 * @property {number} deferred
 * @property {number|null} wait_median
 * @property {number|null} wait_p90
 * @property {number|null} first_response_median
 * @property {number|null} within_target
 * @property {number|null} csat
 * @property {number} rated
 * @property {SkillDay[]} by_skill
 * @property {Hour[]} hours
 *
 * @typedef {object} Board
 * @property {string} now
 * @property {Target} target
 * @property {BoardAgent[]} agents
 * @property {{waiting: number, longest_wait: number, broken: number, warned: number, by_skill: SkillQueue[],
 *   timers: Card[]}} queue
 * @property {Today} today
 */
export {};
