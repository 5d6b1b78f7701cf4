// @ts-check
/** A piece of the page that listens and ticks while it is in the document, and stops by itself when it leaves. */
export class Part extends HTMLElement {
  connectedCallback() {
    this.life = new AbortController();
    this.begin();
  }

  disconnectedCallback() {
    this.life?.abort();
  }

  /** Puts the piece up; called each time it enters the document. */
  begin() {}

  /**
   * @param {EventTarget} target
   * @param {string|string[]} kinds
   * @param {(event: any) => void} listener
   */
  hear(target, kinds, listener) {
    for (const kind of [kinds].flat()) target.addEventListener(kind, listener, { signal: this.life?.signal });
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} run
   */
  every(milliseconds, run) {
    const timer = setInterval(run, milliseconds);
    this.life?.signal.addEventListener("abort", () => clearInterval(timer));
  }
}
