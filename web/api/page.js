// @ts-check
/** The interface's own description as a page: groups at the side, calls in the middle, a search over all. */
import { el, fill, setText } from "../shared/dom.js";
import { request } from "../shared/http.js";
import { Description } from "./schema.js";

/** @typedef {import("./schema.js").Call} Call */

const ORDER = ["Customers", "Shop", "Desk", "Events", "Operations"];

class ApiPage extends HTMLElement {
  /** @type {Description | null} */
  #description = null;
  #search = el("input", {
    type: "search",
    placeholder: "Search calls, fields, words",
    "aria-label": "Search",
    autocomplete: "off",
    on: { input: () => this.#filter() },
  });
  #found = el("p", { class: "found", role: "status" });
  #side = el("nav", { class: "groups", "aria-label": "Groups" });
  #main = el("main", { id: "calls", tabindex: "-1" });

  async connectedCallback() {
    fill(
      this,
      el(
        "header",
        { class: "top" },
        el("a", { class: "brand", href: "/api/docs" }, el("b", {}, "Steward"), " interface"),
        el("div", { class: "search" }, this.#search, el("kbd", { text: "/", "aria-hidden": "true" })),
        el("a", { class: "raw", href: "/api/v1/openapi.json", text: "OpenAPI 3.1" }),
      ),
      el("div", { class: "columns" }, this.#side, this.#main),
    );
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    try {
      this.#description = new Description(await request("GET", "/api/v1/openapi.json"));
      this.#render(this.#description);
    } catch (error) {
      fill(this.#main, el("p", { class: "broken", role: "alert", text: `The description cannot be read: ${error}` }));
    }
  }

  /** @param {KeyboardEvent} event */
  #shortcut(event) {
    if (event.key === "/" && document.activeElement !== this.#search) {
      event.preventDefault();
      this.#search.focus();
    } else if (event.key === "Escape" && document.activeElement === this.#search) {
      this.#search.value = "";
      this.#filter();
    }
  }

  /** @param {Description} description */
  #render(description) {
    const groups = grouped(description.calls);
    fill(
      this.#side,
      el("ul", {}, ...groups.map(([name, calls]) => groupLink(name, calls.length))),
    );
    fill(
      this.#main,
      el(
        "section",
        { class: "intro" },
        el("h1", { text: "The HTTP interface" }),
        ...description.info.description.split("\n\n").map((/** @type {string} */ text) => el("p", {}, ...prose(text))),
      ),
      this.#found,
      ...groups.map(([name, calls]) => group(description, name, calls)),
    );
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }

  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/u).filter(Boolean);
    let count = 0;
    for (const section of this.#main.querySelectorAll("section.group")) {
      let left = 0;
      for (const call of section.querySelectorAll("details")) {
        const fits = words.every((word) => (call.dataset.words ?? "").includes(word));
        call.hidden = !fits;
        left += Number(fits);
      }
      /** @type {HTMLElement} */ (section).hidden = left === 0;
      count += left;
    }
    const intro = this.#main.querySelector(".intro");
    if (intro instanceof HTMLElement) intro.hidden = words.length > 0;
    setText(this.#found, words.length ? `${count} found` : "");
  }
}

/**
 * @param {Call[]} calls
 * @returns {[string, Call[]][]}
 */
function grouped(calls) {
  /** @type {Map<string, Call[]>} */
  const groups = new Map();
  for (const call of calls) groups.set(call.tag, [...(groups.get(call.tag) ?? []), call]);
  const place = (/** @type {string} */ name) => ORDER.findIndex((start) => name.startsWith(start));
  return [...groups].sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b));
}

/**
 * @param {string} name
 * @param {number} count
 */
function groupLink(name, count) {
  return el("li", {}, el("a", { href: `#${slug(name)}` }, name, el("span", { text: count })));
}

/**
 * @param {Description} description
 * @param {string} name
 * @param {Call[]} calls
 */
function group(description, name, calls) {
  return el(
    "section",
    { class: "group", id: slug(name), "aria-labelledby": `${slug(name)}-title` },
    el("h2", { id: `${slug(name)}-title`, text: name }),
    ...calls.map((call) => one(description, call)),
  );
}

/**
 * One call; what is inside is built when it is opened first.
 * @param {Description} description
 * @param {Call} call
 */
function one(description, call) {
  const words = [call.method, call.path, call.operation.summary, call.operation.description ?? "", ...names(description, call)];
  const details = el(
    "details",
    { id: call.operation.operationId, dataset: { words: words.join(" ").toLowerCase() } },
    el(
      "summary",
      {},
      el("span", { class: `method ${call.socket ? "socket" : call.method.toLowerCase()}`, text: call.socket ? "SOCKET" : call.method }),
      el("span", { class: "path" }, ...path(call.path)),
      el("span", { class: "about" }, ...prose(call.operation.summary)),
    ),
  );
  details.addEventListener("toggle", () => details.append(inside(description, call)), { once: true });
  return details;
}

/**
 * Everything that can be found in a call by the names in it.
 * @param {Description} description
 * @param {Call} call
 */
function names(description, call) {
  const body = bodyOf(call);
  const parameters = (call.operation.parameters ?? []).map((/** @type {{name: string}} */ each) => each.name);
  return [...parameters, ...(body ? description.fields(body).map((field) => field.name) : []), call.operation["x-scope"] ?? ""];
}

/**
 * @param {Description} description
 * @param {Call} call
 */
function inside(description, call) {
  const { operation } = call;
  const body = bodyOf(call);
  const parameters = operation.parameters ?? [];
  return el(
    "div",
    { class: "inside" },
    operation.description ? el("p", {}, ...prose(operation.description)) : null,
    call.event ? null : access(operation),
    parameters.length > 0 && part(call.event ? "Headers" : "Parameters", table(parameters.map(fieldOfParameter(description)))),
    body && part(call.event ? "Body" : "Takes", table(description.fields(body)), example(description, body)),
    ...answers(description, operation),
  );
}

/** @param {Record<string, any>} operation */
function access(operation) {
  const ways = (operation.security ?? []).flatMap((/** @type {object} */ each) => Object.keys(each));
  const said = [];
  if (ways.includes("customer")) said.push(["The conversation's token"]);
  if (ways.includes("session")) {
    said.push(operation["x-permission"] ? ["A session that may ", el("code", { text: operation["x-permission"] })] : ["A session"]);
  }
  if (ways.includes("key")) said.push(["An API key with ", el("code", { text: operation["x-scope"] })]);
  if (said.length === 0) said.push(["Open to all"]);
  return el("ul", { class: "access", "aria-label": "Who may" }, ...said.map((text) => el("li", {}, ...text)));
}

/**
 * @param {Description} description
 * @param {Record<string, any>} operation
 */
function answers(description, operation) {
  return Object.entries(operation.responses)
    .filter(([status]) => status !== "default")
    .map(([status, response]) => {
      const content = Object.entries(response.content ?? {})[0];
      const schema = content?.[1].schema;
      return part(
        `Gives ${status}`,
        content ? el("p", { class: "media", text: content[0] }) : el("p", { text: response.description }),
        schema && table(description.fields(schema)),
        schema && example(description, schema),
      );
    });
}

/** @param {Call} call */
function bodyOf(call) {
  const content = Object.values(call.operation.requestBody?.content ?? {});
  return /** @type {any} */ (content[0])?.schema ?? null;
}

/** @param {Description} description */
function fieldOfParameter(description) {
  return (/** @type {Record<string, any>} */ parameter) => ({
    name: parameter.name,
    type: `${description.type(parameter.schema)}, ${parameter.in}`,
    required: parameter.required,
    about: [parameter.description, parameter.schema.description].filter(Boolean).join(" "),
    schema: parameter.schema,
  });
}

/** @param {import("./schema.js").Field[]} fields */
function table(fields) {
  if (fields.length === 0) return null;
  const rows = fields.map((field) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, el("code", { text: field.name }), field.required ? null : el("span", { class: "optional", text: "optional" })),
      el("td", { class: "type", text: field.type }),
      el("td", {}, ...prose(field.about)),
    ),
  );
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Fields" }, el("table", {}, el("tbody", {}, ...rows)));
}

/**
 * @param {Description} description
 * @param {import("./schema.js").Schema} schema
 */
function example(description, schema) {
  const text = JSON.stringify(description.example(schema), null, 2);
  if (text === "{}" || text === undefined) return null;
  return el(
    "details",
    { class: "example" },
    el("summary", { text: "Example" }),
    el("pre", { tabindex: "0" }, el("code", { text })),
  );
}

/**
 * @param {string} title
 * @param {...(Node | null | false)} children
 */
function part(title, ...children) {
  return el("section", { class: "part" }, el("h3", { text: title }), ...children);
}

/**
 * A path whose parameters stand out.
 * @param {string} text
 */
function path(text) {
  return text.split(/(\{\w+\})/u).map((piece) => (piece.startsWith("{") ? el("i", { text: piece }) : piece));
}

/**
 * A sentence whose `code` is code.
 * @param {string} text
 */
function prose(text) {
  return text.split("`").map((piece, place) => (place % 2 ? el("code", { text: piece }) : piece));
}

/** @param {string} text */
function slug(text) {
  return text.toLowerCase().replace(/\W+/gu, "-");
}

customElements.define("api-page", ApiPage);
