/** Buttons, selects and layouts below a message, and what pressing them does. */

import { el, icon } from "../dom.js";
import { renderBlocks } from "../markdown/render.js";
import { showFile, showPicture } from "./files.js";
import { showSelect } from "./select.js";
import { use } from "./use.js";

const TYPE = { row: 1, button: 2, text: 10, section: 9, thumbnail: 11, gallery: 12, file: 13, line: 14, container: 17 };
const SELECTS = new Set([3, 5, 6, 7, 8]);
const LINK = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };

/**
 * @param {any[]} components
 * @param {any} message
 * @param {any} app
 * @returns {Node[]}
 */
export function showComponents(components, message, app) {
  return components.map((component) => show(component, message, app)).filter((node) => node !== null);
}

/** @param {any} component @param {any} message @param {any} app @returns {HTMLElement | null} */
function show(component, message, app) {
  const inner = () => showComponents(component.components ?? [], message, app);
  switch (component.type) {
    case TYPE.row:
      return el("div", { class: "row" }, ...inner());
    case TYPE.button:
      return component.style === LINK ? linkButton(component) : actionButton(component, message, app);
    case TYPE.text:
      return renderBlocks(component.content, app.names);
    case TYPE.section:
      return el("div", { class: "section" }, el("div", {}, ...inner()), component.accessory && show(component.accessory, message, app));
    case TYPE.container:
      return container(component, inner());
    case TYPE.thumbnail:
      return media(component.media, 88);
    case TYPE.gallery:
      return el("div", { class: "gallery" }, ...component.items.map((/** @type {any} */ item) => media(item.media)));
    case TYPE.file:
      return component.file?.url ? showFile(component.file) : null;
    case TYPE.line:
      return el("hr", { class: component.divider === false ? "gap" : null });
    default:
      return SELECTS.has(component.type) ? showSelect(component, message, app) : null;
  }
}

/** @param {any} component @param {Node[]} children */
function container(component, children) {
  const box = el("div", { class: "embed" }, el("div", { class: "embed-body" }, ...children));
  if (typeof component.accent_color === "number") box.style.setProperty("--bar", `#${component.accent_color.toString(16).padStart(6, "0")}`);
  return box;
}

/** @param {any} found @param {number} [most] */
function media(found, most) {
  return found?.url ? showPicture(found, most, most) : el("span", { text: "Picture elsewhere" });
}

/** @param {any} emoji @returns {string} */
const emojiText = (emoji) => (emoji ? (emoji.id ? `:${emoji.name}: ` : `${emoji.name} `) : "");

/** @param {any} button */
function linkButton(button) {
  const safe = /^https?:\/\//.test(button.url ?? "");
  const props = { class: "button secondary", href: safe ? button.url : null, target: "_blank", rel: "noopener noreferrer nofollow" };
  return el("a", props, el("span", { dir: "auto", text: emojiText(button.emoji) + (button.label ?? "") }), icon("out"));
}

/** @param {any} button @param {any} message @param {any} app */
function actionButton(button, message, app) {
  const element = el(
    "button",
    { type: "button", class: `button ${STYLES[button.style] ?? "secondary"}`, disabled: button.disabled, data: { custom: button.custom_id } },
    el("span", { class: "button-label", dir: "auto", text: emojiText(button.emoji) + (button.label ?? "") }),
    el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
  );
  element.addEventListener("click", () => use(element, message, app, "press", { custom_id: button.custom_id }));
  return element;
}
