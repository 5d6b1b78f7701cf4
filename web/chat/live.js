// @ts-check
/**
 * What happens in a conversation, as it happens: over a WebSocket, found again after every break from the
 * last seq known; over long polling where sockets do not get through. Frames look the same either way.
 */
import { ApiError } from "../shared/http.js";

const FIRST_FRAME = 8_000;
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;
const POLL_WAIT = 20;
const POLL_WAIT_QUEUED = 8;
/** How long polling serves before the socket is tried again; it doubles up to the longest. */
const POLL_FOR = 20_000;
const POLL_FOR_LONGEST = 300_000;

/**
 * @typedef {import("./api.js").Api} Api
 * @typedef {import("./api.js").Credentials} Credentials
 * @typedef {{
 *   after: () => number,
 *   waiting: () => boolean,
 *   frame: (frame: any) => void,
 *   connected: (connected: boolean) => void,
 *   refused: () => void,
 * }} Listener `after` is the last seq without a hole before it; `waiting` asks for fresher queue positions
 */

export class Live {
  /**
   * @param {Api} api
   * @param {Credentials} who
   * @param {Listener} listener
   */
  constructor(api, who, listener) {
    this.api = api;
    this.who = who;
    this.listener = listener;
    this.stopped = new AbortController();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.wake = () => {};
    this.check = () => {};
    const { signal } = this.stopped;
    window.addEventListener("online", () => this.nudge(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.nudge(), { signal });
    this.run();
  }

  stop() {
    this.stopped.abort();
    this.socket?.close();
    this.wake();
  }

  /** Try again now, or find out now whether an open socket is still alive. */
  nudge() {
    this.wake();
    this.check();
  }

  /**
   * @param {object} frame lost when no socket is open, so for passing signals only
   * @returns {boolean} whether it was sent
   */
  signal(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  async run() {
    let failures = 0;
    let pollFor = POLL_FOR;
    while (!this.stopped.signal.aborted) {
      if (await this.overSocket()) {
        failures = 0;
        pollFor = POLL_FOR;
      } else if (await this.overPolling(pollFor)) {
        failures = 0;
        pollFor = Math.min(POLL_FOR_LONGEST, pollFor * 2);
        continue;
      } else failures += 1;
      if (this.stopped.signal.aborted) return;
      this.listener.connected(false);
      await this.pause(Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
    }
  }

  /**
   * Serve over a socket until it ends.
   * @returns {Promise<boolean>} whether it ever worked
   */
  overSocket() {
    return new Promise((resolve) => {
      let worked = false;
      /** @type {number | undefined} */
      let overdue;
      const socket = new WebSocket(this.api.socketAddress(this.who, this.listener.after()));
      this.socket = socket;
      const expect = (/** @type {number} */ within) => {
        clearTimeout(overdue);
        overdue = setTimeout(finish, within);
      };
      this.check = () => {
        if (socket.readyState !== WebSocket.OPEN) return;
        socket.send('{"type":"ping"}');
        expect(PONG_WITHIN);
      };
      const pulse = setInterval(() => this.check(), PING_EVERY);
      const finish = () => {
        clearTimeout(overdue);
        clearInterval(pulse);
        this.check = () => {};
        this.socket = null;
        socket.onclose = socket.onmessage = null;
        socket.close();
        resolve(worked);
      };
      expect(FIRST_FRAME);
      socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token: this.who.token }));
      socket.onclose = finish;
      socket.onmessage = (event) => {
        clearTimeout(overdue);
        const frame = JSON.parse(event.data);
        if (frame.type === "snapshot") {
          worked = true;
          this.listener.connected(true);
        }
        this.listener.frame(frame);
      };
    });
  }

  /**
   * Serve over long polling for a while.
   * @param {number} time milliseconds
   * @returns {Promise<boolean>} whether it worked until the end
   */
  async overPolling(time) {
    const until = Date.now() + time;
    let wait = 0;
    while (!this.stopped.signal.aborted && Date.now() < until) {
      try {
        const answer = await this.api.poll(this.who, this.listener.after(), wait, this.stopped.signal);
        this.listener.connected(true);
        this.listener.frame({ type: "snapshot", ...answer });
        wait = this.listener.waiting() ? POLL_WAIT_QUEUED : POLL_WAIT;
      } catch (error) {
        if (this.stopped.signal.aborted) return true;
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 401 || error.status === 403 || error.status === 404) {
          this.stop();
          this.listener.refused();
        }
        return false;
      }
    }
    return true;
  }

  /** @param {number} time milliseconds, cut short by {@link nudge} and {@link stop} */
  pause(time) {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const timer = setTimeout(resolve, time);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      })
    );
  }
}
