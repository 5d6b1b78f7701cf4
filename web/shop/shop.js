// @ts-check
/** The demo shop's page: the products as the catalogue has them, by kind. */
import { el, fill } from "../shared/dom.js";
import { ApiError, request } from "../shared/http.js";
import { linkified } from "../shared/richtext.js";

/**
 * @typedef {{sku: string, name: string, family: string, category: string, summary: string, price: string,
 *   stock: string, stock_state?: "in" | "low" | "out", image: string}} Product
 * @typedef {{aspect: string, title: string, text: string}} Fact
 */

const TINTS = 4;
/** What of the shop's hours and contact stands at the foot of the page. */
const CONTACT = ["overview", "address", "telephone", "email"];

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function part(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`The page has no element "${id}".`);
  return node;
}

/**
 * A copy of what a template holds.
 * @param {string} id
 */
function copy(id) {
  const template = /** @type {HTMLTemplateElement} */ (part(id));
  return /** @type {HTMLElement} */ (template.content.cloneNode(true));
}

async function showProducts() {
  const grid = part("grid");
  part("fault").hidden = true;
  grid.setAttribute("aria-busy", "true");
  fill(grid, ...Array.from({ length: 8 }, () => copy("waiting-card")));
  try {
    /** @type {Product[]} */
    const products = await request("GET", "/api/v1/shop/products");
    const categories = [...new Set(products.map((product) => product.category))];
    fill(
      grid,
      ...products.map((product) => card(product, categories.indexOf(product.category) % TINTS)),
      copy("help-card"),
    );
    showFilter(categories);
    count(products.length);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    fill(grid);
    part("fault").hidden = false;
  }
  grid.setAttribute("aria-busy", "false");
}

/**
 * @param {Product} product
 * @param {number} tint
 */
function card(product, tint) {
  const fragment = copy("card");
  const find = (/** @type {string} */ selector) =>
    /** @type {HTMLElement} */ (fragment.querySelector(selector));
  const item = find(".card");
  item.dataset.sku = product.sku;
  item.dataset.category = product.category;
  item.dataset.tint = String(tint);
  /** @type {HTMLImageElement} */ (find("img")).src = `/web/shop/img/${encodeURIComponent(product.image)}`;
  find(".kind").textContent = product.category;
  find("h3").textContent = product.name;
  find(".summary").textContent = product.summary;
  find(".price").textContent = product.price;
  find(".stock").textContent = product.stock;
  find(".stock").dataset.state = product.stock_state ?? "";
  const ask = find(".ask");
  ask.dataset.stewardAsk = (ask.dataset.question ?? "").replace("{name}", product.name);
  ask.setAttribute("aria-label", `${ask.textContent}: ${product.name}`);
  return fragment;
}

/** @param {string[]} categories */
function showFilter(categories) {
  const filter = part("filter");
  filter.querySelectorAll("button:not(:first-child)").forEach((button) => button.remove());
  filter.append(
    ...categories.map((category) =>
      el("button", { type: "button", "aria-pressed": "false", dataset: { category }, text: category }),
    ),
  );
}

/** @param {string} category every one when empty */
function show(category) {
  for (const button of part("filter").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.category === category));
  }
  const cards = /** @type {NodeListOf<HTMLElement>} */ (part("grid").querySelectorAll(".card"));
  for (const one of cards) one.hidden = category !== "" && one.dataset.category !== category;
  count([...cards].filter((one) => !one.hidden && one.dataset.sku).length);
}

/** @param {number} shown */
function count(shown) {
  const text = /** @type {HTMLTemplateElement} */ (part("count-text")).content.textContent ?? "";
  part("count").textContent = text.replace("{count}", String(shown));
}

/** Hours and contact, from the same facts that the chat answers from; without them the page does without. */
async function showContact() {
  try {
    /** @type {Fact[]} */
    const facts = await request("GET", "/api/v1/shop/hours");
    const chosen = CONTACT.flatMap((aspect) => facts.filter((fact) => fact.aspect === aspect));
    fill(
      part("facts"),
      ...chosen.map((fact) =>
        el("div", {}, el("h2", { text: fact.title }), el("p", {}, linkified(fact.text))),
      ),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

part("filter").addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  const category = button.dataset.category ?? "";
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (document.startViewTransition && !still) document.startViewTransition(() => show(category));
  else show(category);
});
part("again").addEventListener("click", showProducts);
showProducts();
showContact();
