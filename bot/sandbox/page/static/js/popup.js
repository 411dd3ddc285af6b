/** A small menu beside the button that opened it: arrows move, Enter chooses, Escape closes. */

import { el } from "./dom.js";

/**
 * @typedef {{label: string, spoken?: string, about?: string, act: () => void, danger?: boolean, checked?: boolean}} MenuItem
 * @param {HTMLElement} opener
 * @param {string} label
 * @param {(MenuItem | MenuItem[] | Node)[]} items those of a list stand side by side, nodes are shown as they are
 */
export function openMenu(opener, label, items) {
  document.querySelector(".menu")?.remove();
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label });
  const close = (back = true) => {
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (back) opener.focus();
  };
  const outside = (/** @type {Event} */ event) => {
    if (event.target instanceof Node && !menu.contains(event.target) && !opener.contains(event.target)) close(false);
  };
  for (const item of items) {
    if (item instanceof Node) menu.append(item);
    else if (Array.isArray(item)) menu.append(el("div", { class: "menu-row", role: "presentation" }, ...item.map((one) => menuButton(one, close))));
    else menu.append(menuButton(item, close));
  }
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => move(event, menu, close));
  document.addEventListener("pointerdown", outside, true);
  document.body.append(menu);
  opener.setAttribute("aria-expanded", "true");
  place(menu, opener);
  /** @type {HTMLElement | null} */ (menu.querySelector("[role^=menuitem]"))?.focus();
}

/** @param {MenuItem} item @param {() => void} close */
function menuButton(item, close) {
  const radio = item.checked !== undefined;
  const props = {
    type: "button",
    class: item.danger ? "menu-item danger" : "menu-item",
    role: radio ? "menuitemradio" : "menuitem",
    tabindex: "-1",
    "aria-checked": radio ? String(item.checked) : null,
    "aria-label": item.spoken,
    title: item.spoken,
  };
  const about = item.about && el("span", { class: "menu-about", text: item.about });
  const button = el("button", props, el("span", { dir: "auto", text: item.label }), about);
  button.addEventListener("click", () => {
    close();
    item.act();
  });
  return button;
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
function move(event, menu, close) {
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role^=menuitem]")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) items.at(to % items.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {HTMLElement} menu @param {HTMLElement} opener put it where it can be seen as a whole */
function place(menu, opener) {
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.max(8, Math.min(at.right - width, innerWidth - width - 8));
  const below = at.bottom + 6 + height <= innerHeight;
  menu.style.setProperty("left", `${at.left + width + 8 <= innerWidth && at.right - width < 8 ? at.left : left}px`);
  menu.style.setProperty("top", `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`);
}
