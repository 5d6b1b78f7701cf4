// @ts-check
/** Files that go with the next reply: uploaded as soon as they are chosen, each with its progress. */
import { size } from "../../shared/bytes.js";
import { el, fill, setText } from "../../shared/dom.js";
import * as api from "../api.js";
import { sign } from "../icons.js";
import { iconButton } from "../pieces.js";

/** @typedef {import("../state/desk.js").Desk} Desk */
/** @typedef {import("../types.js").Attachment} Attachment */
/** @typedef {{file: File, node: HTMLElement, call: AbortController, stored: Attachment|null, failed: boolean}} Pending */

const LARGEST_BYTES = 10 * 1024 * 1024;
const MOST_FILES = 5;
const OFFICE = "application/vnd.openxmlformats-officedocument";
const TYPES = [
  ...["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv"],
  `${OFFICE}.wordprocessingml.document`,
  `${OFFICE}.spreadsheetml.sheet`,
  "application/vnd.oasis.opendocument.text",
];
export const FILE_TYPES = TYPES.join(",");

/** @type {Map<string, Attachments>} the files of each agent in each conversation, kept while the page is open */
const kept = new Map();

/**
 * The files that wait to be sent in a conversation.
 * @param {Desk} desk
 * @param {string} id
 */
export function attachmentsOf(desk, id) {
  const name = `${desk.agent?.id} ${id}`;
  const files = kept.get(name) ?? new Attachments(desk, id);
  kept.set(name, files);
  return files;
}

/** Dispatches "change" whenever there is another file or one has come further. */
class Attachments extends EventTarget {
  /**
   * @param {Desk} desk
   * @param {string} id
   */
  constructor(desk, id) {
    super();
    this.desk = desk;
    this.conversation = id;
    /** @type {Pending[]} */
    this.pending = [];
    this.tray = el("ul", { class: "tray", role: "list", "aria-label": "Files to send", dataset: { testid: "tray" } });
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Whether a file is still on its way up. */
  get busy() {
    return this.pending.some((one) => !one.stored && !one.failed);
  }

  /** The files that are stored and go with the reply. @returns {Attachment[]} */
  get ready() {
    return this.pending.flatMap((one) => one.stored ?? []);
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const problem = this.problem(file);
      if (problem) this.desk.notify({ text: problem, tone: "bad" });
      else void this.upload(file);
    }
  }

  /** @param {File} file */
  problem(file) {
    if (this.pending.length >= MOST_FILES) return `A reply takes ${MOST_FILES} files at most.`;
    if (!TYPES.includes(file.type))
      return `${file.name} cannot be sent. Pictures, PDF, text, Word and Excel files can.`;
    if (!file.size) return `${file.name} is empty.`;
    if (file.size > LARGEST_BYTES) return `${file.name} has ${size(file.size)}; ${size(LARGEST_BYTES)} are allowed.`;
    return "";
  }

  /** @param {File} file */
  async upload(file) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    const words = el("span", { class: "quiet", text: size(file.size) });
    const remove = iconButton({ label: `Remove ${file.name}`, icon: "close", testid: "file-remove" });
    const face = el("span", { class: "tray-face" }, sign(file.type.startsWith("image/") ? "eye" : "file"));
    const node = el(
      "li",
      { class: "tray-file", dataset: { testid: "tray-file", state: "uploading" } },
      face,
      el("span", { class: "tray-words" }, el("span", { class: "tray-name", text: file.name }), words, bar),
      remove,
    );
    /** @type {Pending} */
    const one = { file, node, call: new AbortController(), stored: null, failed: false };
    remove.addEventListener("click", () => this.remove(one));
    this.pending.push(one);
    this.tray.append(node);
    this.changed();
    try {
      const watch = { progress: (/** @type {number} */ share) => (bar.value = share), signal: one.call.signal };
      one.stored = await api.uploadFile(this.conversation, file, watch);
      node.dataset.state = "stored";
      if (file.type.startsWith("image/")) fill(face, el("img", { src: one.stored.url, alt: "" }));
    } catch (error) {
      one.failed = true;
      node.dataset.state = "failed";
      setText(words, this.desk.refusal(error).message);
    }
    bar.remove();
    this.changed();
  }

  /** @param {Pending} one */
  remove(one) {
    one.call.abort();
    one.node.remove();
    this.pending = this.pending.filter((other) => other !== one);
    if (one.stored) void this.takeBack(one.stored);
    this.changed();
  }

  /** @param {Attachment} file */
  async takeBack(file) {
    try {
      await api.dropFile(this.conversation, file.id);
    } catch (error) {
      // A file that is never sent is removed by the desk itself after a while.
      this.desk.refusal(error);
    }
  }

  /** Hands over the files that are stored and begins anew. */
  take() {
    const files = this.ready;
    this.pending = [];
    fill(this.tray);
    return files;
  }
}
