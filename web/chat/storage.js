// @ts-check
/**
 * What the chat remembers in the customer's browser, by desk. Where the browser refuses storage (private
 * windows, blocked cookies, a full disk) it is remembered for as long as the page lives.
 */
export class Storage {
  /**
   * @param {URL} base the desk this memory belongs to
   * @param {() => globalThis.Storage} area read lazily, because reading it can be refused as well
   */
  constructor(base, area = () => localStorage) {
    this.prefix = `steward:${base.host}${base.pathname}:`;
    this.area = area;
    /** @type {Map<string, unknown>} */
    this.page = new Map();
  }

  /**
   * @param {string} name
   * @returns {any} what was stored, or null
   */
  read(name) {
    try {
      const text = this.area().getItem(this.prefix + name);
      if (text !== null) return JSON.parse(text);
    } catch (error) {
      if (!(error instanceof DOMException || error instanceof SyntaxError)) throw error;
    }
    return this.page.get(name) ?? null;
  }

  /**
   * @param {string} name
   * @param {unknown} value null forgets it
   */
  write(name, value) {
    this.page.delete(name);
    try {
      if (value === null) this.area().removeItem(this.prefix + name);
      else this.area().setItem(this.prefix + name, JSON.stringify(value));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (value !== null) this.page.set(name, value);
    }
  }

  /**
   * Call back when another tab of the same shop changes a name.
   * @param {string} name
   * @param {() => void} listener
   * @param {AbortSignal} signal
   */
  watch(name, listener, signal) {
    const heard = (/** @type {StorageEvent} */ event) => {
      if (event.key === this.prefix + name) listener();
    };
    window.addEventListener("storage", heard, { signal });
  }
}
