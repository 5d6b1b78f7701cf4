// @ts-check
/** Tells the colleagues which group an operator has in front, once they rest on it. */
import { ApiError } from "../../../shared/http.js";
import * as calls from "./calls.js";

const REST_MS = 350;
const AGAIN_MS = 30_000;

export class Focus {
  constructor() {
    /** @type {string|null} what the colleagues were told last */
    this.told = null;
    this.timer = 0;
  }

  /** Keeps what was told fresh until `signal` ends it. @param {AbortSignal} signal */
  start(signal) {
    const again = setInterval(() => this.told && void send(this.told), AGAIN_MS);
    signal.addEventListener("abort", () => {
      clearInterval(again);
      clearTimeout(this.timer);
      if (this.told) void send(null);
    });
  }

  /** @param {string|null} group */
  on(group) {
    clearTimeout(this.timer);
    if (group === this.told) return;
    this.timer = window.setTimeout(() => {
      this.told = group;
      void send(group);
    }, REST_MS);
  }
}

/** @param {string|null} group */
async function send(group) {
  try {
    await calls.focus(group);
  } catch (error) {
    // That colleagues do not see it costs nothing: two who label the same are told so.
    if (!(error instanceof ApiError)) throw error;
  }
}
