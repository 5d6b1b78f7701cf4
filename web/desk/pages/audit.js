// @ts-check
export const title = "Audit log";
export const permission = "administer";
export const styles = ["/web/desk/admin/admin.css"];
export { DeskAudit as default } from "../admin/audit.js";
