// @ts-check
export const title = "Invitation";
export const permission = null;
export const styles = ["/web/desk/admin/admin.css"];
export { DeskInvitation as default } from "../admin/invitation.js";
