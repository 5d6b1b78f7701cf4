// @ts-check
/** Files that a customer is about to send: chosen, dropped or pasted, uploaded at once, kept until sent. */
import { el, fill, icon } from "../shared/dom.js";
import { size } from "../shared/bytes.js";
import { ApiError, randomKey } from "../shared/http.js";
import { icons } from "./icons.js";

const MOST = 10;
/** Tried again where the network failed or the desk was busy, before the customer is told. */
const TRIES = 3;
const PAUSE = 1_500;
/** The side of a small picture, in pixels of the sharpest screens. */
const SIDE = 108;

/**
 * @typedef {import("./api.js").Attachment} Attachment
 * @typedef {{key: string, file: File, share: number, done: Attachment | null, fault: string | null,
 *   stop: AbortController, picture: HTMLCanvasElement | null}} Upload
 */

export class Files {
  /**
   * @param {import("./conversation.js").Conversation} conversation
   * @param {import("./words.js").Words} words
   * @param {{locale: () => string | undefined, changed: () => void}} context
   */
  constructor(conversation, words, context) {
    this.conversation = conversation;
    this.words = words;
    this.context = context;
    /** @type {Upload[]} */
    this.uploads = [];
    this.tooMany = false;
    this.picker = el("input", {
      type: "file",
      multiple: true,
      hidden: true,
      tabindex: "-1",
      "aria-hidden": "true",
      dataset: { testid: "file-picker" },
      on: { change: () => this.picked() },
    });
    this.button = el(
      "button",
      {
        type: "button",
        class: "attach",
        "aria-label": words.say("attach"),
        title: words.say("attach"),
        dataset: { testid: "attach" },
        on: { click: () => this.picker.click() },
      },
      icon(icons.clip),
    );
    this.tray = el("ul", {
      class: "tray",
      hidden: true,
      "aria-label": words.say("attached"),
      dataset: { testid: "tray" },
    });
    this.note = el("p", { class: "tray-note", role: "status", hidden: true });
  }

  /** Whether something is on its way that a message would leave behind. */
  get busy() {
    return this.uploads.some((upload) => !upload.done && !upload.fault);
  }

  /** Whether there is anything to send. */
  get ready() {
    return !this.busy && this.uploads.some((upload) => upload.done);
  }

  /** What was uploaded, for the message that takes it along. */
  take() {
    const done = this.uploads.flatMap((upload) => upload.done ?? []);
    this.uploads = [];
    this.draw();
    return done;
  }

  /** Leave everything behind. */
  clear() {
    for (const upload of this.uploads) upload.stop.abort();
    this.uploads = [];
    this.draw();
  }

  picked() {
    this.add([...(this.picker.files ?? [])]);
    this.picker.value = "";
  }

  /** @param {DataTransfer | null} data what was dropped or pasted */
  taken(data) {
    const files = [...(data?.files ?? [])];
    this.add(files);
    return files.length > 0;
  }

  /** @param {File[]} files */
  add(files) {
    this.tooMany = this.uploads.length + files.length > MOST;
    for (const file of files.slice(0, MOST - this.uploads.length)) {
      /** @type {Upload} */
      const upload = {
        key: randomKey(),
        file,
        share: 0,
        done: null,
        fault: null,
        stop: new AbortController(),
        picture: null,
      };
      this.start(upload);
      this.show(upload);
    }
    this.draw();
  }

  /** @param {Upload} upload */
  async start(upload) {
    this.uploads.push(upload);
    const { signal } = upload.stop;
    for (let left = TRIES; left > 0 && !upload.done && !signal.aborted; left -= 1) {
      try {
        const who = await this.conversation.here();
        const told = (/** @type {number} */ share) => this.progress(upload, share);
        upload.done = await this.conversation.api.upload(who, upload.key, upload.file, told, signal);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (signal.aborted) return;
        if (!error.retryable || left === 1) {
          upload.fault = error.code;
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.max(PAUSE, error.retryAfter * 1000)));
      }
    }
    this.draw();
  }

  /** @param {Upload} upload shown small if it is a picture that the browser can read */
  async show(upload) {
    if (!upload.file.type.startsWith("image/")) return;
    upload.picture = await small(upload.file);
    this.draw();
  }

  /**
   * @param {Upload} upload
   * @param {number} share
   */
  progress(upload, share) {
    upload.share = share;
    const bar = /** @type {HTMLProgressElement | null} */ (
      this.tray.querySelector(`[data-key="${upload.key}"] progress`)
    );
    if (bar) bar.value = share;
  }

  /** @param {Upload} upload */
  remove(upload) {
    upload.stop.abort();
    this.uploads = this.uploads.filter((one) => one !== upload);
    this.tooMany = false;
    this.draw();
    const { remembered, api } = this.conversation;
    const { done } = upload;
    if (done && remembered) this.conversation.attempt(() => api.takeBack(remembered, done.id), true);
  }

  draw() {
    fill(this.tray, ...this.uploads.map((upload) => this.entry(upload)));
    this.tray.hidden = this.uploads.length === 0;
    this.note.hidden = !this.tooMany;
    this.note.textContent = this.tooMany ? this.words.say("attach_too_many", { count: MOST }) : "";
    this.context.changed();
  }

  /** @param {Upload} upload */
  entry(upload) {
    const { file, picture, fault, done } = upload;
    const status = fault
      ? el("span", { class: "tray-fault", text: this.words.refusal(fault) })
      : done
        ? el("span", { class: "tray-size", text: size(file.size, this.context.locale()) })
        : el("progress", {
            value: upload.share,
            max: 1,
            "aria-label": this.words.say("attach_uploading", { name: file.name }),
          });
    return el(
      "li",
      { class: fault ? "tray-entry failed" : "tray-entry", dataset: { key: upload.key, testid: "upload" } },
      el("span", { class: "tray-picture" }, fault ? icon(icons.alert) : (picture ?? icon(icons.file))),
      el(
        "span",
        { class: "tray-text" },
        el("span", { class: "tray-name", dir: "auto", text: file.name }),
        status,
      ),
      el(
        "button",
        {
          type: "button",
          class: "plain",
          "aria-label": this.words.say("attach_remove", { name: file.name }),
          title: this.words.say("attach_remove", { name: file.name }),
          on: { click: () => this.remove(upload) },
        },
        icon(icons.close),
      ),
    );
  }
}

/**
 * The middle of a picture on a canvas: unlike an image with the file's address it is drawn whatever a shop's
 * page allows its pictures to come from.
 * @param {File} file
 */
async function small(file) {
  try {
    const picture = await createImageBitmap(file);
    const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
    const scale = SIDE / Math.min(picture.width, picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d")?.drawImage(picture, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    picture.close();
    return canvas;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
