// @ts-check
/**
 * How new work makes itself known: the page's title, a sound, a desktop notification and a live
 * region for screen readers. Sound and notifications each have a switch.
 */
import { el } from "../../shared/dom.js";
import { reasonSign } from "../labels.js";
import { CHANGE } from "../state/change.js";
import { recall, remember } from "../storage.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Card} Card */
/** @typedef {"queue"|"message"|"safety"|"offer"} Tune */

/** Each tune as [frequency in Hz, start in s] with one length per tone. @type {Record<Tune, [number, number][]>} */
const TUNES = {
  queue: [
    [659, 0],
    [880, 0.14],
  ],
  message: [[740, 0]],
  offer: [
    [587, 0],
    [740, 0.12],
    [988, 0.24],
  ],
  safety: [
    [880, 0],
    [622, 0.16],
    [880, 0.32],
    [622, 0.48],
  ],
};
const TONE_SECONDS = 0.32;
const LOUDNESS = 0.14;
const QUOTE_LENGTH = 140;

export class Notifier {
  /**
   * @param {Desk} desk
   * @param {(id: string) => void} open shows a conversation when its notification is clicked
   */
  constructor(desk, open) {
    this.desk = desk;
    this.open = open;
    this.sound = recall("sound", true);
    this.desktop = recall("desktop", false) && this.desktopState() === "granted";
    this.page = "";
    /** @type {AudioContext|null} */
    this.audio = null;
    this.polite = el("div", { class: "visually-hidden", "aria-live": "polite", dataset: { testid: "announcer" } });
    this.urgent = el("div", { class: "visually-hidden", role: "alert" });
    document.body.append(this.polite, this.urgent);
    desk.addEventListener(CHANGE.work, (event) => this.announce(/** @type {CustomEvent} */ (event).detail));
    for (const kind of [CHANGE.cards, CHANGE.session, CHANGE.selection]) {
      desk.addEventListener(kind, () => this.updateTitle());
    }
    const wake = () => void this.player()?.resume();
    window.addEventListener("pointerdown", wake, { once: true });
    window.addEventListener("keydown", wake, { once: true });
  }

  /** @returns {NotificationPermission|"unsupported"} */
  desktopState() {
    return "Notification" in window ? Notification.permission : "unsupported";
  }

  /** @param {boolean} on */
  setSound(on) {
    this.sound = on;
    remember("sound", on);
    if (on) this.play("queue");
  }

  /**
   * Switches desktop notifications, asking the browser for permission when needed.
   * @param {boolean} on
   * @returns {Promise<string>} why it could not be switched on, or empty
   */
  async setDesktop(on) {
    const state = this.desktopState();
    if (on && state === "unsupported") return "This browser has no desktop notifications.";
    if (on && state === "default") await Notification.requestPermission();
    this.desktop = on && this.desktopState() === "granted";
    remember("desktop", this.desktop);
    return on && !this.desktop
      ? "Your browser blocks notifications for this page. Allow them in its site settings."
      : "";
  }

  /**
   * Says something to screen readers only.
   * @param {string} text
   * @param {boolean} [urgent]
   */
  say(text, urgent = false) {
    const region = urgent ? this.urgent : this.polite;
    region.replaceChildren(el("p", { text }));
  }

  /**
   * @param {{kind: "queue"|"message"|"offer"|"mention"|"undone", card: Card, id?: string,
   *   message?: import("../types.js").Message, note?: import("../types.js").Note}} work
   */
  announce(work) {
    if (work.kind === "message") this.announceMessage(work.card, quote(work.message?.text ?? ""));
    else if (work.kind === "queue") this.announceArrival(work.card);
    else if (work.kind === "offer") this.announceOffer(work.card);
    else if (work.kind === "mention" && work.id && work.note) this.announceMention(work.id, work.note);
  }

  /**
   * @param {Card} card
   * @param {string} words
   */
  announceMessage(card, words) {
    const name = this.desk.nameOf(card.id);
    if (card.id === this.desk.selected && this.desk.inSight && document.hasFocus()) {
      this.say(`${name}: ${words}`);
      return;
    }
    this.play("message");
    this.say(`New message from ${name}: ${words}`);
    this.pop(card.id, name, words);
  }

  /** @param {Card} card */
  announceArrival(card) {
    // What is offered to this agent is announced as an offer.
    if (this.desk.cards.offeredToMe(card)) return;
    const words = quote(card.preview ?? "");
    const name = this.desk.nameOf(card.id);
    const reason = reasonSign(card.reason)?.label ?? "New conversation";
    const safety = card.reason === "safety";
    this.play(safety ? "safety" : "queue");
    this.say(`New in the queue. ${reason}. ${words}`, safety);
    this.pop(card.id, safety ? `Safety: ${name} needs a person now` : `${reason}: ${name} is waiting`, words);
  }

  /** @param {Card} card */
  announceOffer(card) {
    const words = quote(card.preview ?? "");
    const reason = reasonSign(card.reason)?.label ?? "New conversation";
    this.play("offer");
    this.say(`Offered to you. ${reason}. ${words} Press A to accept, D to decline.`, true);
    this.pop(card.id, `Offered to you: ${reason}`, words);
  }

  /**
   * @param {string} id
   * @param {import("../types.js").Note} note
   */
  announceMention(id, note) {
    const words = quote(note.text);
    this.play("message");
    this.pop(id, `${note.author.name} mentioned you`, words);
    this.desk.notify({
      text: `${note.author.name} mentioned you: ${words}`,
      about: `mention ${note.id}`,
      tone: "info",
      action: { label: "Open", run: () => this.open(id) },
    });
  }

  /** The title of a page before the conversations, or empty. @param {string} title */
  setPage(title) {
    this.page = title;
    this.updateTitle();
  }

  updateTitle() {
    if (!this.desk.agent) {
      document.title = "Sign in · Steward desk";
      return;
    }
    const { cards } = this.desk;
    const queue = cards.inView("queue");
    const unread = cards.inView("mine").filter((card) => cards.unread(card) > 0).length;
    const count = queue.length + unread;
    const safety = queue.some((card) => card.reason === "safety");
    const page = this.page ? `${this.page} · ` : "";
    document.title = `${count ? `(${count}) ` : ""}${safety ? "⚠ Safety waiting · " : ""}${page}Steward desk`;
  }

  /** @private */
  player() {
    if (!this.audio && "AudioContext" in window) this.audio = new AudioContext();
    return this.audio;
  }

  /** @param {Tune} tune */
  play(tune) {
    if (!this.sound) return;
    const audio = this.player();
    if (!audio || audio.state !== "running") return;
    for (const [frequency, offset] of TUNES[tune]) {
      const start = audio.currentTime + offset;
      const tone = audio.createOscillator();
      const level = audio.createGain();
      tone.type = "sine";
      tone.frequency.value = frequency;
      level.gain.setValueAtTime(0, start);
      level.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
      level.gain.exponentialRampToValueAtTime(0.0001, start + TONE_SECONDS);
      tone.connect(level).connect(audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    }
  }

  /**
   * @private
   * @param {string} id
   * @param {string} title
   * @param {string} body
   */
  pop(id, title, body) {
    if (!this.desktop || document.hasFocus()) return;
    const note = new Notification(title, { body, tag: id, icon: "/web/desk/favicon.svg" });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
      this.open(id);
    });
  }
}

/** @param {string} text */
function quote(text) {
  return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH).trimEnd()}…` : text;
}
