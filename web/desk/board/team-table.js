// @ts-check
/** The team on the board: how each is, how much each has, and the day so far. */
import { el } from "../../shared/dom.js";
import { duration } from "../../shared/time.js";
import { presenceLabel, skillLabel } from "../labels.js";
import { avatar } from "../pieces.js";

/** @typedef {import("./types.js").BoardAgent} BoardAgent */

const ORDER = { online: 0, away: 1, offline: 2 };
const PIPS = 8;

/**
 * @param {BoardAgent[]} agents
 * @param {number} now by the service's clock
 */
export function teamTable(agents, now) {
  const sorted = [...agents].sort(
    (a, b) => ORDER[a.presence] - ORDER[b.presence] || b.load - a.load || a.name.localeCompare(b.name),
  );
  const there = agents.filter((agent) => agent.presence === "online").length;
  return el(
    "table",
    { class: "table" },
    el("caption", { text: `${there} of ${agents.length} online` }),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col", text: "Agent" }),
        el("th", { scope: "col", text: "Has now" }),
        el("th", { scope: "col", class: "number", text: "Today" }),
        el("th", { scope: "col", class: "number", text: "First answer" }),
      ),
    ),
    el("tbody", {}, ...sorted.map((agent) => row(agent, now))),
  );
}

/**
 * @param {BoardAgent} agent
 * @param {number} now
 */
function row(agent, now) {
  return el(
    "tr",
    { dataset: { testid: "board-agent", state: agent.presence } },
    el(
      "th",
      { scope: "row" },
      el(
        "div",
        { class: "board-agent" },
        avatar(agent.name, agent.presence),
        el(
          "div",
          {},
          el("span", { class: "board-agent-name", text: agent.name }),
          el("span", { class: "quiet", text: stateOf(agent, now) }),
        ),
      ),
    ),
    el("td", {}, load(agent)),
    el("td", { class: "number figures", text: String(agent.handled_today) }),
    el("td", {
      class: "number figures",
      text: agent.first_response_median === null ? "–" : duration(agent.first_response_median),
    }),
  );
}

/**
 * @param {BoardAgent} agent
 * @param {number} now
 */
function stateOf(agent, now) {
  const words = [presenceLabel(agent.presence)];
  const minutes = agent.state_since ? Math.floor((now - Date.parse(agent.state_since)) / 60_000) : 0;
  if (agent.presence !== "offline" && minutes > 0)
    words[0] += minutes < 60 ? ` ${minutes} min` : ` ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  if (agent.skills.length) words.push(agent.skills.map(skillLabel).join(", "));
  return words.join(" · ");
}

/** @param {BoardAgent} agent */
function load(agent) {
  const pips = Math.min(Math.max(agent.capacity, agent.load), PIPS);
  return el(
    "span",
    { class: "load", dataset: { full: String(agent.load >= agent.capacity) } },
    el("span", { class: "figures", text: `${agent.load} of ${agent.capacity}` }),
    el(
      "span",
      { class: "pips", "aria-hidden": "true" },
      ...Array.from({ length: pips }, (_, at) =>
        el("span", { class: "pip", dataset: { on: String(at < Math.min(agent.load, PIPS)) } }),
      ),
    ),
  );
}
