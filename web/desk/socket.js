// @ts-check
/**
 * The live connection to the desk service. It reconnects by itself, slower each time, at once when
 * the browser comes back online, and says how it stands through `onState`.
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 20_000;
const SILENCE_MS = 45_000;

/** @typedef {"connecting"|"open"|"lost"|"closed"} SocketState */

export class DeskSocket {
  /**
   * @param {object} handlers
   * @param {(frame: any) => void} handlers.onFrame
   * @param {(state: SocketState, retryAt: number|null) => void} handlers.onState
   */
  constructor({ onFrame, onState }) {
    this.onFrame = onFrame;
    this.onState = onState;
    /** @type {WebSocket|null} */
    this.socket = null;
    this.wait = FIRST_WAIT_MS;
    this.open = false;
    this.stopped = true;
    this.lastHeard = 0;
    this.retryTimer = 0;
    this.pingTimer = 0;
    this.retryNow = () => {
      if (!this.stopped && !this.socket) this.connect();
    };
    this.drop = () => {
      const dead = this.socket;
      if (!dead) return;
      this.lost();
      dead.close();
    };
  }

  /** Opens the connection and keeps it open until `stop`. */
  start() {
    if (!this.stopped) return;
    this.stopped = false;
    window.addEventListener("online", this.retryNow);
    window.addEventListener("offline", this.drop);
    this.connect();
  }

  /** Closes the connection for good. */
  stop() {
    this.stopped = true;
    window.removeEventListener("online", this.retryNow);
    window.removeEventListener("offline", this.drop);
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    socket?.close();
    this.onState("closed", null);
  }

  /**
   * Sends a frame if the connection is open; presence and pings may be lost without harm.
   * @param {object} frame
   */
  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** @private */
  connect() {
    clearTimeout(this.retryTimer);
    this.onState("connecting", null);
    const url = new URL("/api/v1/desk/socket", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.addEventListener("open", () => {
      if (socket !== this.socket) return;
      this.lastHeard = Date.now();
      this.pingTimer = window.setInterval(() => this.checkPulse(), PING_MS);
      this.send({ type: "ping" });
    });
    socket.addEventListener("message", (event) => {
      if (socket !== this.socket) return;
      this.lastHeard = Date.now();
      this.answered();
      const frame = parse(event.data);
      if (frame) this.onFrame(frame);
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.lost();
    });
  }

  /** @private A connection counts as open once the other side has said something. */
  answered() {
    if (this.open) return;
    this.open = true;
    this.wait = FIRST_WAIT_MS;
    this.onState("open", null);
  }

  /** @private A connection that has gone quiet is dead even if the browser has not noticed. */
  checkPulse() {
    if (Date.now() - this.lastHeard > SILENCE_MS) this.drop();
    else this.send({ type: "ping" });
  }

  /** @private */
  lost() {
    this.socket = null;
    this.open = false;
    clearInterval(this.pingTimer);
    if (this.stopped) return;
    const pause = this.wait * (0.75 + Math.random() * 0.5);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    this.onState("lost", Date.now() + pause);
    this.retryTimer = window.setTimeout(this.retryNow, pause);
  }
}

/** @param {unknown} data */
function parse(data) {
  try {
    const frame = JSON.parse(String(data));
    return frame && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}
