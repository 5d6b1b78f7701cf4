// @ts-check
/**
 * `<steward-chat>`: the launcher and the panel in a shadow root of their own.
 *
 * A shop may place the element itself, with `theme="light"` or `"dark"` when its page has only one, and
 * sets the tokens of `web/shared/tokens.css` on it to change its looks. Anything on the page with
 * `data-steward-ask="a question"` asks it in the chat; `data-steward-open` opens the chat.
 */
import { el, icon, setText } from "../shared/dom.js";
import { ApiError, text } from "../shared/http.js";
import { Api } from "./api.js";
import { Conversation } from "./conversation.js";
import { icons } from "./icons.js";
import { Panel } from "./panel.js";
import { Storage } from "./storage.js";
import { Words } from "./words.js";

const NARROW = "(max-width: 560px), (max-height: 460px)";
const SHEETS = ["web/shared/tokens.css", "web/chat/chat.css"];
const TRY_AGAIN = 15_000;

/** @type {URL} */
let base;
/** @type {() => MouseEvent | null} */
let takeClick;
/** @type {CSSStyleSheet[] | undefined} */
let loaded;

/**
 * Define the element and make sure the page has one.
 * @param {URL} desk where the desk is served
 * @param {() => MouseEvent | null} clicked ends the wait for the chat; a click on the page that waited for it
 */
export function install(desk, clicked) {
  base = desk;
  takeClick = clicked;
  if (!customElements.get("steward-chat")) customElements.define("steward-chat", StewardChat);
  if (!document.querySelector("steward-chat")) document.body.append(document.createElement("steward-chat"));
}

export class StewardChat extends HTMLElement {
  constructor() {
    super();
    this.shadow = this.attachShadow({ mode: "open" });
    /** @type {Panel | null} */
    this.panel = null;
    /** @type {Conversation | null} */
    this.conversation = null;
    /** @type {AbortController | null} */
    this.lifetime = null;
  }

  connectedCallback() {
    this.lifetime = new AbortController();
    this.session = new Storage(base, () => sessionStorage);
    this.start(this.lifetime.signal);
  }

  disconnectedCallback() {
    this.lifetime?.abort();
    this.conversation?.stop();
    this.panel?.stop();
    this.holdPage(false);
    this.conversation = this.panel = null;
    this.shadow.replaceChildren();
  }

  get isOpen() {
    return this.panel !== null && !this.panel.node.hidden;
  }

  /** Open the chat and put the focus into it. */
  open() {
    this.toggleAttribute("settled", false);
    this.show(true);
    this.panel?.focus();
  }

  /** Close the chat and give the focus back to its launcher. */
  close() {
    this.show(false);
    this.launcher?.focus();
  }

  /**
   * Open the chat with a question: asked at once, or left for the customer to send while they talk with
   * a person or have begun to write something else.
   * @param {string} text
   */
  ask(text) {
    if (!this.panel || !this.conversation) return;
    this.open();
    const writing = this.panel.composer.input.value.trim() !== "";
    if (!this.conversation.withPeople && !writing) this.conversation.say(text);
    else if (!writing) this.panel.composer.prefill(text);
  }

  /**
   * Who the customer is by the word of the shop's page: the attribute `identity` as JSON, with the signature
   * of the shop's server. What is not an object is left out.
   * @returns {object | undefined}
   */
  identity() {
    try {
      const identity = JSON.parse(this.getAttribute("identity") ?? "null");
      return identity !== null && typeof identity === "object" ? identity : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** @param {AbortSignal} signal */
  async start(signal) {
    const storage = new Storage(base);
    const api = new Api(base);
    while (!signal.aborted) {
      const [widget, styles] = await Promise.all([words(api, storage), looks()]);
      if (signal.aborted) return;
      if (widget && styles) {
        this.shadow.adoptedStyleSheets = styles;
        this.build(new Conversation(api, storage, () => this.identity()), widget);
        this.listen(signal);
        const click = takeClick();
        if (click) this.pageClicked(click);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN));
    }
  }

  /**
   * @param {Conversation} conversation
   * @param {import("./api.js").Widget} widget
   */
  build(conversation, widget) {
    const words = new Words(widget.words);
    this.words = words;
    this.conversation = conversation;
    this.panel = new Panel(conversation, widget, words, { base, close: () => this.close() });
    this.badge = el("span", {
      class: "badge",
      hidden: true,
      "aria-hidden": "true",
      dataset: { testid: "unread" },
    });
    this.launcher = el(
      "button",
      {
        type: "button",
        class: "launcher",
        "aria-expanded": "false",
        "aria-controls": "panel",
        dataset: { testid: "launcher" },
        on: { click: () => (this.isOpen ? this.close() : this.open()) },
      },
      icon(icons.chat),
      el("span", { class: "launcher-text", "aria-hidden": "true", text: words.say("launcher") }),
      this.badge,
    );
    this.news = el("p", { class: "visually-hidden", role: "status" });
    this.shadow.replaceChildren(this.panel.node, this.launcher, this.news);
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const { conversation } = this;
    conversation?.addEventListener("change", () => this.render(), { signal });
    this.shadow.addEventListener("keydown", (event) => this.key(/** @type {KeyboardEvent} */ (event)), {
      signal,
    });
    document.addEventListener("click", (event) => this.pageClicked(event), { signal });
    document.addEventListener("visibilitychange", () => this.render(), { signal });
    matchMedia(NARROW).addEventListener("change", () => this.fit(), { signal });
    for (const event of ["resize", "scroll"])
      window.visualViewport?.addEventListener(event, () => this.fit(), { signal });
    conversation?.resume();
    if (conversation?.linked) this.open();
    else if (this.session?.read("open") && !matchMedia(NARROW).matches) {
      this.toggleAttribute("settled", true);
      this.show(true);
    }
    this.render();
  }

  render() {
    const { conversation, panel, words } = this;
    if (!conversation || !panel || !words) return;
    if (this.isOpen) {
      panel.render();
      if (!document.hidden) conversation.markRead();
    }
    const unread = this.isOpen ? 0 : conversation.unread;
    const told = unread ? words.say("unread", { count: unread }) : "";
    if (this.badge) {
      this.badge.hidden = unread === 0;
      setText(this.badge, unread > 9 ? "9+" : String(unread));
    }
    if (this.news) setText(this.news, told);
    this.launcher?.setAttribute(
      "aria-label",
      [words.say(this.isOpen ? "close" : "open"), told].filter(Boolean).join(". "),
    );
  }

  /** @param {boolean} open */
  show(open) {
    if (!this.panel || open === this.isOpen) return;
    this.panel.node.hidden = !open;
    this.panel.menu.close({ focus: false });
    this.toggleAttribute("open", open);
    this.launcher?.setAttribute("aria-expanded", String(open));
    this.session?.write("open", open || null);
    if (open) this.panel.log.settled = false;
    this.fit();
    this.render();
  }

  /** On a small screen the panel is the screen: as tall as what the keyboard leaves, the page held still. */
  fit() {
    if (!this.panel) return;
    const whole = this.isOpen && matchMedia(NARROW).matches;
    const view = window.visualViewport;
    const { style } = this.panel.node;
    if (whole && view) {
      style.setProperty("--view-height", `${view.height}px`);
      style.setProperty("--view-top", `${view.offsetTop}px`);
    } else {
      style.removeProperty("--view-height");
      style.removeProperty("--view-top");
    }
    this.panel.node.setAttribute("aria-modal", String(whole));
    this.holdPage(whole);
  }

  /** @param {boolean} hold */
  holdPage(hold) {
    if (hold === (this.heldOverflow !== undefined)) return;
    const { style } = document.documentElement;
    if (hold) {
      this.heldOverflow = style.overflow;
      style.overflow = "hidden";
    } else {
      style.overflow = this.heldOverflow ?? "";
      this.heldOverflow = undefined;
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.isOpen) return;
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab" && this.panel?.node.getAttribute("aria-modal") === "true")
      this.keepInside(event);
  }

  /**
   * While the panel is the whole screen, Tab goes round inside it.
   * @param {KeyboardEvent} event
   */
  keepInside(event) {
    const stops = /** @type {HTMLElement[]} */ ([
      ...(this.panel?.node.querySelectorAll(
        "button:not(:disabled), a[href], textarea, input:not([hidden]), [tabindex='0']",
      ) ?? []),
    ]).filter((node) => node.tabIndex >= 0 && node.getClientRects().length > 0);
    const last = stops.length - 1;
    const at = stops.indexOf(/** @type {HTMLElement} */ (this.shadow.activeElement));
    const leaving = event.shiftKey ? at === 0 : at === last;
    if (!leaving) return;
    event.preventDefault();
    stops[event.shiftKey ? last : 0].focus();
  }

  /** @param {MouseEvent} event */
  pageClicked(event) {
    const target =
      event.target instanceof Element
        ? event.target.closest("[data-steward-ask], [data-steward-open]")
        : null;
    if (!(target instanceof HTMLElement)) return;
    event.preventDefault();
    const question = target.dataset.stewardAsk;
    if (question) this.ask(question);
    else this.open();
  }
}

/**
 * The shop's words: from the desk, or as last seen while it cannot be reached.
 * @param {Api} api
 * @param {Storage} storage
 * @returns {Promise<import("./api.js").Widget | null>}
 */
async function words(api, storage) {
  try {
    const widget = await api.widget();
    storage.write("widget", widget);
    return widget;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return storage.read("widget");
  }
}

/**
 * The style sheets, loaded once for the page; null while the desk cannot be reached.
 * @returns {Promise<CSSStyleSheet[] | null>}
 */
async function looks() {
  try {
    loaded ??= await Promise.all(
      SHEETS.map(async (path) => new CSSStyleSheet().replace(await text(new URL(path, base)))),
    );
    return loaded;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}
