// @ts-check
export const title = "Keys and webhooks";
export const permission = "administer";
export const styles = ["/web/desk/admin/admin.css", "/web/desk/connections/page.css"];
export { DeskConnections as default } from "../connections/page.js";
