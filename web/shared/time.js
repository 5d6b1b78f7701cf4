// @ts-check
/**
 * Times in the reader's own language and time zone. Input is what the API sends: ISO-8601 in UTC.
 * Words come from the browser's Intl data, none are written here.
 */

const DAY = 86_400_000;

/**
 * The time of day: "14:05".
 * @param {string} iso
 * @param {string} [locale]
 */
export function clock(iso, locale) {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(iso));
}

/**
 * Day and time in full, for titles and exports: "21 November 2026 at 14:05".
 * @param {string} iso
 * @param {string} [locale]
 */
export function dateAndTime(iso, locale) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }).format(new Date(iso));
}

/**
 * The day as people say it: "Today", "Yesterday", a weekday within the last week, else the date.
 * @param {string} iso
 * @param {string} [locale]
 * @param {Date} [now]
 */
export function dayName(iso, locale, now = new Date()) {
  const then = new Date(iso);
  const days = Math.round((midnight(now) - midnight(then)) / DAY);
  if (days === 0 || days === 1) {
    return capitalised(new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-days, "day"));
  }
  /** @type {Intl.DateTimeFormatOptions} */
  const form =
    days > 1 && days < 7
      ? { weekday: "long" }
      : {
          day: "numeric",
          month: "long",
          ...(then.getFullYear() !== now.getFullYear() && { year: "numeric" }),
        };
  return capitalised(new Intl.DateTimeFormat(locale, form).format(then));
}

/**
 * A moment to come, as people say it: "today, 13:00", "tomorrow, 13:00", a weekday within the next week,
 * else with the date.
 * @param {string} iso
 * @param {string} [locale]
 * @param {Date} [now]
 */
export function moment(iso, locale, now = new Date()) {
  return `${comingDay(iso, locale, now)}, ${clock(iso, locale)}`;
}

/**
 * The day of a moment to come: "today", "tomorrow", "Monday", "Monday, 4 January".
 * @param {string} iso
 * @param {string} [locale]
 * @param {Date} [now]
 */
export function comingDay(iso, locale, now = new Date()) {
  const then = new Date(iso);
  const days = Math.round((midnight(then) - midnight(now)) / DAY);
  if (days === 0 || days === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
  }
  /** @type {Intl.DateTimeFormatOptions} */
  const form =
    days > 1 && days < 7 ? { weekday: "long" } : { weekday: "long", day: "numeric", month: "long" };
  return new Intl.DateTimeFormat(locale, form).format(then);
}

/**
 * A key that is equal for two moments of the same local day.
 * @param {string} iso
 */
export function dayKey(iso) {
  const then = new Date(iso);
  return `${then.getFullYear()}-${then.getMonth() + 1}-${then.getDate()}`;
}

/**
 * How long ago, in the largest unit that fits: "2 min. ago", "yesterday".
 * @param {string} iso
 * @param {string} [locale]
 * @param {Date} [now]
 */
export function ago(iso, locale, now = new Date()) {
  const seconds = Math.round((now.getTime() - new Date(iso).getTime()) / 1000);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  if (seconds < 45) return words.format(0, "second");
  if (seconds < 3600) return words.format(-Math.max(1, Math.round(seconds / 60)), "minute");
  if (seconds < 86_400) return words.format(-Math.round(seconds / 3600), "hour");
  return words.format(-Math.round(seconds / 86_400), "day");
}

/**
 * A waiting time that counts up: "0:42", "12:05", "1:02:05".
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** @param {string} text */
function capitalised(text) {
  const [first = "", ...rest] = text;
  return first.toLocaleUpperCase() + rest.join("");
}
