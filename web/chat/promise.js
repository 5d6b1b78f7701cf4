// @ts-check
/**
 * The form in which a customer says where to reach them instead of waiting. It lies over the conversation
 * until it is sent or dismissed; what is wrong is said beside the field it is about.
 */
import { el, fill, icon, setAttribute, setText } from "../shared/dom.js";
import { ApiError } from "../shared/http.js";
import { clock, comingDay, moment } from "../shared/time.js";
import { icons } from "./icons.js";

const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@.]{2,}$/u;
const PHONE = /^\+?[\d\s()./-]+$/u;
const DIGITS = /\d/gu;
const FIELDS = /** @type {const} */ (["email", "phone", "name", "preferred"]);

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./words.js").Words} Words
 * @typedef {"email" | "phone"} Way
 */

export class PromiseForm {
  /**
   * @param {Conversation} conversation
   * @param {Words} words
   * @param {{locale: () => string | undefined, toggled: (open: boolean) => void}} context
   */
  constructor(conversation, words, context) {
    this.conversation = conversation;
    this.words = words;
    this.context = context;
    /** @type {Way} */
    this.way = "email";
    this.sending = false;
    this.problem = el("p", { class: "form-problem", role: "alert", hidden: true });
    this.ways = el("div", { class: "ways", role: "radiogroup", "aria-label": words.say("promise_way") });
    this.email = this.field("email", {
      type: "email",
      inputmode: "email",
      autocomplete: "email",
      maxlength: 254,
    });
    this.phone = this.field("phone", { type: "tel", inputmode: "tel", autocomplete: "tel", maxlength: 40 });
    this.name = this.field("name", { type: "text", autocomplete: "name", maxlength: 80 });
    this.times = el("div", { class: "times" });
    this.timesProblem = el("p", { class: "field-problem", id: "problem-preferred", hidden: true });
    this.submit = el(
      "button",
      { type: "submit", class: "primary", dataset: { testid: "promise-send" } },
      words.say("promise_send"),
    );
    this.node = this.build();
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** Show the form with what can be promised now. */
  async open() {
    if (this.isOpen) return;
    this.clearProblems();
    try {
      this.offer(await this.conversation.promiseChoices());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.offer({ soonest: null, choices: [], by_email: true, time_zone: "UTC" });
      this.fail(error.code);
    }
    this.node.hidden = false;
    this.context.toggled(true);
    this.fieldOf(this.way).input.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.context.toggled(false);
  }

  // Drawing

  build() {
    const { words } = this;
    const submitted = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.send();
    };
    const pressed = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    };
    return el(
      "form",
      {
        class: "promise",
        novalidate: true,
        hidden: true,
        "aria-labelledby": "promise-title",
        dataset: { testid: "promise-form" },
        on: { submit: submitted, keydown: pressed },
      },
      el(
        "div",
        { class: "promise-head" },
        el("h3", { id: "promise-title", text: words.say("promise_title") }),
        el(
          "button",
          {
            type: "button",
            class: "plain",
            "aria-label": words.say("promise_dismiss"),
            title: words.say("promise_dismiss"),
            dataset: { testid: "promise-dismiss" },
            on: { click: () => this.close() },
          },
          icon(icons.close),
        ),
      ),
      el("p", { class: "promise-intro", text: words.say("promise_intro") }),
      this.ways,
      this.email.node,
      this.phone.node,
      this.name.node,
      el("fieldset", {}, el("legend", { text: words.say("promise_when") }), this.times, this.timesProblem),
      this.problem,
      this.submit,
    );
  }

  /**
   * @param {"email" | "phone" | "name"} name
   * @param {Record<string, string | number>} attributes
   */
  field(name, attributes) {
    const id = `promise-${name}`;
    const problem = el("p", { class: "field-problem", id: `problem-${name}`, hidden: true });
    const input = el("input", {
      id,
      name,
      ...attributes,
      "aria-describedby": problem.id,
      dataset: { testid: id },
      on: { input: () => this.mend(name) },
    });
    const label = el("label", { for: id, text: this.words.say(`promise_${name}_label`) });
    return { node: el("div", { class: "form-field" }, label, input, problem), input, problem };
  }

  /** @param {"email" | "phone" | "name"} name */
  fieldOf(name) {
    return { email: this.email, phone: this.phone, name: this.name }[name];
  }

  /** @param {import("./api.js").PromiseChoices} offered */
  offer(offered) {
    const ways = /** @type {Way[]} */ (offered.by_email ? ["email", "phone"] : ["phone"]);
    this.ways.hidden = ways.length < 2;
    this.way = ways.includes(this.way) ? this.way : ways[0];
    fill(this.ways, ...ways.map((way) => this.wayButton(way)));
    const soonest = offered.soonest && this.until(offered.soonest);
    fill(
      this.times,
      this.time("", this.words.say("promise_soonest"), soonest || "", true),
      ...offered.choices.map((choice) => this.time(choice.id, this.day(choice), this.between(choice), false)),
    );
    this.showWay();
  }

  /** @param {Way} way */
  wayButton(way) {
    const chosen = () => {
      this.way = way;
      this.showWay();
    };
    return el(
      "label",
      { class: "way" },
      el("input", {
        type: "radio",
        name: "way",
        value: way,
        checked: way === this.way,
        dataset: { testid: `promise-way-${way}` },
        on: { change: chosen },
      }),
      icon(way === "email" ? icons.mail : icons.phone),
      el("span", { text: this.words.say(`promise_${way}`) }),
    );
  }

  showWay() {
    this.email.node.hidden = this.way !== "email";
    this.phone.node.hidden = this.way !== "phone";
  }

  /**
   * @param {string} id
   * @param {string} label
   * @param {string} detail
   * @param {boolean} checked
   */
  time(id, label, detail, checked) {
    return el(
      "label",
      { class: "time" },
      el("input", {
        type: "radio",
        name: "preferred",
        value: id,
        checked,
        "aria-describedby": "problem-preferred",
        dataset: { testid: "promise-time" },
      }),
      el("span", { class: "time-label", text: label }),
      el("span", { class: "time-detail", text: detail }),
    );
  }

  /** @param {string} at */
  until(at) {
    return this.words.say("promise_until", { when: moment(at, this.context.locale()) });
  }

  /** @param {import("./api.js").PromiseChoice} choice */
  day(choice) {
    const day = comingDay(choice.starts_at, this.context.locale());
    return day.charAt(0).toLocaleUpperCase() + day.slice(1);
  }

  /** @param {import("./api.js").PromiseChoice} choice */
  between(choice) {
    const locale = this.context.locale();
    return this.words.say("promise_between", {
      from: clock(choice.starts_at, locale),
      until: clock(choice.due_at, locale),
    });
  }

  // Sending

  async send() {
    if (this.sending) return;
    this.clearProblems();
    const wrong = this.wrong();
    if (wrong) {
      this.blame(wrong);
      return;
    }
    this.busy(true);
    try {
      await this.conversation.leaveContact(this.contact());
      this.busy(false);
      this.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.busy(false);
      await this.refused(error);
    }
  }

  /** @param {ApiError} error */
  async refused(error) {
    const field = FIELDS.find((name) => name === error.field);
    if (error.status !== 400 || !field) {
      this.fail(error.code);
      return;
    }
    if (field === "preferred") this.offer(await this.conversation.promiseChoices());
    this.blame(field);
  }

  /** What is plainly wrong, so that nobody waits for the desk to say so. */
  wrong() {
    const value = this.fieldOf(this.way).input.value.trim();
    const right =
      this.way === "email" ? EMAIL.test(value) : PHONE.test(value) && (value.match(DIGITS)?.length ?? 0) >= 6;
    return right ? null : this.way;
  }

  contact() {
    const preferred = /** @type {HTMLInputElement | null} */ (this.times.querySelector("input:checked"))
      ?.value;
    const name = this.name.input.value.trim();
    return {
      [this.way]: this.fieldOf(this.way).input.value.trim(),
      ...(name && { name }),
      ...(preferred && { preferred }),
    };
  }

  /** @param {boolean} sending */
  busy(sending) {
    this.sending = sending;
    this.submit.disabled = sending;
    setAttribute(this.node, "aria-busy", sending ? "true" : null);
  }

  // What is wrong

  /** @param {typeof FIELDS[number]} name */
  blame(name) {
    const text = this.words.say(`wrong_${name}`);
    const place = name === "preferred" ? this.timesProblem : this.fieldOf(name).problem;
    setText(place, text);
    place.hidden = false;
    const input = name === "preferred" ? this.times.querySelector("input") : this.fieldOf(name).input;
    if (name !== "preferred") input?.setAttribute("aria-invalid", "true");
    input?.focus();
  }

  /** @param {string} code */
  fail(code) {
    setText(this.problem, this.words.refusal(code));
    this.problem.hidden = false;
  }

  /** @param {"email" | "phone" | "name"} name */
  mend(name) {
    const { input, problem } = this.fieldOf(name);
    input.removeAttribute("aria-invalid");
    problem.hidden = true;
  }

  clearProblems() {
    for (const name of /** @type {const} */ (["email", "phone", "name"])) this.mend(name);
    this.timesProblem.hidden = true;
    this.problem.hidden = true;
  }
}
