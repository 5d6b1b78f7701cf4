// @ts-check
/**
 * How new work makes itself known: the page's title, a sound, a desktop notification and a live
 * region for screen readers. Sound and notifications each have a switch.
 */
import { el } from "../shared/dom.js";
import { CHANGE } from "./desk.js";
import { reasonSign, visitorName } from "./labels.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./types.js").Card} Card */
/** @typedef {"queue"|"message"|"safety"} Tune */

/** Each tune as [frequency in Hz, start in s] with one length per tone. @type {Record<Tune, [number, number][]>} */
const TUNES = {
  queue: [
    [659, 0],
    [880, 0.14],
  ],
  message: [[740, 0]],
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

  /** @param {{kind: "queue"|"message", card: Card, message?: import("./types.js").Message}} work */
  announce({ kind, card, message }) {
    const name = visitorName(card.id);
    const words = quote(message?.text ?? card.preview ?? "");
    if (kind === "message") {
      if (card.id === this.desk.selected && document.hasFocus()) {
        this.say(`${name}: ${words}`);
        return;
      }
      this.play("message");
      this.say(`New message from ${name}: ${words}`);
      this.pop(card, name, words);
      return;
    }
    const reason = reasonSign(card.reason)?.label ?? "New conversation";
    const safety = card.reason === "safety";
    this.play(safety ? "safety" : "queue");
    this.say(`New in the queue. ${reason}. ${words}`, safety);
    this.pop(card, safety ? `Safety: ${name} needs a person now` : `${reason}: ${name} is waiting`, words);
  }

  updateTitle() {
    if (!this.desk.agent) {
      document.title = "Sign in · Steward desk";
      return;
    }
    const queue = this.desk.inView("queue");
    const unread = this.desk.inView("mine").filter((card) => this.desk.unread(card) > 0).length;
    const count = queue.length + unread;
    const safety = queue.some((card) => card.reason === "safety");
    document.title = `${count ? `(${count}) ` : ""}${safety ? "⚠ Safety waiting · " : ""}Steward desk`;
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
   * @param {Card} card
   * @param {string} title
   * @param {string} body
   */
  pop(card, title, body) {
    if (!this.desktop || document.hasFocus()) return;
    const note = new Notification(title, { body, tag: card.id, icon: "/web/desk/favicon.svg" });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
      this.open(card.id);
    });
  }
}

/** @param {string} text */
function quote(text) {
  return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH).trimEnd()}…` : text;
}
