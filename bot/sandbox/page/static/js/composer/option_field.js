/** One option of a command, as a chip with a field of the kind that the option asks for. */

import { channels, people, roles } from "../choices.js";
import { el, icon } from "../dom.js";
import { size } from "../messages/files.js";

const STRING = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const ROLE = 8;
const MENTIONABLE = 9;
const NUMBER = 10;
const ATTACHMENT = 11;
let made = 0;

export class OptionField {
  /**
   * @param {any} option as the bot registered it
   * @param {any} app
   * @param {{changed: (field: OptionField) => void, focused: (field: OptionField) => void, removed: (field: OptionField) => void}} told
   */
  constructor(option, app, told) {
    made += 1;
    this.option = option;
    this.app = app;
    this.told = told;
    /** @type {any} what was chosen from a list; undefined while something else stands in the field */
    this.chosen = undefined;
    this.id = `option-${made}`;
    this.problem = el("p", { class: "chip-problem", id: `${this.id}-problem`, hidden: true });
    this.input = option.type === ATTACHMENT ? this.#fileInput() : this.#textInput();
    const name = el("label", { class: "chip-name", for: this.id }, option.name, option.required && el("span", { class: "must", title: "required", "aria-hidden": "true", text: "*" }));
    const remove = option.required
      ? null
      : el("button", { type: "button", class: "chip-remove", "aria-label": `Leave out ${option.name}`, on: { click: () => told.removed(this) } }, icon("close"));
    this.element = el("div", { class: "chip" }, el("div", { class: "chip-line" }, name, this.input, this.shown ?? null, remove), this.problem);
  }

  /** Whether it offers something while one types: locally, or by asking the bot. */
  get suggests() {
    return this.option.autocomplete === true || this.local !== null;
  }

  /** @returns {{name: string, value: any, about?: string}[] | null} what can be chosen, where the page knows it by itself */
  get local() {
    const { option, app } = this;
    if (option.choices?.length) return option.choices;
    switch (option.type) {
      case BOOLEAN:
        return [
          { name: "True", value: true },
          { name: "False", value: false },
        ];
      case USER:
        return people(app.store);
      case CHANNEL:
        return channels(app.store);
      case ROLE:
        return roles(app.store);
      case MENTIONABLE:
        return [...people(app.store), ...roles(app.store)];
      default:
        return null;
    }
  }

  get text() {
    return this.option.type === ATTACHMENT ? "" : this.input.value;
  }

  get isEmpty() {
    return this.option.type === ATTACHMENT ? this.chosen === undefined : this.input.value.trim() === "";
  }

  /** What goes out. */
  get value() {
    if (this.chosen !== undefined) return this.chosen;
    return this.option.type === STRING ? this.input.value : this.input.value.trim();
  }

  /** @param {{name: string, value: any}} choice */
  take(choice) {
    this.input.value = choice.name;
    this.chosen = choice.value;
    this.complain("");
    this.input.setSelectionRange?.(0, 0);
    this.input.scrollLeft = 0;
  }

  /** @returns {string} what is wrong with what stands here, "" for nothing */
  check() {
    const { option } = this;
    if (this.busy) return "The file is still on its way.";
    if (this.isEmpty) return option.required ? "This option is required." : "";
    if (option.type === ATTACHMENT || this.chosen !== undefined) return "";
    if (this.local !== null) return "Choose one from the list.";
    const { length } = this.input.value;
    if (option.max_length && length > option.max_length) return `At most ${option.max_length} characters.`;
    if (option.min_length && length < option.min_length) return `At least ${option.min_length} characters.`;
    return option.type === INTEGER || option.type === NUMBER ? this.#checkNumber() : "";
  }

  /** @param {string} words "" takes the complaint back */
  complain(words) {
    this.problem.hidden = !words;
    this.problem.textContent = words;
    this.element.classList.toggle("wrong", Boolean(words));
    this.input.setAttribute("aria-invalid", String(Boolean(words)));
    if (words) this.input.setAttribute("aria-describedby", this.problem.id);
    else this.input.removeAttribute("aria-describedby");
  }

  #checkNumber() {
    const { option } = this;
    const number = Number(this.input.value);
    if (!Number.isFinite(number)) return "This should be a number.";
    if (option.type === INTEGER && !Number.isInteger(number)) return "This should be a whole number.";
    if (option.min_value !== undefined && number < option.min_value) return `At least ${option.min_value}.`;
    return option.max_value !== undefined && number > option.max_value ? `At most ${option.max_value}.` : "";
  }

  #textInput() {
    const { option } = this;
    const numeric = option.type === INTEGER ? "numeric" : option.type === NUMBER ? "decimal" : null;
    const combobox = this.suggests ? { role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list" } : {};
    const input = el("input", {
      type: "text",
      id: this.id,
      class: "chip-input",
      dir: "auto",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      enterkeyhint: "next",
      inputmode: numeric,
      required: option.required,
      ...combobox,
    });
    input.addEventListener("input", () => {
      this.chosen = undefined;
      this.complain("");
      this.told.changed(this);
    });
    input.addEventListener("focus", () => this.told.focused(this));
    return input;
  }

  #fileInput() {
    this.shown = el("span", { class: "chip-file" });
    const input = el("input", { type: "file", id: this.id, class: "chip-input" });
    input.addEventListener("focus", () => this.told.focused(this));
    input.addEventListener("change", () => this.#upload(input.files?.[0]));
    return input;
  }

  /** @param {File | undefined} file */
  async #upload(file) {
    this.chosen = undefined;
    this.complain("");
    if (!file) return;
    this.busy = true;
    this.shown.textContent = "sending…";
    try {
      const kept = await this.app.api.upload(file);
      this.chosen = kept.id;
      this.shown.textContent = size(kept.size);
    } catch (error) {
      this.shown.textContent = "";
      this.complain(error.message);
    } finally {
      this.busy = false;
    }
  }
}
