// @ts-check
/** Making a topic, renaming, merging and splitting one, and moving examples. Each becomes a pending change. */
import { el, fill } from "../../../shared/dom.js";
import { ask, Field } from "../../form.js";
import { counted, linesOf, nameFrom } from "../words.js";
import { lacks, LONGEST_ANSWER } from "./answer.js";
import { TopicPicker } from "./picker.js";

/** @typedef {import("./page.js").DeskTopics} DeskTopics */
/** @typedef {import("./pending.js").Drafted} Drafted */

const FEWEST = 5;
const LONGEST_TITLE = 60;

/** @param {DeskTopics} page */
export function createTopic(page) {
  const title = titleField(page, "topic-title");
  const examples = new Field(
    "Examples, one a line",
    el("textarea", { id: "topic-examples", rows: 6, dataset: { testid: "topic-examples" } }),
    `At least ${FEWEST}, as customers write: short, long, with mistakes.`,
  );
  const answer = new Field(
    "What the bot says",
    el("textarea", { id: "topic-answer", rows: 3, maxlength: LONGEST_ANSWER, dataset: { testid: "topic-answer" } }),
  );
  const product = el("input", {
    type: "checkbox",
    role: "switch",
    class: "switch",
    dataset: { testid: "topic-product" },
    on: { change: () => template(answer, product.checked) },
  });
  examples.control.addEventListener("input", () => {
    const many = linesOf(examples.control.value).length;
    examples.say(
      many < FEWEST ? `${counted(many, "example")}; at least ${FEWEST} are needed.` : counted(many, "example"),
    );
  });
  const sheet = ask(
    page,
    {
      title: "New topic",
      verb: "Create",
      wide: true,
      fields: { name: title, title, examples, texts: examples, answer },
      check: () =>
        [
          title.refuse(titleFault(page, title.value)),
          examples.refuse(
            linesOf(examples.control.value).length < FEWEST ? `At least ${FEWEST} examples are needed.` : "",
          ),
          answer.refuse(lacks(answer.value, product.checked)),
        ].every(Boolean),
      run: async () => {
        const name = nameFrom(title.value);
        await page.changes.propose({
          kind: "create_topic",
          name,
          title: title.value,
          examples: linesOf(examples.control.value),
          answer: answer.value,
          product_needed: product.checked,
          answers: {},
          buttons: [],
        });
        page.go(name);
      },
    },
    title.element,
    examples.element,
    el(
      "label",
      { class: "menu-row" },
      el(
        "span",
        {},
        "The answer depends on the product",
        el("span", { class: "quiet admin-under", text: "The bot asks which product when the customer names none." }),
      ),
      product,
    ),
    answer.element,
  );
  sheet.dialog.dataset.testid = "topic-create";
  title.control.focus();
}

/** @param {Field} answer @param {boolean} product */
function template(answer, product) {
  const words = "The {product}: {answer}";
  if (product && !answer.value) answer.control.value = words;
  if (!product && answer.value === words) answer.control.value = "";
  answer.say(
    product ? "{product} becomes the product's name. What {answer} is for each, you write on the next page." : "",
  );
}

/** @param {DeskTopics} page @param {Drafted} topic */
export function renameTopic(page, topic) {
  const own = topic.kind === "own";
  const title = titleField(page, "rename-title", own ? topic.name : null);
  title.control.value = topic.title;
  ask(
    page,
    {
      title: `Rename ${topic.title}`,
      verb: "Rename",
      fields: { title, name: title, to: title },
      check: () =>
        title.refuse(
          title.value === topic.title
            ? "That is its name already."
            : titleFault(page, title.value, own ? topic.name : null),
        ),
      run: () => {
        const to = own ? nameFrom(title.value) : topic.name;
        return page.changes.propose({ kind: "rename_topic", name: topic.name, to, title: title.value });
      },
    },
    title.element,
    el("p", {
      class: "quiet",
      text: own
        ? "Its examples, answer and test conversations go with it."
        : "Customers read it on buttons, and colleagues on the desk. In the files it stays as it is.",
    }),
  );
  /** @type {HTMLInputElement} */ (title.control).select();
}

/** @param {DeskTopics} page @param {Drafted} topic */
export function mergeTopic(page, topic) {
  const others = page.choosable.filter(({ name }) => name !== topic.name);
  const picker = new TopicPicker("Merge it into", others);
  const many = counted(topic.examples.length, "example");
  ask(
    page,
    {
      title: `Merge ${topic.title} into another topic`,
      verb: "Merge",
      check: () => picker.check(),
      run: async () => {
        await page.changes.propose({ kind: "merge_topics", names: [topic.name], into: picker.value });
        page.go(picker.value);
      },
    },
    picker.element,
    el("p", { class: "quiet", text: `Its ${many} move there; the answer of ${topic.title} goes.` }),
  );
  picker.focus();
}

/** @param {DeskTopics} page @param {Drafted} topic @param {string[]} texts */
export function splitTopic(page, topic, texts) {
  const title = titleField(page, "split-title");
  const answer = new Field(
    "What the bot says to it",
    el("textarea", { id: "split-answer", rows: 3, maxlength: LONGEST_ANSWER, dataset: { testid: "split-answer" } }),
  );
  ask(
    page,
    {
      title: `Split off from ${topic.title}`,
      verb: "Split off",
      wide: true,
      fields: { into: title, title, name: title, answer },
      check: () =>
        [title.refuse(titleFault(page, title.value)), answer.refuse(lacks(answer.value, false))].every(Boolean),
      run: async () => {
        const into = nameFrom(title.value);
        const made = { name: topic.name, into, title: title.value, texts, answer: answer.value };
        await page.changes.propose({ kind: "split_topic", ...made });
        page.go(into);
      },
    },
    quoted(texts),
    title.element,
    answer.element,
  );
  title.control.focus();
}

/** @param {DeskTopics} page @param {Drafted} topic @param {string[]} texts */
export function moveExamples(page, topic, texts) {
  const picker = new TopicPicker(
    "To the topic",
    page.choosable.filter(({ name }) => name !== topic.name),
  );
  ask(
    page,
    {
      title: `Move ${counted(texts.length, "example")}`,
      verb: "Move",
      check: () => picker.check(),
      run: () => page.changes.propose({ kind: "move_examples", source: topic.name, target: picker.value, texts }),
    },
    quoted(texts),
    picker.element,
  );
  picker.focus();
}

/** @param {string[]} texts */
function quoted(texts) {
  const list = el("ul", { class: "quoted", role: "list" });
  fill(list, ...texts.slice(0, 4).map((text) => el("li", { dir: "auto", text })));
  if (texts.length > 4) list.append(el("li", { class: "quiet", text: `and ${texts.length - 4} more` }));
  return list;
}

/**
 * @param {DeskTopics} page
 * @param {string} id
 * @param {string|null} [own] the name that it has already; null where the title alone changes
 */
function titleField(page, id, own = "") {
  const control = el("input", {
    id,
    maxlength: LONGEST_TITLE,
    autocomplete: "off",
    dataset: { testid: "topic-title" },
  });
  const field = new Field("Name", control, "How operators and agents call it.");
  control.addEventListener("input", () => {
    if (own === null) return;
    const name = nameFrom(control.value);
    field.say(name ? `In the files: ${name}` : "How operators and agents call it.");
    if (name) field.refuse(taken(page, name, own));
  });
  return field;
}

/** What is wrong with a title, or nothing. @param {DeskTopics} page @param {string} title @param {string|null} [own] */
function titleFault(page, title, own = "") {
  if (!title) return "It needs a name.";
  if (own === null) return "";
  const name = nameFrom(title);
  return name ? taken(page, name, own) : "Use at least one letter from a to z.";
}

/** @param {DeskTopics} page @param {string} name @param {string} own */
const taken = (page, name, own) => {
  const other = page.topics.find((topic) => topic.name === name && name !== own);
  return other ? `There is a topic ${other.title} already.` : "";
};
