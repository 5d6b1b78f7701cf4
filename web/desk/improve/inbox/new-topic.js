// @ts-check
/** A topic made on the spot from what customers asked and what an agent answered. It becomes a pending change. */
import { el } from "../../../shared/dom.js";
import { changesOf } from "../changes.js";
import { ask, Field } from "../../form.js";
import { counted, linesOf, nameFrom } from "../words.js";
import { quoted } from "./words.js";

/** @typedef {import("./model.js").Inbox} Inbox */

const ENOUGH = 8;
const LONGEST_TITLE = 60;
const LONGEST_ANSWER = 2_000;
const SHOWN = 3;

/**
 * Asks for a name and an answer, proposes the topic and labels the group in front with it.
 * @param {HTMLElement & {desk: import("../../state/desk.js").Desk}} host
 * @param {Inbox} inbox
 * @param {{title?: string, answer?: string, made: (topic: string) => void, closed: () => void}} from what is known
 *   already, what to do with the topic's name, and after the form is gone
 */
export function newTopic(host, inbox, { title = "", answer = "", made, closed }) {
  const { group } = inbox;
  if (!group) return;
  const asked = linesOf(
    inbox
      .included(group)
      .map(({ text }) => text.replaceAll("\n", " "))
      .join("\n"),
  );
  const name = new Field(
    "Name",
    el("input", { id: "new-topic-title", maxlength: LONGEST_TITLE, autocomplete: "off" }),
    "How operators and agents call it.",
  );
  const says = new Field(
    "What the bot says",
    el("textarea", { id: "new-topic-answer", rows: 4, maxlength: LONGEST_ANSWER }),
    answer ? "What the agent answered. Make it true for everybody who asks." : "",
  );
  const more = new Field(
    "More ways to ask it, one a line",
    el("textarea", { id: "new-topic-examples", rows: 3 }),
    `${counted(asked.length, "message")} of this group ${asked.length === 1 ? "is an example" : "are examples"} already; from ${ENOUGH} on it is understood better.`,
  );
  name.control.value = title;
  says.control.value = answer;
  const sheet = ask(
    host,
    {
      title: "New topic",
      verb: "Create and label",
      wide: true,
      fields: { name, title: name, examples: more, answer: says },
      check: () =>
        [name.refuse(fault(inbox, name.value)), says.refuse(says.value ? "" : "The bot needs something to say.")].every(
          Boolean,
        ),
      run: async () => {
        const topic = nameFrom(name.value);
        const examples = [...new Set([...asked, ...linesOf(more.value)])];
        await changesOf(inbox.desk).propose(
          {
            kind: "create_topic",
            name: topic,
            title: name.value,
            examples,
            answer: says.value,
            product_needed: false,
            answers: {},
            buttons: [],
          },
          { quiet: true },
        );
        inbox.topics = [...inbox.topics, { name: topic, title: name.value, own: true }];
        made(topic);
      },
    },
    el(
      "ul",
      { class: "new-topic-asked", role: "list", "aria-label": "What customers asked" },
      ...asked.slice(0, SHOWN).map((text) => el("li", { dir: "auto", text: quoted(text) })),
      asked.length > SHOWN && el("li", { class: "quiet", text: `and ${asked.length - SHOWN} more` }),
    ),
    name.element,
    says.element,
    more.element,
  );
  sheet.dialog.dataset.testid = "inbox-new-topic";
  sheet.dialog.addEventListener("close", closed);
  (title ? says : name).control.focus();
}

/**
 * What is wrong with a name, or nothing.
 * @param {Inbox} inbox
 * @param {string} title
 */
function fault(inbox, title) {
  if (!title) return "It needs a name.";
  const name = nameFrom(title);
  if (!name) return "The name needs letters.";
  const known = inbox.topics.find((topic) => topic.name === name);
  return known ? `There is a topic of this name already: ${inbox.titleOf(name)}.` : "";
}
