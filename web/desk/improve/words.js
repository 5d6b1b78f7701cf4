// @ts-check
/** Small wording that several improve pages share. */

const LONGEST_NAME = 40;

/**
 * @param {number} count
 * @param {string} noun in the singular
 * @param {string} [plural]
 */
export const counted = (count, noun, plural = `${noun}s`) => `${count.toLocaleString()} ${count === 1 ? noun : plural}`;

/**
 * A topic's name as the files know it: small letters, digits and underscores.
 * @param {string} title
 */
export const nameFrom = (title) =>
  title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "_")
    .replace(/^[_\d]+/gu, "")
    .slice(0, LONGEST_NAME)
    .replace(/_+$/u, "");

/** The lines of a text, without the empty ones and without doubles. @param {string} text */
export const linesOf = (text) => {
  const lines = text
    .split("\n")
    .map((line) =>
      line
        .replace(/^\s*[-*•]\s+/u, "")
        .replace(/\s+/gu, " ")
        .trim(),
    )
    .filter(Boolean);
  return [...new Map(lines.map((line) => [plain(line), line])).values()];
};

/** Two examples that are equal by this are the same example. @param {string} text */
export const plain = (text) => text.toLowerCase().replace(/\s+/gu, " ").trim();

/** @param {number} bytes */
export const megabytes = (bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A time that something took: "41 s", "3 min 5 s". @param {number} seconds */
export function took(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
