// @ts-check
export const title = "Board";
export const permission = "lead";
export const styles = ["/web/desk/board/board.css"];
export { DeskBoard as default } from "../board/board.js";
