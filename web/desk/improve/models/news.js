// @ts-check
/** What goes on with models: by the live connection, and by asking again while something runs: often where there
 * is no connection, now and then where there is one, as what was said while it was down is not said again. */

const ASK_MS = 1_500;
const ASK_CONNECTED_MS = 4_000;

/**
 * Calls `ask` now and again while `running` says so.
 * @param {import("../../part.js").Part & {desk: import("../../state/desk.js").Desk}} part
 * @param {() => boolean} running
 * @param {() => Promise<unknown>} ask
 */
export function askWhile(part, running, ask) {
  let asking = false;
  let asked = 0;
  part.every(ASK_MS, () => {
    const connected = part.desk.connection.state === "open";
    if (asking || !running() || (connected && Date.now() - asked < ASK_CONNECTED_MS)) return;
    asking = true;
    asked = Date.now();
    void ask().finally(() => (asking = false));
  });
}
