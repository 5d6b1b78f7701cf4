// @ts-check
/** The shop's name and its products, as its pages show them. */
import * as api from "../api.js";
import { CHANGE } from "./change.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../types.js").Product} Product */

export class Products {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Product>} */
    this.bySku = new Map();
    this.shop = "";
  }

  async load() {
    try {
      const [products, { shop }] = await Promise.all([api.products(), api.shop()]);
      this.shop = shop.name;
      this.bySku = new Map(products.map((product) => [product.sku, product]));
      this.desk.changed(CHANGE.products);
    } catch (error) {
      this.desk.refusal(error);
    }
  }

  /** @param {string|null|undefined} sku */
  named(sku) {
    return sku ? this.bySku.get(sku) : undefined;
  }
}
