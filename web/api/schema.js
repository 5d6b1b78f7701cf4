// @ts-check
/** Reading the OpenAPI document: names of types, fields of schemas, an example of each. */

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {{name: string, type: string, required: boolean, about: string, schema: Schema}} Field
 * @typedef {{path: string, method: string, tag: string, operation: Record<string, any>, socket: boolean, event: boolean}} Call
 */

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 5;

/** A document with the ways to read it. */
export class Description {
  /** @param {Record<string, any>} document */
  constructor(document) {
    this.info = document.info;
    this.schemas = document.components.schemas;
    this.calls = [...calls(document.paths), ...events(document.webhooks)];
  }

  /**
   * The schema itself where there is only a reference to it.
   * @param {Schema} schema
   * @returns {Schema}
   */
  resolved(schema) {
    return schema.$ref ? this.schemas[nameOf(schema.$ref)] : schema;
  }

  /**
   * A type in a few words, like `list of Card` or `string or null`.
   * @param {Schema} schema
   * @returns {string}
   */
  type(schema) {
    if (schema.$ref) return nameOf(schema.$ref);
    if (schema.anyOf) return schema.anyOf.map((/** @type {Schema} */ one) => this.type(one)).join(" or ");
    if (schema.enum) return schema.enum.map((/** @type {unknown} */ one) => JSON.stringify(one)).join(" or ");
    if (schema.type === "array") return schema.items ? `list of ${this.type(schema.items)}` : "list";
    return schema.type ?? "anything";
  }

  /**
   * The fields of an object, in their order; of a list those of what is in it.
   * @param {Schema} schema
   * @returns {Field[]}
   */
  fields(schema) {
    const whole = this.resolved(schema);
    if (whole.type === "array" && whole.items) return this.fields(whole.items);
    const required = new Set(whole.required ?? []);
    return Object.entries(whole.properties ?? {}).map(([name, one]) => ({
      name,
      type: this.type(one),
      required: required.has(name),
      about: about(one),
      schema: one,
    }));
  }

  /**
   * Something that fits the schema, to look at.
   * @param {Schema} schema
   * @param {number} [depth]
   * @returns {unknown}
   */
  example(schema, depth = 0) {
    const whole = this.resolved(schema);
    if ("default" in whole && whole.default !== null) return whole.default;
    if (whole.enum) return whole.enum[0];
    if (whole.anyOf) return this.example(whole.anyOf.find((/** @type {Schema} */ one) => one.type !== "null"), depth);
    if (whole.type === "array") return depth < DEEPEST && whole.items ? [this.example(whole.items, depth + 1)] : [];
    if (whole.type === "object") return depth < DEEPEST ? this.#object(whole, depth) : {};
    if (whole.type === "integer" || whole.type === "number") return whole.minimum ?? 0;
    if (whole.type === "boolean") return false;
    return /ISO 8601/u.test(whole.description ?? "") ? "2026-05-01T09:00:00.000Z" : "…";
  }

  /**
   * @param {Schema} schema
   * @param {number} depth
   */
  #object(schema, depth) {
    const entries = Object.entries(schema.properties ?? {});
    return Object.fromEntries(entries.map(([name, one]) => [name, this.example(one, depth + 1)]));
  }
}

/** @param {string} reference */
function nameOf(reference) {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** @param {Schema} schema */
function about(schema) {
  const parts = [schema.description];
  if (schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum < 2 ** 31 - 1) {
    parts.push(`${schema.minimum} to ${schema.maximum}`);
  }
  if (schema.maxLength) parts.push(`${schema.minLength ?? 0} to ${schema.maxLength} characters`);
  if (schema.default !== undefined && schema.default !== null && typeof schema.default !== "object") {
    parts.push(`${JSON.stringify(schema.default)} unless given`);
  }
  return parts.filter(Boolean).join("; ");
}

/**
 * @param {Record<string, any>} paths
 * @returns {Call[]}
 */
function calls(paths) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path,
      method: method.toUpperCase(),
      tag: item[method].tags[0],
      operation: item[method],
      socket: Boolean(item[method]["x-websocket"]),
      event: false,
    })),
  );
}

/**
 * @param {Record<string, any>} webhooks
 * @returns {Call[]}
 */
function events(webhooks) {
  return Object.entries(webhooks).map(([name, item]) => ({
    path: name,
    method: "EVENT",
    tag: "Events",
    operation: item.post,
    socket: false,
    event: true,
  }));
}
