// @ts-check
export const title = "Team";
export const permission = "administer";
export const styles = ["/web/desk/admin/admin.css"];
export { DeskTeamPage as default } from "../admin/team.js";
