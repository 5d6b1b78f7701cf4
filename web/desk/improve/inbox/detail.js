// @ts-check
import { el, fill, setAttribute, setText } from "../../../shared/dom.js";
import { ago } from "../../../shared/time.js";
import { sign } from "../../icons.js";
import { Part } from "../../part.js";
import { avatar, iconButton, kbd, pill } from "../../pieces.js";
import { openChanges } from "../changes-drawer.js";
import { narrowed } from "./address.js";
import { lesson } from "./list.js";
import { messageCard } from "./message.js";
import { NEWS } from "./model.js";
import { labelWords, messages, quoted, whySign } from "./words.js";

/** @typedef {import("./model.js").Inbox} Inbox */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Item} Item */

/** From this width on the evidence stands beside the messages, and some is always open; as in inbox.css. */
const BESIDE_PX = 780;

/** The group in front: its messages, what the bot made of each, and what happened next. */
export class InboxDetail extends Part {
  /**
   * @param {Inbox} inbox
   * @param {import("./decision.js").InboxDecision} decision
   * @param {{back: () => void, next: () => void, transcript: (item: Item) => void, answer: (text: string) => void}} actions
   */
  constructor(inbox, decision, actions) {
    super();
    this.inbox = inbox;
    this.decision = decision;
    this.actions = actions;
    /** @type {string|null} the message whose evidence is open */
    this.item = null;
    this.shownGroup = "";
    this.heading = el("h2", { tabindex: "-1", dir: "auto", dataset: { testid: "inbox-heading" } });
    this.meta = el("p", { class: "group-meta" });
    this.company = el("p", { class: "group-company", role: "status", dataset: { testid: "inbox-company" } });
    this.list = el("ol", { class: "group-said", role: "list" });
    this.rest = el("p", { class: "quiet group-rest" });
    this.body = el(
      "div",
      { class: "group-scroll", tabindex: "0", role: "region", "aria-label": "The messages of this group" },
      el(
        "div",
        { class: "group" },
        el(
          "div",
          { class: "group-head" },
          el(
            "div",
            { class: "group-top" },
            iconButton({
              label: "Back to the list",
              icon: "back",
              class: "group-back",
              testid: "inbox-back",
              run: actions.back,
            }),
            this.meta,
          ),
          this.heading,
          this.company,
        ),
        this.list,
        this.rest,
      ),
    );
    this.none = el("div", { class: "group-none" });
  }

  begin() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Decision");
    this.replaceChildren(this.body, this.none, this.decision);
    this.hear(this.inbox, NEWS.group, () => this.update());
    this.hear(this.inbox, NEWS.list, () => !this.inbox.group && this.update());
    this.update();
  }

  update() {
    const { group } = this.inbox;
    this.body.hidden = !group;
    this.none.hidden = Boolean(group);
    if (!group) {
      fill(this.none, this.nothing());
      this.shownGroup = "";
      return;
    }
    const held = this.held();
    if (group.id !== this.shownGroup || !(this.item === null || group.items.some(({ id }) => id === this.item)))
      this.item = group.items.length > 1 && this.clientWidth < BESIDE_PX ? null : (group.items[0]?.id ?? null);
    if (group.id !== this.shownGroup) this.body.scrollTop = 0;
    this.shownGroup = group.id;
    setText(this.heading, quoted(group.text));
    fill(
      this.meta,
      ...group.whys.map((why) => pill(whySign(why))),
      el("span", { class: "quiet", text: `${messages(group.size)} · ${ago(group.latest_at, "en")}` }),
    );
    this.updateCompany(group);
    this.list.style.setProperty("--rows", String(group.items.length));
    setAttribute(this.list, "data-alone", group.items.length === 1);
    fill(this.list, ...group.items.map((item) => this.card(item, group)));
    const more = group.size - group.items.length;
    setText(this.rest, more > 0 ? `and ${more} more like these, decided together with them` : "");
    held?.();
  }

  /** How to give the focus back to a message's row that is made anew. @returns {(() => void)|null} */
  held() {
    const focused = document.activeElement;
    const key = this.list.contains(focused) ? focused?.closest("li[data-key]")?.getAttribute("data-key") : null;
    if (!key || !(focused instanceof HTMLElement)) return null;
    const kind = focused.matches("input") ? "input" : focused.matches(".said-text") ? ".said-text" : "button.small";
    return () => {
      const row = this.list.querySelector(`[data-key="${CSS.escape(key)}"]`);
      const again = row?.querySelector(/** @type {"button"} */ (kind));
      if (again) again.focus();
      else this.focusHeading();
    };
  }

  /** @param {Group} group */
  updateCompany(group) {
    const { taken } = group;
    const names = this.inbox.colleagues(group).map(({ name }) => name);
    const words = taken
      ? `${taken.by} labelled this${taken.label ? ` as ${labelWords(taken.label, (topic) => this.inbox.titleOf(topic))}` : ""}.`
      : names.length
        ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} working on this too.`
        : "";
    setAttribute(this.company, "data-taken", Boolean(taken));
    if (this.company.dataset.words === words) return;
    this.company.dataset.words = words;
    fill(
      this.company,
      ...names.map((name) => avatar(name)),
      words && el("span", { text: words }),
      taken &&
        el("button", { type: "button", class: "button small", on: { click: this.actions.next } }, "Next", kbd("J")),
    );
  }

  /**
   * @param {Item} item
   * @param {Group} group
   */
  card(item, group) {
    const { inbox } = this;
    const label = item.label ?? group.label;
    const shown = {
      alone: group.items.length === 1,
      included: !inbox.out.get(group.id)?.has(item.id),
      current: item.id === this.item,
      open: inbox.open && !group.taken,
      titleOf: (/** @type {string} */ topic) => inbox.titleOf(topic),
    };
    return messageCard(item, shown, {
      toggle: () => inbox.toggle(item.id),
      open: () => this.openItem(item.id === this.item ? null : item.id),
      transcript: () => this.actions.transcript(item),
      answer: shown.open && item.agent_answer ? () => this.actions.answer(item.agent_answer ?? "") : null,
      reopen: label && !inbox.open && !label.applied ? () => void inbox.reopen(group, label) : null,
    });
  }

  /** @param {string|null} id */
  openItem(id) {
    this.item = id;
    this.update();
  }

  /** Opens the evidence of the message after or before. @param {number} step */
  stepItem(step) {
    const items = this.inbox.group?.items ?? [];
    if (items.length < 2) return;
    const at = items.findIndex(({ id }) => id === this.item);
    const next = items[Math.min(Math.max(at + step, 0), items.length - 1)];
    this.openItem(next.id);
    const row = this.list.querySelector(`[data-key="${CSS.escape(next.id)}"]`);
    row?.querySelector(/** @type {"button"} */ (".said-text"))?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  /** The message that keys mean. */
  get meant() {
    const items = this.inbox.group?.items ?? [];
    return items.find(({ id }) => id === this.item) ?? items[0];
  }

  /** What an agent answered to the message that keys mean, else to any of the group. */
  get answered() {
    const items = this.inbox.group?.items ?? [];
    return this.meant?.agent_answer ?? items.find((item) => item.agent_answer)?.agent_answer ?? "";
  }

  focusHeading() {
    this.heading.focus({ preventScroll: true });
  }

  nothing() {
    const { status, tally, filters, open } = this.inbox;
    if (status !== "ready" || !open || narrowed(filters))
      return el(
        "div",
        { class: "empty wide" },
        el("p", { class: "quiet", text: status === "ready" ? "Nothing is chosen." : "" }),
      );
    if (tally.count)
      return el(
        "div",
        { class: "empty wide", dataset: { testid: "inbox-finished" } },
        el("div", { class: "empty-mark" }, sign("checkCircle", "empty-icon")),
        el("h2", { text: "The inbox is empty" }),
        el("p", { text: `${tally.text}. You decided about ${messages(tally.messages)}.` }),
        el("p", { text: "What you labelled waits among the changes. Review them, then train a model with them." }),
        el("button", {
          type: "button",
          class: "button primary",
          text: "Review the changes",
          on: { click: () => openChanges(this.inbox.desk) },
        }),
      );
    return el(
      "div",
      { class: "empty wide teaching", dataset: { testid: "inbox-teaching" } },
      el("div", { class: "empty-mark" }, sign("unclear", "empty-icon")),
      el("h2", { text: "The bot has no questions" }),
      el("p", {
        text: "When it could not help somebody, the message comes here, together with all that are like it. You say what was meant with one key, and the bot learns it.",
      }),
      lesson(),
    );
  }
}

customElements.define("desk-inbox-detail", InboxDetail);
