// @ts-check
export const title = "Test conversations";
export const permission = "improve";
export const styles = [
  "/web/desk/admin/admin.css",
  "/web/desk/improve/improve.css",
  "/web/desk/improve/topics/topics.css",
  "/web/desk/improve/conversations/conversations.css",
];
export { DeskConversations as default } from "../improve/conversations/page.js";
