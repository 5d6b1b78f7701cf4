// @ts-check
export const title = "Snippets";
export const permission = "answer";
export const styles = ["/web/desk/snippets/page.css"];
export { DeskSnippets as default } from "../snippets/page.js";
