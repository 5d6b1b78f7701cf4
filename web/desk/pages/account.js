// @ts-check
export const title = "My account";
export const permission = null;
export const styles = ["/web/desk/admin/admin.css"];
export { DeskAccount as default } from "../admin/account.js";
