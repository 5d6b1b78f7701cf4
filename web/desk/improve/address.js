// @ts-check
/** Addresses of improve pages that others lead to. */

/** Where a conversation of the desk's is brought into the tests. @param {string} id */
export const bringAddress = (id) => `#/conversations/bring?conversation=${encodeURIComponent(id)}`;
