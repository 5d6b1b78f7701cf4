// @ts-check
/** The words and signs that agents see for what the service sends as codes. */

/** @typedef {{label: string, icon: string, tone: string, rank: number}} Sign */

/** @type {Record<string, Sign>} */
const REASONS = {
  safety: { label: "Safety", icon: "alert", tone: "danger", rank: 0 },
  complaint: { label: "Complaint", icon: "complaint", tone: "complaint", rank: 1 },
  customer_asked: { label: "Asked for a person", icon: "person", tone: "person", rank: 2 },
  low_confidence: { label: "Bot not sure", icon: "question", tone: "unsure", rank: 2 },
  order_status: { label: "Order", icon: "parcel", tone: "order", rank: 2 },
  bot_error: { label: "Bot fault", icon: "fault", tone: "fault", rank: 2 },
  takeover: { label: "Taken over", icon: "takeover", tone: "neutral", rank: 2 },
};

/** @type {Record<string, Sign>} */
const STATES = {
  bot: { label: "With the bot", icon: "bot", tone: "neutral", rank: 3 },
  queued: { label: "Waiting", icon: "clock", tone: "person", rank: 2 },
  offered: { label: "Being offered", icon: "clock", tone: "person", rank: 2 },
  agent: { label: "With a person", icon: "person", tone: "neutral", rank: 3 },
  deferred: { label: "Promised", icon: "promise", tone: "unsure", rank: 3 },
  resolved: { label: "Resolved", icon: "check", tone: "neutral", rank: 3 },
};

const ACTS = {
  answer: "Answer",
  ask_which_product: "Asked which product",
  clarify: "Asked what was meant",
  offer_human: "Offered a person",
  handoff: "Handed over",
  safety: "Safety instruction",
  smalltalk: "Small talk",
};

/** Topics whose code alone would not tell an agent what the customer wants. @type {Record<string, string>} */
const TOPICS = {
  human: "Wants a person",
  product: "Product details",
  bot_challenge: "Is it a robot?",
  inform: "Names a product",
  other_language: "Another language",
  nlu_fallback: "Not understood",
};

const HAZARDS = {
  gas: "Gas smell",
  burning: "Burning smell or smoke",
  fire: "Fire",
  shock: "Electric shock",
  water: "Water near electricity",
  battery: "Battery hot or swollen",
};

/** Why an agent closes a conversation, in the order of the menu. @type {Record<string, string>} */
export const RESOLUTIONS = {
  answered: "Answered",
  no_reply: "No reply from the customer",
  follow_up: "Follow-up elsewhere",
  duplicate: "Duplicate",
  spam: "Spam",
  other: "Something else",
};

const PRESENCES = { online: "Online", away: "Away", offline: "Offline" };

/** @param {string} code */
function spelledOut(code) {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {string|null|undefined} reason
 * @returns {Sign|null}
 */
export function reasonSign(reason) {
  if (!reason) return null;
  return REASONS[reason] ?? { label: spelledOut(reason), icon: "person", tone: "neutral", rank: 2 };
}

/**
 * @param {string} state
 * @returns {Sign}
 */
export const stateSign = (state) =>
  STATES[state] ?? { label: spelledOut(state), icon: "clock", tone: "neutral", rank: 3 };

/** @param {string} topic */
export const topicLabel = (topic) => TOPICS[topic] ?? spelledOut(topic);

/** @param {string} act */
export const actLabel = (act) => ACTS[/** @type {keyof typeof ACTS} */ (act)] ?? spelledOut(act);

/** @param {string} hazard */
export const hazardLabel = (hazard) => HAZARDS[/** @type {keyof typeof HAZARDS} */ (hazard)] ?? spelledOut(hazard);

/** @param {string} reason */
export const resolutionLabel = (reason) => RESOLUTIONS[reason] ?? spelledOut(reason);

/** @param {import("./types.js").Presence} presence */
export const presenceLabel = (presence) => PRESENCES[presence];

/** @param {string} feeling */
export const feelingLabel = (feeling) => spelledOut(feeling);

/** @param {string} skill */
export const skillLabel = (skill) => spelledOut(skill);

/**
 * A short name for a customer nobody knows by name, the same one every time.
 * @param {string} id the conversation's id
 */
export function visitorName(id) {
  const tail = id
    .replace(/[^a-z0-9]/gi, "")
    .slice(-4)
    .toUpperCase();
  return `Visitor ${tail}`;
}

/** @param {number} probability */
export const percent = (probability) => `${Math.round(Math.min(Math.max(probability, 0), 1) * 100)}%`;

/** @param {string|null|undefined} locale */
export function languageName(locale) {
  if (!locale) return "Unknown";
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}

/**
 * A wait as an agent reads it: 0:42, 4:05, 1 h 12 min, 3 days.
 * @param {number} seconds
 */
export function waitText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  const days = Math.floor(whole / 86_400);
  return days === 1 ? "1 day" : `${days} days`;
}

/**
 * How pressing a wait has become: by what was promised where something was, else by its length.
 * @param {number} seconds waited
 * @param {number|null} slack seconds left of the promise
 * @param {number} warn seconds before its end from which it is marked
 * @returns {"calm"|"long"|"late"}
 */
export function waitLevel(seconds, slack, warn) {
  if (slack !== null) {
    if (slack <= 0) return "late";
    return slack <= warn ? "long" : "calm";
  }
  if (seconds >= 300) return "late";
  return seconds >= 120 ? "long" : "calm";
}
