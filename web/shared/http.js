// @ts-check
/**
 * JSON over HTTP with the API's one error shape: `{"error": {"code", "message", "field"?}}`.
 */

/**
 * A request that did not succeed. `status` is 0 when no answer came at all (`code` is then "network");
 * `retryable` says whether the same request may succeed later.
 */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {{field?: string, retryAfter?: number}} [more]
   */
  constructor(status, code, message, more = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.field = more.field ?? null;
    /** Seconds to wait as the server asked, or 0. */
    this.retryAfter = more.retryAfter ?? 0;
  }

  get retryable() {
    return (
      this.status === 0 ||
      this.status === 408 ||
      this.status === 425 ||
      this.status === 429 ||
      this.status >= 500
    );
  }
}

/**
 * Send a request and read its JSON answer (null when it has none).
 * @param {string} method
 * @param {string | URL} url
 * @param {{body?: unknown, headers?: Record<string, string>, signal?: AbortSignal, timeout?: number,
 *          keepalive?: boolean, credentials?: RequestCredentials}} [options] timeout in milliseconds
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function request(method, url, options = {}) {
  const {
    body,
    headers = {},
    signal,
    timeout = 15_000,
    keepalive = false,
    credentials = "same-origin",
  } = options;
  const limit = AbortSignal.timeout(timeout);
  /** @type {Response} */
  let response;
  let answer = "";
  try {
    response = await fetch(url, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? either(signal, limit) : limit,
      keepalive,
      credentials,
      cache: "no-store",
    });
    answer = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "network", error instanceof Error ? error.message : String(error));
  }
  const data = parsed(answer);
  if (response.ok) return data;
  const fault = data?.error ?? {};
  throw new ApiError(response.status, fault.code ?? `http_${response.status}`, fault.message ?? "", {
    field: fault.field,
    retryAfter: Number(response.headers.get("Retry-After")) || 0,
  });
}

/**
 * Read a text file, such as a style sheet.
 * @param {string | URL} url
 * @returns {Promise<string>}
 * @throws {ApiError}
 */
export async function text(url) {
  try {
    const response = await fetch(url, { credentials: "omit" });
    if (response.ok) return await response.text();
    throw new ApiError(response.status, `http_${response.status}`, "");
  } catch (error) {
    if (error instanceof TypeError) throw new ApiError(0, "network", error.message);
    throw error;
  }
}

/**
 * A random key for `Idempotency-Key`, also where the page is not a secure context.
 * @returns {string}
 */
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * @param {AbortSignal} first
 * @param {AbortSignal} second
 */
function either(first, second) {
  const both = new AbortController();
  for (const signal of [first, second]) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener("abort", () => both.abort(signal.reason), { once: true, signal: both.signal });
  }
  return both.signal;
}
