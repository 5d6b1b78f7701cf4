// @ts-check
/** Every word the customer reads, as the shop wrote it. A missing one shows its key, so it is noticed. */
export class Words {
  /** @param {Record<string, string>} texts */
  constructor(texts) {
    this.texts = texts;
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values] what stands for `{name}` in the text
   */
  say(key, values = {}) {
    const text = this.texts[key] ?? key;
    return text.replace(/\{(\w+)\}/gu, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  /**
   * Why something was refused, by the API's error code; in general words where the shop has none for it.
   * @param {string} code
   */
  refusal(code) {
    return this.say(`refused_${code}` in this.texts ? `refused_${code}` : "error");
  }
}
