// @ts-check
/** The queue and the day by skill. */
import { el } from "../../shared/dom.js";
import { duration } from "../../shared/time.js";
import { skillLabel } from "../labels.js";

/** @typedef {import("./types.js").Board} Board */

/** @param {Board} board */
export function bySkill({ queue, today }) {
  const skills = [...new Set([...queue.by_skill, ...today.by_skill].map(({ skill }) => skill))];
  if (!skills.length) return el("p", { class: "board-none", text: "Nobody has asked for a person today." });
  const columns = ["Waiting", "Longest", "Today", "Usual wait", "First answer"];
  return el(
    "table",
    { class: "table" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col", text: "Skill" }),
        ...columns.map((text) => el("th", { scope: "col", class: "number", text })),
      ),
    ),
    el(
      "tbody",
      {},
      ...skills.map((skill) => {
        const now = queue.by_skill.find((one) => one.skill === skill);
        const day = today.by_skill.find((one) => one.skill === skill);
        return el(
          "tr",
          { dataset: { level: now?.broken ? "late" : now?.warned ? "warn" : "calm" } },
          el("th", { scope: "row", text: skill ? skillLabel(skill) : "Anybody" }),
          number(String(now?.waiting ?? 0)),
          number(now?.waiting ? duration(now.longest_wait) : "–"),
          number(String(day?.handoffs ?? 0)),
          number(seconds(day?.wait_median)),
          number(seconds(day?.first_response_median)),
        );
      }),
    ),
  );
}

/** @param {number|null|undefined} value */
const seconds = (value) => (value === null || value === undefined ? "–" : duration(value));

/** @param {string} text */
const number = (text) => el("td", { class: "number figures", text });
