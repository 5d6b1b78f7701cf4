// @ts-check
/**
 * The conversation on screen. Every entry keeps its element for as long as it means the same, so readers,
 * focus and scroll position are only disturbed by what really changed.
 */
import { el, fill, icon, initials, setText } from "../shared/dom.js";
import { size } from "../shared/bytes.js";
import { richText } from "../shared/richtext.js";
import { clock, dateAndTime, dayKey, dayName } from "../shared/time.js";
import { icons } from "./icons.js";

/** So near to the end counts as reading along. */
const NEAR_END = 96;
/** Messages of one author closer together than this stand together. */
const TOGETHER = 5 * 60_000;
/** An address of a file is good for an hour at least. */
const ADDRESS_GOOD_FOR = 50 * 60_000;

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").Choice} Choice
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./conversation.js").Outgoing} Outgoing
 * @typedef {import("./words.js").Words} Words
 * @typedef {{key: string, signature: string, make: () => HTMLElement}} Entry
 * @typedef {{from: string, author: string, at: string, text: string, seq?: number, message?: Message, outgoing?: Outgoing}} Line
 * @typedef {{first: boolean, last: boolean}} Standing
 */

export class Log {
  /**
   * @param {Conversation} conversation
   * @param {import("./api.js").Widget} widget
   * @param {Words} words
   * @param {{base: URL, locale: () => string | undefined, chosen: () => void,
   *   edit: (text: string) => void}} context
   */
  constructor(conversation, widget, words, context) {
    this.conversation = conversation;
    this.widget = widget;
    this.words = words;
    this.context = context;
    /** @type {Map<string, {signature: string, node: HTMLElement}>} */
    this.drawn = new Map();
    this.unseen = 0;
    this.following = true;
    this.settled = false;
    this.list = el("div", {
      class: "entries",
      role: "log",
      "aria-live": "polite",
      "aria-label": words.say("log"),
      dataset: { testid: "log" },
    });
    this.typing = el("div", { class: "typing", hidden: true, dataset: { testid: "typing" } });
    this.scroller = el(
      "div",
      {
        class: "scroller",
        tabindex: "0",
        role: "group",
        "aria-label": words.say("log"),
        on: { scroll: () => this.scrolled() },
      },
      this.list,
      this.typing,
    );
    this.pill = el(
      "button",
      {
        type: "button",
        class: "latest",
        hidden: true,
        dataset: { testid: "latest" },
        on: { click: () => this.toEnd("smooth") },
      },
      icon(icons.down),
      el("span"),
    );
    this.node = el("div", { class: "log" }, this.scroller, this.pill);
    this.resized = new ResizeObserver(() => this.following && this.toEnd("instant"));
    this.resized.observe(this.scroller);
    this.resized.observe(this.list);
  }

  stop() {
    this.resized.disconnect();
  }

  render() {
    const entries = this.entries();
    const arrived = this.settled ? entries.filter((entry) => !this.drawn.has(entry.key)) : [];
    this.list.setAttribute("aria-busy", String(!this.settled));
    this.forgetOthers(new Set(entries.map((entry) => entry.key)));
    entries.forEach((entry, at) => this.place(entry, at));
    for (const entry of arrived) this.drawn.get(entry.key)?.node.classList.add("arrived");
    this.renderTyping();
    this.afterRender(arrived.map((entry) => this.drawn.get(entry.key)?.node));
    this.settled = true;
    this.list.setAttribute("aria-busy", "false");
  }

  // What stands in it

  /** @returns {Entry[]} */
  entries() {
    const lines = this.lines();
    const entries = [this.greeting(lines.length === 0)];
    let day = "";
    lines.forEach((line, at) => {
      if (dayKey(line.at) !== day) {
        day = dayKey(line.at);
        entries.push(this.day(line.at, day));
      }
      const standing = { first: !together(lines[at - 1], line), last: !together(line, lines[at + 1]) };
      entries.push(line.outgoing ? this.outgoing(line, standing) : this.message(line, standing, lines));
    });
    return entries;
  }

  /** @returns {Line[]} */
  lines() {
    const { conversation } = this;
    const stored = conversation.messages.map((message) => ({
      from: message.from,
      author: this.author(message),
      at: message.at,
      text: this.shownText(message),
      seq: message.seq,
      message,
    }));
    const onTheirWay = conversation.outbox.map((outgoing) => ({
      from: "customer",
      author: this.words.say("you"),
      at: outgoing.at,
      text: outgoing.text,
      outgoing,
    }));
    return [...stored, ...onTheirWay];
  }

  /** @param {Message} message */
  author(message) {
    if (message.from === "customer") return this.words.say("you");
    if (message.from === "bot") return this.words.say("assistant");
    if (message.from === "system") return this.words.say("notice");
    return message.author ?? this.conversation.agent?.name ?? this.words.say("agent");
  }

  /**
   * A used button is shown by its title, however the desk stored it.
   * @param {Message} message
   */
  shownText(message) {
    if (message.from !== "customer" || !message.text.startsWith("/")) return message.text;
    const payload = message.meta?.payload ?? message.text;
    const offered = [
      ...this.widget.starters,
      ...this.conversation.messages.flatMap((one) => one.buttons ?? []),
    ];
    return offered.find((choice) => choice.payload === payload)?.title ?? message.text;
  }

  /**
   * @param {boolean} fresh whether nothing has been said yet
   * @returns {Entry}
   */
  greeting(fresh) {
    const make = () =>
      el(
        "div",
        { class: "line first last", dataset: { from: "bot", testid: "greeting" } },
        this.avatar("bot", ""),
        el(
          "div",
          { class: "column" },
          el("p", { class: "author", text: this.words.say("assistant") }),
          el("div", { class: "bubble", dir: "auto" }, richText(this.words.say("greeting"))),
          fresh && this.widget.starters.length > 0 && this.choices(this.widget.starters, { live: true }),
        ),
      );
    return { key: "greeting", signature: String(fresh), make };
  }

  /**
   * @param {string} at
   * @param {string} day
   * @returns {Entry}
   */
  day(at, day) {
    const name = dayName(at, this.context.locale());
    return {
      key: `day ${day}`,
      signature: name,
      make: () => el("div", { class: "day" }, el("span", { text: name })),
    };
  }

  /**
   * @param {Line} line
   * @param {Standing} standing
   * @param {Line[]} lines
   * @returns {Entry}
   */
  message(line, standing, lines) {
    const message = /** @type {Message} */ (line.message);
    const key = message.key ?? `seq ${message.seq}`;
    if (line.from === "system") return { key, signature: line.text, make: () => this.notice(line) };
    const rating = this.conversation.remembered?.ratings[message.seq];
    const rateable = line.from === "bot" && message.meta?.act === "answer";
    const chosen = message.buttons?.length ? this.chosen(message, lines) : undefined;
    const live = !this.conversation.withPeople && chosen === undefined;
    const receipt = this.receipt(line, lines);
    const signature = JSON.stringify([
      line.text,
      line.author,
      message.buttons,
      message.image,
      message.attachments,
      standing,
      rating,
      chosen,
      live,
      receipt,
    ]);
    const make = () =>
      this.bubble(line, standing, [
        message.image && this.picture(message.image, line.author),
        message.attachments?.length && this.attachments(message.attachments, line.author),
        message.buttons?.length && this.choices(message.buttons, { live, chosen, seq: message.seq }),
        (standing.last || rateable || receipt) &&
          this.foot(
            line,
            rateable && el("span", { class: "rating" }, ...this.thumbs(message.seq, rating)),
            receipt && this.receiptSign(receipt),
          ),
      ]);
    return { key, signature, make };
  }

  /**
   * Which of a message's buttons was used: as remembered here, else as the next thing the customer said.
   * @param {Message} message
   * @param {Line[]} lines
   * @returns {string | undefined} its payload or text
   */
  chosen(message, lines) {
    const remembered = this.conversation.remembered?.chosen[message.seq];
    if (remembered !== undefined) return remembered;
    const at = lines.findIndex((line) => line.seq === message.seq);
    const next = lines.slice(at + 1).find((line) => line.from === "customer");
    const used = next && message.buttons?.find((choice) => choice.title === next.text);
    return used && (used.payload ?? used.title);
  }

  /**
   * @param {Line} line
   * @param {Standing} standing
   * @returns {Entry}
   */
  outgoing(line, standing) {
    const outgoing = /** @type {Outgoing} */ (line.outgoing);
    const waiting = outgoing.tries > 0 || this.conversation.offline;
    const signature = JSON.stringify([
      "outgoing",
      line.text,
      outgoing.status,
      outgoing.reason,
      waiting,
      standing,
    ]);
    const make = () => {
      const node = this.bubble(line, { ...standing, last: true }, [
        outgoing.files && this.attachments(outgoing.files, line.author),
        this.delivery(outgoing, waiting),
      ]);
      node.dataset.status = outgoing.status;
      return node;
    };
    return { key: outgoing.key, signature, make };
  }

  // How it is drawn

  /**
   * @param {Line} line
   * @param {Standing} standing
   * @param {import("../shared/dom.js").Child[]} below
   */
  bubble(line, standing, below) {
    const node = el(
      "div",
      {
        class: "line",
        "aria-live": line.from === "customer" && "off",
        dataset: { testid: "message", from: line.from },
      },
      line.from !== "customer" &&
        (standing.first ? this.avatar(line.from, line.author) : el("span", { class: "avatar-space" })),
      el(
        "div",
        { class: "column" },
        el("p", {
          class: standing.first && line.from !== "customer" ? "author" : "visually-hidden",
          text: line.author,
        }),
        line.text && el("div", { class: "bubble", dir: "auto" }, richText(line.text)),
        ...below,
      ),
    );
    node.classList.toggle("first", standing.first);
    node.classList.toggle("last", standing.last);
    if (line.seq !== undefined) node.dataset.seq = String(line.seq);
    return node;
  }

  /** @param {Line} line */
  notice(line) {
    return el(
      "div",
      {
        class: "notice",
        dir: "auto",
        dataset: { testid: "message", from: "system", seq: line.seq ?? "" },
        title: dateAndTime(line.at, this.context.locale()),
      },
      richText(line.text),
    );
  }

  /**
   * @param {string} from
   * @param {string} name
   */
  avatar(from, name) {
    if (from === "agent") {
      const known = name !== this.words.say("agent");
      return el(
        "span",
        { class: "avatar agent", "aria-hidden": "true" },
        known ? initials(name) : icon(icons.person),
      );
    }
    return el("span", { class: "avatar", "aria-hidden": "true" }, icon(icons.leaf));
  }

  /**
   * @param {Choice[]} choices
   * @param {{live: boolean, chosen?: string, seq?: number}} use
   */
  choices(choices, { live, chosen, seq }) {
    const button = (/** @type {Choice} */ choice) => {
      const used = chosen !== undefined && chosen === (choice.payload ?? choice.title);
      const choose = () => {
        this.context.chosen();
        this.conversation.say(choice.text ?? choice.title, { payload: choice.payload, seq });
      };
      return el(
        "button",
        {
          type: "button",
          class: used ? "choice used" : "choice",
          disabled: !live,
          dir: "auto",
          "aria-label": used && this.words.say("chosen", { title: choice.title }),
          dataset: { testid: "choice" },
          on: { click: choose },
        },
        used && icon(icons.check),
        choice.title,
      );
    };
    return el(
      "div",
      { class: "choices", role: "group", "aria-label": this.words.say("choices") },
      ...choices.map(button),
    );
  }

  /**
   * @param {string} address
   * @param {string} author
   */
  picture(address, author) {
    const url = URL.canParse(address, this.context.base.href) ? new URL(address, this.context.base) : null;
    if (!url || !["https:", "http:"].includes(url.protocol)) return null;
    return el("img", {
      class: "picture",
      src: url.href,
      alt: this.words.say("image", { name: author }),
      loading: "lazy",
    });
  }

  /**
   * @param {Line} line
   * @param {...import("../shared/dom.js").Child} more
   */
  foot(line, ...more) {
    const locale = this.context.locale();
    const time = el("time", {
      datetime: line.at,
      title: dateAndTime(line.at, locale),
      text: clock(line.at, locale),
    });
    return el("div", { class: "foot" }, ...more, time);
  }

  /**
   * What has become of the customer's newest message, where a person may read it.
   * @param {Line} line
   * @param {Line[]} lines
   * @returns {"read" | "delivered" | undefined}
   */
  receipt(line, lines) {
    const { state, readByAgent } = this.conversation;
    if (line.from !== "customer" || line.seq === undefined || !this.conversation.withPeople) return undefined;
    const read = line.seq <= readByAgent;
    const later = lines.some(
      (other) =>
        other.from === "customer" &&
        other.seq !== undefined &&
        other.seq > (line.seq ?? 0) &&
        (!read || other.seq <= readByAgent),
    );
    if (later) return undefined;
    if (read) return "read";
    return state === "agent" ? "delivered" : undefined;
  }

  /** @param {"read" | "delivered"} receipt */
  receiptSign(receipt) {
    return el(
      "span",
      { class: "receipt", dataset: { testid: "receipt", receipt } },
      icon(receipt === "read" ? icons.receipt : icons.check),
      this.words.say(receipt),
    );
  }

  /**
   * @param {import("./api.js").Attachment[]} attachments
   * @param {string} author
   */
  attachments(attachments, author) {
    return el("div", { class: "attachments" }, ...attachments.map((file) => this.attachment(file, author)));
  }

  /**
   * A file as a link; its address expires, so an old one is asked for anew before it is followed.
   * @param {import("./api.js").Attachment} file
   * @param {string} author
   */
  attachment(file, author) {
    const shown = size(file.size, this.context.locale());
    const label = this.words.say("file_open", { name: file.name, size: shown });
    const made = Date.now();
    const link = el(
      "a",
      {
        class: file.type.startsWith("image/") ? "file picture-file" : "file",
        href: new URL(file.url, this.context.base).href,
        target: "_blank",
        rel: "noopener",
        "aria-label": label,
        title: label,
        dataset: { testid: "attachment" },
      },
      ...(file.type.startsWith("image/")
        ? [this.picture(file.url, author)]
        : [
            el("span", { class: "file-sign" }, icon(icons.file)),
            el(
              "span",
              { class: "file-text" },
              el("span", { class: "file-name", dir: "auto", text: file.name }),
              el("span", { class: "file-size", text: shown }),
            ),
          ]),
    );
    link.addEventListener("click", (event) => {
      if (Date.now() - made < ADDRESS_GOOD_FOR) return;
      event.preventDefault();
      this.follow(file.id);
    });
    return link;
  }

  /** @param {string} id open a file by a new address */
  async follow(id) {
    const { conversation } = this;
    const who = conversation.remembered;
    if (!who) return;
    await conversation.attempt(async () => {
      const { file } = await conversation.api.file(who, id);
      el("a", { href: new URL(file.url, this.context.base).href, target: "_blank", rel: "noopener" }).click();
    });
  }

  /**
   * @param {number} seq
   * @param {string} [rating]
   */
  thumbs(seq, rating) {
    const thumb = (/** @type {"up" | "down"} */ value) => {
      const label = this.words.say(value === "up" ? "helpful" : "not_helpful");
      return el(
        "button",
        {
          type: "button",
          class: "thumb",
          "aria-pressed": String(rating === value),
          "aria-label": label,
          title: label,
          dataset: { testid: `rate-${value}`, focus: `rate-${value}` },
          on: { click: () => this.conversation.rate(seq, value) },
        },
        icon(value === "up" ? icons.up : icons.notUp),
      );
    };
    return [
      thumb("up"),
      thumb("down"),
      rating ? el("span", { class: "thanks", text: this.words.say("thanks") }) : null,
    ].filter((node) => node !== null);
  }

  /**
   * @param {Outgoing} outgoing
   * @param {boolean} waiting
   */
  delivery(outgoing, waiting) {
    const action = (/** @type {string} */ word, /** @type {() => void} */ run) =>
      el("button", {
        type: "button",
        class: "link",
        dataset: { testid: word },
        text: this.words.say(word),
        on: { click: run },
      });
    const retry = () => action("retry", () => this.conversation.retry(outgoing.key));
    if (outgoing.status === "failed") {
      return el(
        "div",
        { class: "foot shown failed" },
        icon(icons.alert),
        el("span", {
          text: outgoing.reason ? this.words.refusal(outgoing.reason) : this.words.say("failed"),
        }),
        !outgoing.final && retry(),
        outgoing.payload
          ? action("discard", () => this.conversation.discard(outgoing.key))
          : action("edit", () => this.edit(outgoing)),
      );
    }
    return el(
      "div",
      { class: "foot shown" },
      el("span", { text: this.words.say(waiting ? "waiting_for_connection" : "pending") }),
      waiting && !this.conversation.offline && retry(),
    );
  }

  /**
   * Take a message that was refused back to where it is written.
   * @param {Outgoing} outgoing
   */
  edit(outgoing) {
    this.conversation.discard(outgoing.key);
    this.context.edit(outgoing.text);
  }

  renderTyping() {
    const { typing, agent } = this.conversation;
    this.typing.hidden = !typing;
    if (!typing) return;
    const name = typing === "agent" ? (agent?.name ?? this.words.say("agent")) : this.words.say("assistant");
    if (this.typing.dataset.name === name) return;
    Object.assign(this.typing.dataset, { name, from: typing });
    fill(
      this.typing,
      this.avatar(typing, name),
      el("span", { class: "visually-hidden", text: this.words.say("typing", { name }) }),
      el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
    );
  }

  // Keeping what is there

  /**
   * @param {Entry} entry
   * @param {number} at
   */
  place(entry, at) {
    const known = this.drawn.get(entry.key);
    let node = known?.node;
    if (!node || known?.signature !== entry.signature) {
      const replacement = entry.make();
      if (node) {
        // It was read out when it came; a change of its buttons or its standing is no news.
        replacement.setAttribute("aria-live", "off");
        replaceKeepingFocus(node, replacement);
      }
      node = replacement;
      this.drawn.set(entry.key, { signature: entry.signature, node });
    }
    if (this.list.children[at] !== node) this.list.insertBefore(node, this.list.children[at] ?? null);
  }

  /** @param {Set<string>} keys */
  forgetOthers(keys) {
    for (const [key, { node }] of this.drawn) {
      if (keys.has(key)) continue;
      node.remove();
      this.drawn.delete(key);
    }
  }

  // Where it is scrolled to

  /** @param {(HTMLElement | undefined)[]} arrived */
  afterRender(arrived) {
    const others = arrived.filter((node) => node?.dataset.from && node.dataset.from !== "customer");
    const own = arrived.some((node) => node?.dataset.from === "customer");
    if (!this.settled || own) this.toEnd(this.settled ? "smooth" : "instant");
    else if (this.following) this.toEnd("smooth", others[0]);
    else this.unseen += others.length;
    this.showPill();
  }

  /**
   * Scroll to the end, but never so far that the start of what just arrived is lost.
   * @param {ScrollBehavior} behavior
   * @param {HTMLElement} [start]
   */
  toEnd(behavior, start) {
    const { scroller } = this;
    const end = scroller.scrollHeight - scroller.clientHeight;
    const top = start ? Math.min(end, start.offsetTop - 12) : end;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.following = top >= end - NEAR_END;
    scroller.scrollTo({ top, behavior: still ? "instant" : behavior });
    this.showPill();
  }

  scrolled() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    this.following = scrollHeight - clientHeight - scrollTop < NEAR_END;
    this.showPill();
  }

  showPill() {
    if (this.following) this.unseen = 0;
    const label = this.words.say(this.unseen ? "new_messages" : "to_latest");
    this.pill.hidden = this.following;
    this.pill.classList.toggle("news", this.unseen > 0);
    this.pill.setAttribute("aria-label", label);
    setText(/** @type {Element} */ (this.pill.lastElementChild), this.unseen ? label : "");
  }
}

/**
 * @param {Line | undefined} before
 * @param {Line | undefined} after
 */
function together(before, after) {
  if (!before || !after || before.from !== after.from || before.author !== after.author) return false;
  return dayKey(before.at) === dayKey(after.at) && Date.parse(after.at) - Date.parse(before.at) < TOGETHER;
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} replacement
 */
function replaceKeepingFocus(old, replacement) {
  const focused = /** @type {HTMLElement | null} */ (old.querySelector("[data-focus]:focus"));
  old.replaceWith(replacement);
  if (!focused) return;
  /** @type {HTMLElement | null} */ (
    replacement.querySelector(`[data-focus="${focused.dataset.focus}"]`)
  )?.focus();
}
