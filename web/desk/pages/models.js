// @ts-check
export const title = "Models";
export const permission = "improve";
export const styles = [
  "/web/desk/admin/admin.css",
  "/web/desk/improve/improve.css",
  "/web/desk/improve/models/models.css",
];
export { DeskModels as default } from "../improve/models/page.js";
