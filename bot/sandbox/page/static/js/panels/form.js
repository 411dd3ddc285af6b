/** A form that the bot opened: labels, texts, choices; what is missing is said beside its field. */

import { choicesOf } from "../choices.js";
import { el, fill } from "../dom.js";
import { renderBlocks } from "../markdown/render.js";

const ROW = 1;
const STRING_SELECT = 3;
const TEXT_INPUT = 4;
const TEXT = 10;
const LABEL = 18;
const RADIO = 21;
const CHECKS = 22;
const CHECK = 23;
const PARAGRAPH = 2;
const SELECTS = new Set([STRING_SELECT, 5, 6, 7, 8]);
let made = 0;

/** @typedef {{element: HTMLElement, custom: string, read: () => unknown, check: () => string, focus: () => void, problem: HTMLElement}} Field */

/**
 * @param {{interaction: string, title: string, components: any[]}} modal
 * @param {any} app
 * @param {HTMLElement} opener where the focus goes back to
 */
export function openForm(modal, app, opener) {
  /** @type {Field[]} */
  const fields = [];
  const body = el("div", { class: "form-body" });
  for (const line of modal.components) {
    if (line.type === TEXT) body.append(renderBlocks(line.content, app.names));
    const asked = line.type === LABEL ? line.component : line.type === ROW ? line.components[0] : null;
    if (!asked) continue;
    const field = makeField(asked, line.label ?? asked.label ?? "", line.description ?? "", app);
    fields.push(field);
    body.append(field.element);
  }
  const failed = el("p", { class: "problem", role: "alert", hidden: true });
  const submit = el("button", { type: "submit", class: "button primary" }, el("span", { class: "button-label", text: "Submit" }), dots());
  const cancel = el("button", { type: "button", class: "button secondary", text: "Cancel" });
  const dialog = el(
    "dialog",
    { class: "form", "aria-labelledby": "form-title" },
    el(
      "form",
      { method: "dialog", novalidate: true },
      el("h2", { id: "form-title", dir: "auto", text: modal.title }),
      el("p", { class: "form-note", text: `This form goes to ${app.store.state.bot.name}, the app. In the sandbox it stays on your machine.` }),
      body,
      failed,
      el("div", { class: "form-buttons" }, cancel, submit),
    ),
  );
  const close = () => dialog.close();
  cancel.addEventListener("click", close);
  dialog.addEventListener("close", () => {
    dialog.remove();
    (opener.isConnected ? opener : app.composer.input).focus();
  });
  dialog.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-busy") === "true" || !check(fields)) return;
    submit.setAttribute("aria-busy", "true");
    failed.hidden = true;
    const values = Object.fromEntries(fields.map((field) => [field.custom, field.read()]));
    const problem = await send(app, modal, values);
    submit.removeAttribute("aria-busy");
    if (!problem) {
      close();
      return;
    }
    failed.textContent = problem;
    failed.hidden = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  fields[0]?.focus();
}

/** @param {any} app @param {any} modal @param {Record<string, unknown>} values @returns {Promise<string>} what went wrong, "" for nothing */
async function send(app, modal, values) {
  try {
    const answer = await app.api.act("submit", { channel: app.store.channelId, interaction: modal.interaction, values });
    return answer.failure ?? "";
  } catch (error) {
    return error.message;
  }
}

/** @param {Field[]} fields @returns {boolean} */
function check(fields) {
  let first = null;
  for (const field of fields) {
    const words = field.check();
    field.problem.hidden = !words;
    field.problem.textContent = words;
    field.element.classList.toggle("wrong", Boolean(words));
    field.element.querySelector("input, textarea, select")?.setAttribute("aria-invalid", String(Boolean(words)));
    if (words && !first) first = field;
  }
  first?.focus();
  return first === null;
}

/** @param {any} asked @param {string} label @param {string} hint @param {any} app @returns {Field} */
function makeField(asked, label, hint, app) {
  made += 1;
  const id = `field-${made}`;
  const required = asked.required ?? asked.type !== CHECK;
  const problem = el("p", { class: "field-problem", id: `${id}-problem`, role: "alert", hidden: true });
  const about = { id, required, "aria-describedby": `${id}-hint ${id}-problem` };
  const control = makeControl(asked, about, app);
  const must = required && el("span", { class: "must", title: "required", "aria-hidden": "true", text: "*" });
  const grouped = asked.type === RADIO || asked.type === CHECKS;
  const name = grouped ? el("legend", { dir: "auto" }, label, must) : el("label", { for: id, dir: "auto" }, label, must);
  const element = el(
    grouped ? "fieldset" : "div",
    { class: "form-field" },
    name,
    el("p", { class: "hint", id: `${id}-hint`, dir: "auto", text: hint, hidden: !hint }),
    control.element,
    control.count,
    problem,
  );
  return { element, custom: asked.custom_id, read: control.read, check: () => control.check(required), focus: control.focus, problem };
}

/** @param {any} asked @param {Record<string, any>} about @param {any} app */
function makeControl(asked, about, app) {
  if (asked.type === TEXT_INPUT) return textControl(asked, about);
  if (SELECTS.has(asked.type)) return selectControl(asked, about, app);
  if (asked.type === RADIO || asked.type === CHECKS) return boxesControl(asked, about);
  if (asked.type === CHECK) {
    const box = el("input", { type: "checkbox", ...about, checked: asked.default === true, required: false });
    return { element: box, read: () => box.checked, check: () => "", focus: () => box.focus() };
  }
  const element = el("p", { class: "hint", text: "The sandbox cannot show this kind of question." });
  return { element, read: () => null, check: () => "", focus: () => {} };
}

/** @param {any} asked @param {Record<string, any>} about */
function textControl(asked, about) {
  const props = { ...about, class: "field-input", dir: "auto", placeholder: asked.placeholder, maxlength: asked.max_length, autocomplete: "off" };
  const element = asked.style === PARAGRAPH ? el("textarea", { ...props, rows: "4" }) : el("input", { ...props, type: "text" });
  element.value = asked.value ?? "";
  const most = asked.max_length;
  const count = most ? el("p", { class: "count", "aria-hidden": "true" }) : null;
  const show = () => {
    if (count) count.textContent = `${element.value.length} of ${most}`;
  };
  element.addEventListener("input", show);
  show();
  const check = (/** @type {boolean} */ required) => {
    if (!element.value) return required ? "This is required." : "";
    return element.value.length < (asked.min_length ?? 0) ? `At least ${asked.min_length} characters.` : "";
  };
  return { element, count, read: () => element.value, check, focus: () => element.focus() };
}

/** @param {any} asked @param {Record<string, any>} about @param {any} app */
function selectControl(asked, about, app) {
  const most = asked.max_values ?? 1;
  const options = choicesOf(asked, app.store);
  const element = el("select", { ...about, class: "field-input", multiple: most > 1, size: most > 1 ? Math.min(6, options.length) : null });
  if (most === 1) element.append(el("option", { value: "", text: asked.placeholder ?? "Make a selection", selected: !options.some((o) => o.chosen) }));
  for (const option of options) element.append(el("option", { value: option.value, text: option.name, selected: option.chosen }));
  const read = () => [...element.selectedOptions].map((one) => one.value).filter(Boolean);
  const check = (/** @type {boolean} */ required) => bounds(read().length, required ? (asked.min_values ?? 1) : 0, most);
  return { element, read, check, focus: () => element.focus() };
}

/** @param {any} asked @param {Record<string, any>} about */
function boxesControl(asked, about) {
  const type = asked.type === RADIO ? "radio" : "checkbox";
  const element = el("div", { class: "boxes" });
  for (const option of asked.options ?? []) {
    const box = el("input", { type, name: about.id, value: option.value, checked: option.default === true });
    element.append(el("label", { class: "box-line" }, box, el("span", { dir: "auto", text: option.label })));
  }
  const chosen = () => /** @type {any[]} */ ([...element.querySelectorAll("input")]).filter((box) => box.checked).map((box) => box.value);
  const read = () => (type === "radio" ? (chosen()[0] ?? null) : chosen());
  const check = (/** @type {boolean} */ required) => bounds(chosen().length, required ? (asked.min_values ?? 1) : 0, asked.max_values ?? 25);
  return { element, read, check, focus: () => /** @type {any} */ (element.querySelector("input"))?.focus() };
}

/** @param {number} count @param {number} least @param {number} most */
function bounds(count, least, most) {
  if (count < least) return least === 1 ? "This is required." : `Choose at least ${least}.`;
  return count > most ? `Choose at most ${most}.` : "";
}

function dots() {
  const span = el("span", { class: "dots", "aria-hidden": "true" });
  fill(span, el("i"), el("i"), el("i"));
  return span;
}
