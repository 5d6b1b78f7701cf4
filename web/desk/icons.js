// @ts-check
import { icon } from "../shared/dom.js";

const PATHS = {
  alert: "M12 3.5 21.5 20h-19L12 3.5zM12 10v4.5M12 17.3v.2",
  complaint: "M4 5h16v11h-8l-5 4v-4H4zM12 8v3.5M12 13.6v.2",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
  question: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.7.4-1.1.9-1.1 1.7M12 16.4v.2",
  parcel: "M12 3 20 7.3v9.4L12 21l-8-4.3V7.3L12 3zM4.3 7.5 12 11.7l7.7-4.2M12 11.7V21M8 5.2l7.8 4.3",
  fault: "M13 3 5 13.5h6L10.5 21 19 10.5h-6L13 3z",
  takeover: "M4 9h13M13 5l4 4-4 4M20 15H7M11 11l-4 4 4 4",
  bot: "M6 8.5h12a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-6.5a2 2 0 0 1 2-2zM12 8.5V5M12 5v-.4M9 13v1.2M15 13v1.2M2 13v2.5M22 13v2.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5V12l3 2",
  check: "M5 12.5 10 17.5 19.5 7",
  checkCircle: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.2l2.8 2.8L16 9.6",
  queue: "M4 13.5 6.5 5h11L20 13.5M4 13.5V19h16v-5.5M4 13.5h4.5l1.3 2.5h4.4l1.3-2.5H20",
  chat: "M4 5h16v11.5h-8.5L7 20v-3.5H4z",
  all: "M4 6h16M4 12h16M4 18h10",
  send: "M4.5 12 20 4.5 15.5 20l-3.6-6.4L4.5 12zM12 13.5 20 4.5",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.6v.2",
  panel: "M4 5h16v14H4zM14.5 5v14",
  keyboard: "M3 6.5h18v11H3zM7 10v.1M11 10v.1M15 10v.1M17.5 10v.1M7 14h10",
  more: "M5 12v.1M12 12v.1M19 12v.1",
  retry: "M20 5v5h-5M19.5 10A8 8 0 1 0 20 14",
  leaf: "M5 19c0-8 5-14 15-14 0 10-5 15-12 15-1.5 0-3-.4-3-1zM5 20c2-5 5-8 9-10",
  offline: "M4 4l16 16M8.5 15.5a5 5 0 0 1 5-1.3M5 12a10 10 0 0 1 4-2.4M13 9.2a10 10 0 0 1 6 2.8M12 19v.1",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {string} name one of PATHS; another name draws the info sign
 * @param {string} [className]
 */
export const sign = (name, className) => icon(PATHS[/** @type {IconName} */ (name)] ?? PATHS.info, className);
