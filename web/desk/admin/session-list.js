// @ts-check
/** Where somebody is signed in, each with a button that ends it. */
import { el } from "../../shared/dom.js";
import { ago, dateAndTime } from "../../shared/time.js";
import { row, rowButton } from "../row.js";
import { deviceName } from "./words.js";

/** @typedef {import("./types.js").Session} Session */

/**
 * @param {Session[]} sessions
 * @param {(session: Session) => void} end
 */
export const sessionList = (sessions, end) =>
  el(
    "ul",
    { class: "admin-list", role: "list" },
    ...sessions.map((session) =>
      row(
        { testid: "session" },
        [
          el("strong", { text: deviceName(session.device) }),
          session.current && el("span", { class: "tag strong", text: "This one" }),
          session.method === "oidc" && el("span", { class: "tag", text: "Company account" }),
        ],
        [
          el("p", {
            class: "quiet",
            title: dateAndTime(session.created_at),
            text: `${session.address || "unknown address"} · used ${ago(session.seen_at)}`,
          }),
        ],
        !session.current && rowButton("Sign out", `Sign out ${deviceName(session.device)}`, () => end(session)),
      ),
    ),
    !sessions.length && el("li", { class: "quiet", text: "Signed in nowhere." }),
  );
