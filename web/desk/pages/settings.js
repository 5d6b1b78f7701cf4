// @ts-check
export const title = "Queue settings";
export const permission = "lead";
export const styles = ["/web/desk/admin/admin.css"];
export { DeskRules as default } from "../rules/page.js";
