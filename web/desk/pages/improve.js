// @ts-check
export const title = "Inbox";
export const permission = "improve";
export const styles = [
  "/web/desk/admin/admin.css",
  "/web/desk/improve/improve.css",
  "/web/desk/improve/inbox/inbox.css",
];
export { DeskImproveInbox as default } from "../improve/inbox/page.js";
