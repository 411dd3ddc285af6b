/** A slash command being filled in: its options as chips, suggestions above them, errors where they belong. */

import { el, fill, icon, iconButton } from "../dom.js";
import { Listbox } from "./listbox.js";
import { OptionField } from "./option_field.js";
import { Suggestions } from "./suggestions.js";

export class CommandForm {
  /**
   * @param {any} command
   * @param {any} app
   * @param {{leave: () => void, send: (form: CommandForm) => void}} told
   */
  constructor(command, app, told) {
    this.command = command;
    this.app = app;
    this.told = told;
    /** @type {OptionField[]} */
    this.fields = [];
    /** @type {OptionField | null} */
    this.current = null;
    this.list = new Listbox("Suggestions", (option) => this.#choose(option));
    this.suggestions = new Suggestions(app, command, (state) => this.#offer(state));
    this.about = el("div", { class: "popup-head" });
    this.state = el("p", { class: "popup-state", hidden: true });
    this.popup = el("div", { class: "popup" }, this.about, this.state, this.list.element);
    this.chips = el("div", { class: "chips" });
    this.others = el("div", { class: "others" });
    const leave = iconButton("close", "Leave this command", () => told.leave(), { class: "icon-button leave" });
    const name = el("span", { class: "command-name", tabindex: "-1", text: `/${command.name}` });
    this.name = name;
    const send = el("button", { type: "button", class: "icon-button send", title: "Send the command", "aria-label": "Send the command", on: { click: () => told.send(this) } }, icon("send"));
    const label = `Command ${command.name}: ${command.description}`;
    this.element = el("div", { class: "command", role: "group", "aria-label": label }, el("div", { class: "command-line" }, leave, name, this.chips, this.others), send);
    this.element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    for (const option of command.options) if (option.required) this.#add(option);
    this.#showOthers();
    this.#describe(null);
  }

  focus() {
    const first = this.fields.find((field) => field.isEmpty) ?? this.fields[0];
    if (first) first.input.focus();
    else this.name.focus();
  }

  /** @returns {boolean} whether everything can go out; what cannot says why */
  check() {
    let first = null;
    for (const field of this.fields) {
      const problem = field.check();
      field.complain(problem);
      if (problem && !first) first = field;
    }
    first?.input.focus();
    return first === null;
  }

  get values() {
    return Object.fromEntries(this.fields.filter((field) => !field.isEmpty).map((field) => [field.option.name, field.value]));
  }

  /** @param {string} words what the server says against it */
  complain(words) {
    const named = this.fields.find((field) => words.includes(`'${field.option.name}'`));
    if (named) named.complain(words);
    else this.#say(words, "problem");
  }

  /** @param {any} option */
  #add(option) {
    const field = new OptionField(option, this.app, {
      changed: (one) => this.#ask(one),
      focused: (one) => this.#enter(one),
      removed: (one) => this.#remove(one),
    });
    field.input.addEventListener("blur", () => field.input.setAttribute("aria-expanded", "false"));
    this.fields.push(field);
    this.chips.append(field.element);
    return field;
  }

  /** @param {OptionField} field */
  #remove(field) {
    this.fields = this.fields.filter((one) => one !== field);
    field.element.remove();
    this.#showOthers();
    this.#describe(null);
    (this.fields.at(-1)?.input ?? this.name).focus();
  }

  #showOthers() {
    const open = new Set(this.fields.map((field) => field.option.name));
    const left = this.command.options.filter((/** @type {any} */ option) => !open.has(option.name));
    const buttons = left.map((/** @type {any} */ option) =>
      el("button", { type: "button", class: "add-option", title: option.description, on: { click: () => this.#open(option) } }, icon("plus"), option.name),
    );
    fill(this.others, ...buttons);
  }

  /** @param {any} option */
  #open(option) {
    const field = this.#add(option);
    this.#showOthers();
    field.input.focus();
  }

  /** @param {OptionField} field */
  #enter(field) {
    if (this.current !== field) this.list.show([]);
    this.current = field;
    this.#describe(field);
    this.#ask(field);
  }

  /** @param {OptionField | null} field */
  #describe(field) {
    this.popup.hidden = false;
    if (field === null) {
      fill(this.about, el("strong", { text: `/${this.command.name}` }), el("span", { text: this.command.description }));
      this.list.show([]);
      this.#say("");
      return;
    }
    const { option } = field;
    const need = option.required ? "required" : "optional";
    fill(this.about, el("strong", { text: option.name }), el("span", { text: option.description }), el("span", { class: "need", text: need }));
  }

  /** @param {OptionField} field */
  #ask(field) {
    this.list.field = field.input;
    field.input.setAttribute("aria-controls", this.list.id);
    if (field.local !== null) {
      const wanted = field.chosen === undefined ? field.text.trim().toLowerCase() : "";
      this.#offer({ field, options: field.local.filter((one) => one.name.toLowerCase().includes(wanted)).slice(0, 25) });
    } else if (field.option.autocomplete) {
      // What was offered before the last key is not chosen by Enter: what was typed counts.
      this.list.show(this.list.options, -1);
      this.suggestions.ask(field, this.values);
    } else {
      this.suggestions.stop();
      this.#offer({ field, options: [], silent: true });
    }
  }

  /** @param {{field: OptionField, options?: any[], loading?: boolean, failed?: string, silent?: boolean}} found */
  #offer({ field, options = [], loading = false, failed = "", silent = false }) {
    if (field !== this.current) return;
    if (loading) {
      this.#say("Loading options…");
      this.list.element.classList.add("stale");
      return;
    }
    this.list.element.classList.remove("stale");
    // What was chosen stays chosen: Enter then goes on instead of choosing anew.
    this.list.show(options, field.chosen === undefined ? 0 : -1);
    field.input.setAttribute("aria-expanded", String(options.length > 0));
    const none = field.isEmpty ? "No suggestions yet: type your own." : "No options match. You can send what you typed.";
    this.#say(failed || (options.length || silent ? "" : none));
    if (options.length) this.app.announce(`${options.length} suggestions`);
  }

  /** @param {string} words @param {string} [kind] */
  #say(words, kind = "") {
    this.state.hidden = !words;
    this.state.className = `popup-state ${kind}`;
    this.state.textContent = words;
  }

  /** @param {any} choice */
  #choose(choice) {
    const field = this.current;
    if (!field) return;
    field.take(choice);
    const next = this.fields.slice(this.fields.indexOf(field) + 1).find((one) => one.isEmpty);
    if (next) {
      next.input.focus();
    } else {
      this.list.show([]);
      this.#say(this.fields.every((one) => !one.check()) ? "All set: press Enter, or the arrow, to send." : "");
      field.input.focus();
      field.input.setAttribute("aria-expanded", "false");
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const inField = this.current !== null && event.target === this.current.input;
    if (event.key === "Escape") {
      event.stopPropagation();
      if (inField && this.list.options.length) {
        this.list.show([]);
        this.current?.input.setAttribute("aria-expanded", "false");
      } else this.told.leave();
    } else if (event.key === "Enter" && (inField || event.target === this.name)) {
      if (inField && this.list.active) this.#choose(this.list.active);
      else this.#goOn();
    } else if (inField && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      this.list.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (inField && event.key === "Tab" && !event.shiftKey && this.list.active && this.current?.chosen === undefined) {
      this.#choose(this.list.active);
    } else if (event.key === "Backspace" && this.#goesBack(event)) {
      // #goesBack has done it.
    } else return;
    event.preventDefault();
  }

  /** Enter: to the next option that must be given, else out. */
  #goOn() {
    const next = this.fields.find((field) => field !== this.current && field.option.required && field.isEmpty);
    if (this.current && !this.current.isEmpty && next) next.input.focus();
    else this.told.send(this);
  }

  /** @param {KeyboardEvent} event Backspace in an empty field leaves it, as in Discord @returns {boolean} */
  #goesBack(event) {
    if (event.target === this.name) {
      this.told.leave();
      return true;
    }
    const field = this.current;
    if (!field || event.target !== field.input || field.text !== "" || event.repeat) return false;
    if (!field.option.required) this.#remove(field);
    else if (this.fields[0] === field && this.fields.every((one) => one.isEmpty)) this.told.leave();
    else return false;
    return true;
  }
}
