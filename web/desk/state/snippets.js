// @ts-check
/** Replies that agents have ready, with places for what differs from customer to customer. */
import * as api from "../api.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Snippet} Snippet */

const PLACE = /\{\{\s*(customer|agent|product|shop)\s*\}\}/u;
const PLACES = new RegExp(PLACE.source, "gu");
/** A customer's name with what leads to it: without a name the sentence reads on. */
const ADDRESS = /^\{\{\s*customer\s*\}\},?\s*|,?\s*\{\{\s*customer\s*\}\}/gu;

/**
 * The first place in a text that is still to be filled.
 * @param {string} text
 * @returns {{from: number, to: number, text: string}|null}
 */
export function openPlace(text) {
  const found = PLACE.exec(text);
  return found && { from: found.index, to: found.index + found[0].length, text: found[0] };
}

export class Snippets {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Snippet[]} */
    this.all = [];
  }

  async load() {
    try {
      this.all = (await api.snippets()).snippets;
      this.desk.changed(CHANGE.snippets);
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  /**
   * Those that fit what was typed, best first: by shortcut, then title, then text.
   * @param {string} typed
   */
  matching(typed) {
    const wanted = typed.toLocaleLowerCase();
    const rank = (/** @type {Snippet} */ { shortcut, title, text }) => {
      if (shortcut.toLocaleLowerCase().startsWith(wanted)) return 0;
      if (title.toLocaleLowerCase().includes(wanted)) return 1;
      return text.toLocaleLowerCase().includes(wanted) ? 2 : 3;
    };
    return this.all
      .map((snippet) => ({ snippet, rank: rank(snippet) }))
      .filter((one) => one.rank < 3)
      .sort((a, b) => a.rank - b.rank || a.snippet.shortcut.localeCompare(b.snippet.shortcut))
      .map((one) => one.snippet);
  }

  /**
   * The text with its places filled for a conversation. A customer whose name is not known is not addressed
   * by one; any other place that nothing is known for stays, for the agent to fill.
   * @param {string} text
   * @param {string} id
   */
  filled(text, id) {
    const { desk } = this;
    const customer = desk.threads.held.get(id)?.context?.packet.customer;
    const product = desk.products.named(desk.cards.get(id)?.skus?.[0]);
    /** @type {Record<string, string|null|undefined>} */
    const values = {
      customer: customer?.name?.split(" ")[0],
      agent: desk.agent?.name,
      product: product?.name,
      shop: desk.products.shop,
    };
    const addressed = values.customer ? text : text.replace(ADDRESS, "");
    return addressed.replace(PLACES, (place, name) => values[name] || place);
  }

  /**
   * @param {{shortcut: string, title: string, text: string, shared: boolean}} snippet
   * @param {string} [id]
   */
  async save(snippet, id) {
    await api.saveSnippet(snippet, id);
    await this.load();
  }

  /** @param {string} id */
  async remove(id) {
    await api.deleteSnippet(id);
    await this.load();
  }
}
