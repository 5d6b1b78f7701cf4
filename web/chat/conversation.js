// @ts-check
/**
 * The customer's conversation as this browser knows it: what was said, who answers, what is still on its
 * way. It exists on the desk from the first message on. Every change raises one `change` event.
 */
import { ApiError, randomKey } from "../shared/http.js";
import { Live } from "./live.js";
import { Thread } from "./thread.js";

/** A reply that takes longer than this is not shown as being written any more. */
const BOT_TYPING = 20_000;
const AGENT_TYPING = 6_000;
const TYPING_EVERY = 3_000;
/** A break shorter than this mends itself before anybody needs to know. */
const BREAK_NOTICED = 2_500;
const REFUSALS_BEFORE_FAILED = 5;
/** What could not be sent for this long is not sent unasked when the customer returns. */
const STALE_AFTER = 3_600_000;
/** The desk will never take such a message as it is. */
const UNACCEPTABLE = new Set([400, 413, 422]);
const WITH_PEOPLE = new Set(["queued", "offered", "deferred", "agent"]);

/**
 * @typedef {import("./api.js").Api} Api
 * @typedef {import("./api.js").Credentials} Credentials
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./storage.js").Storage} Storage
 * @typedef {import("./api.js").Attachment} Attachment
 * @typedef {{key: string, text: string, payload?: string, files?: Attachment[], at: string,
 *   status: "pending" | "failed", reason?: string, final?: boolean, tries: number,
 *   restarted?: boolean}} Outgoing
 * @typedef {{id: string, token: string, read: number, ratings: Record<string, string>,
 *   chosen: Record<string, string>}} Remembered
 */

export class Conversation extends EventTarget {
  /**
   * @param {Api} api
   * @param {Storage} storage
   * @param {() => object | undefined} [identity] who the customer is by the shop's own word
   */
  constructor(api, storage, identity = () => undefined) {
    super();
    this.identity = identity;
    this.thread = new Thread();
    /** @type {Remembered | null} */
    this.remembered = null;
    /** @type {Credentials | null} the conversation that the next one carries on */
    this.previous = null;
    this.state = "bot";
    this.epoch = 0;
    /** @type {{name: string} | null} */
    this.agent = null;
    /** @type {{position: number | null, since: number, expected: import("./api.js").Range | null} | null} */
    this.queue = null;
    /** Whether the person has asked for a moment. */
    this.held = false;
    /** @type {import("./api.js").Promised | null} what the customer was promised */
    this.promise = null;
    /** @type {import("./api.js").Opening | null} */
    this.opening = null;
    /** The newest message that a person has read. */
    this.readByAgent = 0;
    /** The newest message that the desk was told the customer has read. */
    this.readTold = 0;
    /** Whether a link brought the customer here. */
    this.linked = false;
    /** @type {"bot" | "agent" | null} */
    this.typing = null;
    this.fetching = false;
    this.api = api;
    this.storage = storage;
    /** @type {Live | null} */
    this.live = null;
    /** @type {Outgoing[]} */
    this.outbox = (storage.read("outbox") ?? []).map(keptBack);
    this.connected = true;
    this.flushing = false;
    this.changing = false;
    this.signalled = 0;
    this.wake = () => {};
    /** @type {string | null} the code of what went wrong last */
    this.fault = null;
    /** @type {number | undefined} */
    this.typingTimer = undefined;
    /** @type {number | undefined} */
    this.lostTimer = undefined;
    this.lifetime = new AbortController();
  }

  /** Find a stored conversation again and send what is still waiting. */
  resume() {
    const { signal } = this.lifetime;
    const linked = this.takeLink();
    this.adopt(linked ?? this.storage.read("conversation"));
    if (linked) this.remember();
    this.storage.watch("conversation", () => this.follow(), signal);
    for (const event of ["online", "offline"]) {
      window.addEventListener(event, () => this.networkChanged(), { signal });
    }
    this.flush();
  }

  /**
   * The conversation that the page's address leads back to, as e-mails write it: `#steward=id.token`. The
   * address forgets it at once, so that it is not passed on with the page.
   * @returns {Remembered | null}
   */
  takeLink() {
    const found = /^#steward=([\w-]{1,64})\.([\w-]{20,200})$/u.exec(location.hash);
    if (!found) return null;
    history.replaceState(history.state, "", location.pathname + location.search);
    this.linked = true;
    return { id: found[1], token: found[2], read: 0, ratings: {}, chosen: {} };
  }

  /** Let go of everything that runs; the stored conversation stays. */
  stop() {
    this.lifetime.abort();
    clearTimeout(this.lostTimer);
    clearTimeout(this.typingTimer);
    this.live?.stop();
    this.live = null;
    this.wake();
  }

  /** Whether people own the conversation, so the bot's buttons mean nothing now. */
  get withPeople() {
    return WITH_PEOPLE.has(this.state);
  }

  get offline() {
    return !navigator.onLine;
  }

  get messages() {
    return this.thread.messages;
  }

  /** Messages of others that the customer has not had on screen. */
  get unread() {
    const read = this.remembered?.read ?? 0;
    return this.messages.filter((message) => message.seq > read && message.from !== "customer").length;
  }

  /** Everything up to now has been on screen. */
  markRead() {
    if (!this.remembered) return;
    if (this.remembered.read < this.thread.last) {
      this.remembered.read = this.thread.last;
      this.remember();
      this.changed();
    }
    this.tellRead();
  }

  /** Let the people at the desk see how far the customer has read. */
  tellRead() {
    const read = this.remembered?.read ?? 0;
    if (read <= this.readTold || !this.live?.signal({ type: "read", seq: read })) return;
    this.readTold = read;
  }

  /**
   * Say something. It is shown, kept and sent as soon as that is possible.
   * @param {string} text what is shown
   * @param {{payload?: string, seq?: number, files?: Attachment[]}} [choice] the button that was used, and
   *   of which message; files that were uploaded
   */
  say(text, choice = {}) {
    const outgoing = {
      key: randomKey(),
      text,
      payload: choice.payload,
      files: choice.files?.length ? choice.files : undefined,
      at: new Date().toISOString(),
      tries: 0,
    };
    if (choice.seq && this.remembered) {
      this.remembered.chosen[choice.seq] = choice.payload ?? text;
      this.remember();
    }
    this.outbox.push({ ...outgoing, status: "pending" });
    this.fault = null;
    this.outboxChanged();
    this.flush();
  }

  /** @param {string} key */
  retry(key) {
    const outgoing = this.outbox.find((one) => one.key === key);
    if (!outgoing) return;
    Object.assign(outgoing, { status: "pending", tries: 0, restarted: false, reason: undefined });
    this.outboxChanged();
    this.wake();
    this.flush();
  }

  /** @param {string} key */
  discard(key) {
    this.outbox = this.outbox.filter((one) => one.key !== key);
    this.outboxChanged();
  }

  /** Ask for a person. */
  async handoff() {
    await this.attempt(async () => {
      const who = await this.here();
      this.answered(who, await this.api.control(who, "handoff"));
    });
  }

  /** The conversation on the desk, begun now if there is none. */
  async here() {
    return this.remembered ?? (await this.begin());
  }

  /**
   * Be promised an answer instead of waiting. What is refused is for the form to show.
   * @param {import("./api.js").Contact} contact
   * @throws {ApiError}
   */
  async leaveContact(contact) {
    const who = await this.here();
    this.answered(who, await this.api.promise(who, contact));
  }

  /**
   * What can be promised now.
   * @throws {ApiError}
   */
  async promiseChoices() {
    return this.api.promiseChoices(await this.here());
  }

  /** Go back to the assistant, from the queue or from a person. */
  async cancel() {
    await this.control("cancel");
  }

  async end() {
    await this.control("end");
  }

  /** Leave this conversation for good; the next message begins another one. */
  async startAgain() {
    const { remembered, state } = this;
    this.outbox = [];
    this.forget();
    this.outboxChanged();
    if (!remembered || state === "resolved") return;
    await this.attempt(() => this.api.control(remembered, "end"), true);
  }

  /**
   * @param {number} seq
   * @param {"up" | "down"} value
   */
  async rate(seq, value) {
    const { remembered } = this;
    if (!remembered) return;
    remembered.ratings[seq] = value;
    this.remember();
    this.changed();
    await this.attempt(() => this.api.control(remembered, "feedback", { seq, value }));
  }

  /** The customer is writing; worth a signal only where a person may see it. */
  writing() {
    if (!this.withPeople || Date.now() - this.signalled < TYPING_EVERY) return;
    this.signalled = Date.now();
    this.live?.signal({ type: "typing" });
  }

  // Delivery

  /** Send what is waiting, one after the other so that the order holds. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let next = this.nextOutgoing(); next; next = this.nextOutgoing()) await this.deliver(next);
    } finally {
      this.flushing = false;
    }
  }

  nextOutgoing() {
    if (this.lifetime.signal.aborted) return undefined;
    return this.outbox.find((one) => one.status === "pending");
  }

  /** @param {Outgoing} outgoing */
  async deliver(outgoing) {
    try {
      const who = await this.here();
      const files = outgoing.files?.map((file) => file.id);
      const body = outgoing.payload
        ? { payload: outgoing.payload }
        : { ...(outgoing.text && { text: outgoing.text }), ...(files && { files }) };
      const { seq } = await this.api.send(who, outgoing.key, body);
      if (this.remembered?.id === who.id) this.delivered(outgoing.key, seq);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.undelivered(outgoing, error);
    }
  }

  /**
   * @param {Outgoing} outgoing
   * @param {ApiError} error
   */
  async undelivered(outgoing, error) {
    const gone = error.status === 401 || error.status === 404 || error.code === "conversation_closed";
    if (gone && !outgoing.restarted) {
      // A new conversation never offered the button, but its title says the same. Files stay with the old one.
      const empty = outgoing.files !== undefined && !outgoing.text;
      Object.assign(outgoing, { restarted: true, payload: undefined, files: undefined });
      if (empty) Object.assign(outgoing, { status: "failed", reason: "file_gone", final: true });
      const closed = error.code === "conversation_closed" ? this.remembered : null;
      this.forget();
      // Whoever answers next sees what was said before; the closed one's token proves that it is theirs.
      if (closed) this.previous = { id: closed.id, token: closed.token };
      return;
    }
    outgoing.tries += 1;
    const refused = error.status !== 0 && (!error.retryable || outgoing.tries >= REFUSALS_BEFORE_FAILED);
    const final = UNACCEPTABLE.has(error.status);
    if (refused) Object.assign(outgoing, { status: "failed", reason: error.code, final });
    this.outboxChanged();
    if (refused) return;
    const delay = Math.min(20_000, 500 * 2 ** outgoing.tries) * (0.5 + Math.random() / 2);
    await this.pause(Math.max(delay, error.retryAfter * 1000));
  }

  /**
   * A message is stored: it takes its place among the others.
   * @param {string} key
   * @param {number} seq
   */
  delivered(key, seq) {
    const outgoing = this.outbox.find((one) => one.key === key);
    if (!outgoing) return;
    this.discard(key);
    if (!this.thread.bySeq.has(seq)) {
      const { at, text, files: attachments } = outgoing;
      this.thread.add({ seq, key, at, from: "customer", text, attachments });
    }
    const answered = this.messages.some((message) => message.from !== "customer" && message.seq > seq);
    if (this.state === "bot" && !answered) this.showTyping("bot");
    if (this.state === "resolved") this.state = "bot";
    this.changed();
  }

  /** @returns {Promise<Credentials>} */
  async begin() {
    const { id, token, state } = await this.api.create({
      locale: document.documentElement.lang || navigator.language,
      page: location.origin + location.pathname,
      identity: this.identity(),
      ...(this.previous && { previous: this.previous }),
    });
    this.previous = null;
    this.clear();
    this.adopt({ id, token, read: 0, ratings: {}, chosen: {} });
    this.state = state;
    this.remember();
    return { id, token };
  }

  // What arrives

  /** @param {any} frame */
  receive(frame) {
    if (frame.type === "snapshot") {
      this.moved(frame);
      for (const message of frame.messages) this.add(message);
      this.place(frame.queue);
      this.readByAgent = Math.max(this.readByAgent, frame.read_seq ?? 0);
      this.readTold = 0;
      this.tellRead();
    } else if (frame.type === "message") this.add(frame.message);
    else if (frame.type === "ack") this.delivered(frame.key, frame.seq);
    else if (frame.type === "state") this.moved(frame);
    else if (frame.type === "queue") this.place(frame);
    else if (frame.type === "read" && frame.by === "agent")
      this.readByAgent = Math.max(this.readByAgent, frame.seq);
    else if (frame.type === "typing" && frame.from !== "customer") this.showTyping(frame.from);
    if (this.thread.hasHole) this.fetchHole();
    this.changed();
  }

  /** @param {import("./api.js").Standing} frame */
  moved(frame) {
    if (frame.epoch < this.epoch) return;
    if (frame.state !== this.state) this.hideTyping();
    this.state = frame.state;
    this.epoch = frame.epoch;
    this.agent = frame.agent ?? null;
    this.held = frame.held ?? false;
    this.promise = frame.promise ?? null;
    this.opening = frame.open ?? null;
    if (!["queued", "offered"].includes(this.state)) this.queue = null;
  }

  /** @param {import("./api.js").Place | null} place */
  place(place) {
    this.queue = place && {
      position: place.position ?? null,
      since: Date.now() - (place.waited ?? 0) * 1000,
      expected: place.expected ?? null,
    };
  }

  /** @param {Message} message */
  add(message) {
    const own =
      message.from === "customer" && !this.thread.bySeq.has(message.seq) ? this.ownOnItsWay(message) : null;
    if (own) {
      this.thread.add({ ...message, key: own.key });
      this.delivered(own.key, message.seq);
    } else this.thread.add(message);
    if (message.from !== "customer") this.hideTyping();
  }

  /**
   * The message being sent, when this is it coming back before its answer did.
   * @param {Message} message
   */
  ownOnItsWay(message) {
    const first = this.flushing && this.nextOutgoing();
    if (!first) return null;
    return message.key
      ? this.outbox.find((one) => one.key === message.key)
      : sameWords(first, message) && first;
  }

  async fetchHole() {
    if (this.fetching || !this.remembered) return;
    this.fetching = true;
    const who = this.remembered;
    await this.attempt(async () => {
      const { messages } = await this.api.poll(who, this.thread.complete, 0);
      if (this.remembered?.id === who.id) for (const message of messages) this.add(message);
    }, true);
    this.fetching = false;
    this.changed();
  }

  // Which conversation

  /** @param {Remembered | null} remembered */
  adopt(remembered) {
    if (!remembered?.id || !remembered.token) return;
    const who = { id: remembered.id, token: remembered.token };
    this.remembered = {
      ...who,
      read: remembered.read ?? 0,
      ratings: remembered.ratings ?? {},
      chosen: remembered.chosen ?? {},
    };
    this.live?.stop();
    this.live = new Live(this.api, who, {
      after: () => this.thread.complete,
      waiting: () => this.queue !== null,
      frame: (frame) => this.remembered?.id === who.id && this.receive(frame),
      connected: (connected) => this.connection(connected),
      refused: () => this.remembered?.id === who.id && this.refused(),
    });
  }

  /** Another tab began, left or read the conversation. */
  follow() {
    /** @type {Remembered | null} */
    const stored = this.storage.read("conversation");
    if (stored?.id && stored.id === this.remembered?.id) {
      this.remembered = stored;
      this.changed();
      return;
    }
    this.drop();
    this.adopt(stored);
    this.changed();
  }

  /** The desk does not know the conversation any more. */
  refused() {
    this.forget();
    if (!this.linked) return;
    this.linked = false;
    this.fault = "link_gone";
  }

  /** Forget the conversation here and in every other tab. */
  forget() {
    this.drop();
    this.remember();
    this.changed();
  }

  drop() {
    this.live?.stop();
    this.live = null;
    clearTimeout(this.lostTimer);
    this.connected = true;
    this.clear();
  }

  clear() {
    this.thread = new Thread();
    this.remembered = null;
    this.state = "bot";
    this.epoch = 0;
    this.agent = null;
    this.queue = null;
    this.held = false;
    this.promise = null;
    this.opening = null;
    this.readByAgent = 0;
    this.readTold = 0;
    this.hideTyping();
    this.fetching = false;
  }

  remember() {
    this.storage.write("conversation", this.remembered);
  }

  // Small changes

  /** @param {boolean} connected */
  connection(connected) {
    clearTimeout(this.lostTimer);
    if (connected === this.connected) return;
    if (connected) this.connectionIs(true);
    else this.lostTimer = setTimeout(() => this.connectionIs(false), BREAK_NOTICED);
  }

  /** @param {boolean} connected */
  connectionIs(connected) {
    this.connected = connected;
    if (connected) this.wake();
    this.changed();
  }

  networkChanged() {
    this.wake();
    this.flush();
    this.changed();
  }

  /** @param {"bot" | "agent"} from */
  showTyping(from) {
    clearTimeout(this.typingTimer);
    this.typing = from;
    this.typingTimer = setTimeout(() => this.hideTyping(), from === "agent" ? AGENT_TYPING : BOT_TYPING);
    this.changed();
  }

  hideTyping() {
    clearTimeout(this.typingTimer);
    if (this.typing === null) return;
    this.typing = null;
    this.changed();
  }

  outboxChanged() {
    this.storage.write("outbox", this.outbox.length ? this.outbox : null);
    this.changed();
  }

  /** @param {"cancel" | "end"} name */
  async control(name) {
    const { remembered } = this;
    if (remembered) {
      await this.attempt(async () => this.answered(remembered, await this.api.control(remembered, name)));
    }
  }

  /**
   * A control answers with what it changed, so nothing has to be waited for.
   * @param {Credentials} who
   * @param {any} view
   */
  answered(who, view) {
    if (view?.messages && this.remembered?.id === who.id) this.receive({ type: "snapshot", ...view });
  }

  /**
   * Do something on the desk; what goes wrong is shown, unless it does not concern the customer.
   * @param {() => Promise<unknown>} action
   * @param {boolean} [quietly]
   */
  async attempt(action, quietly = false) {
    try {
      this.fault = null;
      await action();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!quietly) this.fault = error.code;
      this.changed();
    }
  }

  /** @param {number} time milliseconds, cut short when the network comes back or the customer asks */
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

  changed() {
    if (this.changing) return;
    this.changing = true;
    queueMicrotask(() => {
      this.changing = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

/**
 * @param {Outgoing} outgoing
 * @returns {Outgoing}
 */
function keptBack(outgoing) {
  const stale = Date.now() - new Date(outgoing.at).getTime() > STALE_AFTER;
  return stale ? { ...outgoing, status: "failed" } : outgoing;
}

/**
 * @param {Outgoing} outgoing
 * @param {Message} message
 */
function sameWords(outgoing, message) {
  return (
    message.text === outgoing.text || (outgoing.payload !== undefined && message.text === outgoing.payload)
  );
}
