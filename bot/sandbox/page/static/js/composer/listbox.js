/** A list of suggestions above a field, steered from the field: the focus stays there, the list says which option is the active one. */

import { el, fill } from "../dom.js";

let made = 0;

/** @typedef {{name: string, about?: string, value: any, mark?: string}} Option */

export class Listbox {
  /** @param {string} label @param {(option: Option) => void} choose */
  constructor(label, choose) {
    made += 1;
    this.id = `listbox-${made}`;
    this.choose = choose;
    /** @type {Option[]} */
    this.options = [];
    this.at = -1;
    /** @type {HTMLElement | null} the field whose list this is */
    this.field = null;
    this.element = el("div", { class: "options", role: "listbox", id: this.id, "aria-label": label });
    // The field keeps the focus: a press on an option must not take it away.
    this.element.addEventListener("pointerdown", (/** @type {Event} */ event) => event.preventDefault());
  }

  /** @param {Option[]} options @param {number} [at] the active one, -1 for none */
  show(options, at = 0) {
    this.options = options;
    fill(this.element, ...options.map((option, index) => this.#row(option, index)));
    this.element.scrollTop = 0;
    this.#activate(options.length ? Math.min(at, options.length - 1) : -1);
  }

  /** @param {number} step */
  move(step) {
    const count = this.options.length;
    if (count === 0) return;
    this.#activate(this.at < 0 ? (step > 0 ? 0 : count - 1) : (this.at + step + count) % count);
  }

  get active() {
    return this.options[this.at];
  }

  /** @param {Option} option @param {number} index */
  #row(option, index) {
    const row = el(
      "div",
      { class: "option", role: "option", id: `${this.id}-${index}`, "aria-selected": "false" },
      option.mark && el("span", { class: "option-mark", "aria-hidden": "true", text: option.mark }),
      el("span", { class: "option-name", dir: "auto", text: option.name }),
      option.about && el("span", { class: "option-about", text: option.about }),
    );
    row.addEventListener("click", () => this.choose(option));
    row.addEventListener("pointermove", () => this.at !== index && this.#activate(index, false));
    return row;
  }

  /** @param {number} at @param {boolean} [reveal] */
  #activate(at, reveal = true) {
    this.element.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const row = this.element.children[at];
    row?.setAttribute("aria-selected", "true");
    if (reveal) row?.scrollIntoView({ block: "nearest" });
    if (row) this.field?.setAttribute("aria-activedescendant", row.id);
    else this.field?.removeAttribute("aria-activedescendant");
  }
}
