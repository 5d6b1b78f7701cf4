// @ts-check
export const title = "Topics";
export const permission = "improve";
export const styles = [
  "/web/desk/admin/admin.css",
  "/web/desk/improve/improve.css",
  "/web/desk/improve/topics/topics.css",
];
export { DeskTopics as default } from "../improve/topics/page.js";
