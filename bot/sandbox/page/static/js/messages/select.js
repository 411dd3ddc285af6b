/** A select below a message: of one, the browser's own; of several, boxes that unfold, since a list of the browser's wants a keyboard. */

import { choicesOf } from "../choices.js";
import { el } from "../dom.js";
import { use } from "./use.js";

/** @param {any} component @param {any} message @param {any} app */
export function showSelect(component, message, app) {
  const label = component.placeholder ?? "Make a selection";
  const choices = choicesOf(component, app.store);
  const send = (/** @type {HTMLElement} */ element, /** @type {string[]} */ values) =>
    use(element, message, app, "select", { custom_id: component.custom_id, values });
  return (component.max_values ?? 1) > 1 ? several(component, label, choices, send) : one(component, label, choices, send);
}

/**
 * @typedef {import("../choices.js").Choice} Choice
 * @typedef {(element: HTMLElement, values: string[]) => void} Send
 */

/** @param {any} component @param {string} label @param {Choice[]} choices @param {Send} send */
function one(component, label, choices, send) {
  const optional = component.min_values === 0;
  const any = choices.some((choice) => choice.chosen);
  const element = el("select", { class: "select", "aria-label": label, disabled: component.disabled });
  // What need not be chosen can be taken back.
  element.append(el("option", { value: "", text: any && optional ? `None (${label})` : label, disabled: !optional, hidden: !optional, selected: !any }));
  for (const choice of choices) element.append(el("option", { value: choice.value, text: choice.name, title: choice.about, selected: choice.chosen }));
  element.addEventListener("change", () => send(element, element.value ? [element.value] : []));
  return el("div", { class: "select-box" }, element);
}

/** @param {any} component @param {string} label @param {Choice[]} choices @param {Send} send */
function several(component, label, choices, send) {
  const [least, most] = [component.min_values ?? 1, component.max_values];
  const boxes = choices.map((choice) => el("input", { type: "checkbox", value: choice.value, checked: choice.chosen === true, disabled: component.disabled }));
  const lines = choices.map((choice, index) => el("label", { class: "box-line", title: choice.about }, boxes[index], el("span", { dir: "auto", text: choice.name })));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const button = el("button", { type: "button", class: "button primary" }, el("span", { class: "button-label", text: "Choose" }));
  const look = () => {
    const count = chosen().length;
    button.disabled = component.disabled || count < least || count > most;
  };
  for (const box of boxes) box.addEventListener("change", look);
  button.addEventListener("click", () => send(button, chosen()));
  look();
  const names = choices.filter((choice) => choice.chosen).map((choice) => choice.name);
  const summary = el("summary", { class: "select", dir: "auto", text: names.length ? `${label}: ${names.join(", ")}` : label });
  return el("details", { class: "select-many" }, summary, el("div", { class: "select-lines", role: "group", "aria-label": label }, ...lines), button);
}
