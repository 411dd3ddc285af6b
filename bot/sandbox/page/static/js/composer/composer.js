/** The message box: text, or a slash command from the picker, and the message that is replied to. */

import { byId, el, fill, icon, iconButton } from "../dom.js";
import { CommandForm } from "./command_form.js";
import { Listbox } from "./listbox.js";

const SLASH = 1;
const LATE = 400;
/** Milliseconds after which a command that is under way says so. */

export class Composer {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    /** @type {CommandForm | null} */
    this.form = null;
    /** @type {any} */
    this.reply = null;
    this.list = new Listbox("Commands", (option) => this.begin(option.value));
    this.pickerHead = el("div", { class: "popup-head" }, el("strong", { text: app.store.state.bot.name }), el("span", { text: "Commands" }));
    this.none = el("p", { class: "popup-state", text: "No command begins like this." });
    this.picker = el("div", { class: "popup", hidden: true }, this.pickerHead, this.none, this.list.element);
    this.input = el("textarea", {
      id: "composer-input",
      class: "box",
      rows: "1",
      dir: "auto",
      maxlength: "2000",
      enterkeyhint: "send",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
    });
    this.list.field = this.input;
    const slash = el("button", { type: "button", class: "icon-button slash", title: "Commands", "aria-label": "Commands", on: { click: () => this.#openPicker() } }, icon("slash"));
    const send = el("button", { type: "button", class: "icon-button send", title: "Send", "aria-label": "Send the message", on: { click: () => this.#send() } }, icon("send"));
    this.replying = el("div", { class: "replying", hidden: true });
    this.plain = el("div", { class: "plain" }, slash, this.input, send);
    this.under = el("div", { class: "under", "aria-live": "polite" });
    this.above = el("div", { class: "popups" }, this.picker);
    this.slot = el("div", { class: "slot" }, this.plain);
    byId("composer").append(this.above, this.replying, this.slot, this.under);
    this.input.addEventListener("input", () => this.#typed());
    // A list that scrolls can be reached by keyboard as well, and is steered there as from the field.
    this.list.element.tabIndex = 0;
    for (const place of [this.input, this.list.element]) {
      place.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
      place.addEventListener("blur", () => setTimeout(() => this.#left() && this.#closePicker(), 0));
    }
    this.input.addEventListener("focus", () => this.#typed());
  }

  /** Fit the box to the channel that is open. */
  settle() {
    const channel = this.app.store.current;
    this.leave(false);
    this.#stopReply();
    this.input.value = "";
    this.#grow();
    const name = channel ? this.app.titleOf(channel) : "";
    const may = channel?.writable !== false;
    this.input.disabled = !may;
    this.input.placeholder = may ? `Message ${name}${matchMedia("(min-width: 600px)").matches ? ", or / for commands" : ""}` : "You can only read here";
    this.input.setAttribute("aria-label", `Message ${name}`);
  }

  #left() {
    return document.activeElement !== this.input && document.activeElement !== this.list.element;
  }

  focus() {
    if (this.form) this.form.focus();
    else this.input.focus();
  }

  /** @param {string} name begin a command as if it had been picked */
  beginNamed(name) {
    const command = this.app.store.commandsIn(this.app.store.channelId, SLASH).find((/** @type {any} */ one) => one.name === name);
    if (command) this.begin(command);
    else this.app.tell(`/${name} is not offered here.`);
  }

  /** @param {any} command */
  begin(command) {
    this.#closePicker();
    this.leave(false);
    this.form = new CommandForm(command, this.app, { leave: () => this.leave(true), send: (form) => this.#sendCommand(form) });
    this.above.append(this.form.popup);
    fill(this.slot, this.form.element);
    this.form.focus();
  }

  /** @param {boolean} focus */
  leave(focus) {
    if (!this.form) return;
    this.form.suggestions.stop();
    this.form.popup.remove();
    this.form = null;
    this.input.value = "";
    this.#grow();
    fill(this.slot, this.plain);
    if (focus) this.input.focus();
  }

  /** @param {any} message */
  replyTo(message) {
    this.reply = message;
    this.leave(false);
    this.replying.hidden = false;
    fill(this.replying, el("span", {}, "Replying to ", el("strong", { dir: "auto", text: message.author.name })), iconButton("close", "Do not reply", () => this.#stopReply()));
    this.input.focus();
  }

  #stopReply() {
    this.reply = null;
    this.replying.hidden = true;
  }

  #openPicker() {
    if (!this.input.value.startsWith("/")) this.input.value = "/";
    this.input.focus();
    this.#typed();
  }

  #closePicker() {
    this.picker.hidden = true;
    this.list.show([], -1);
  }

  #typed() {
    this.#grow();
    const typed = /^\/([^\n]*)$/.exec(this.input.value);
    if (!typed) {
      this.#closePicker();
      return;
    }
    const wanted = typed[1].trim().toLowerCase();
    const offered = this.app.store.commandsIn(this.app.store.channelId, SLASH);
    const options = offered
      .filter((/** @type {any} */ one) => one.name.includes(wanted) || (wanted && one.description.toLowerCase().includes(wanted)))
      .sort((/** @type {any} */ one, /** @type {any} */ other) => Number(other.name.startsWith(wanted)) - Number(one.name.startsWith(wanted)) || one.name.localeCompare(other.name))
      .map((/** @type {any} */ one) => ({ name: one.name, about: one.description, value: one, mark: "/" }));
    this.none.textContent = offered.length ? "No command begins like this." : "Encore offers no commands here: it has not started yet, or it is not in this place.";
    this.none.hidden = options.length > 0;
    this.picker.hidden = false;
    this.list.show(options);
    this.app.announce(options.length ? `${options.length} commands. ${options[0].name} is chosen with Enter.` : "No command begins like this.");
  }

  #grow() {
    this.input.style.setProperty("height", "auto");
    if (this.input.scrollHeight) this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight, 160)}px`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const open = !this.picker.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) this.list.move(event.key === "ArrowDown" ? 1 : -1);
    else if (open && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.list.active) this.begin(this.list.active.value);
    else if (event.key === "Escape" && open) this.#closePicker();
    else if (event.key === "Escape" && this.reply) this.#stopReply();
    else if (event.key === "Enter" && !event.shiftKey) this.#send();
    else return;
    event.preventDefault();
  }

  async #send() {
    const content = this.input.value.trim();
    if (!content) return;
    if (content.startsWith("/") && this.list.active) {
      this.begin(this.list.active.value);
      return;
    }
    const { reply } = this;
    const channel = this.app.store.channelId;
    this.input.value = "";
    this.#closePicker();
    this.#grow();
    this.#stopReply();
    try {
      await this.app.api.act("send", { channel, content, reply: reply?.id });
      this.#say("");
    } catch (error) {
      this.input.value ||= content;
      this.#grow();
      this.#say(error.message, "problem");
    }
  }

  /** @param {CommandForm} form */
  async #sendCommand(form) {
    if (!form.check()) return;
    const channel = this.app.store.channelId;
    const { command, values } = form;
    this.leave(true);
    const late = setTimeout(() => this.#say(`Sending /${command.name}…`), LATE);
    try {
      const answer = await this.app.api.act("command", { channel, name: command.name, options: values });
      clearTimeout(late);
      this.#say("");
      if (answer.modal) this.app.openForm(answer.modal, this.input);
      if (answer.failure) this.#failed(form, answer.failure);
    } catch (error) {
      clearTimeout(late);
      this.#say("");
      if (this.form || this.app.store.channelId !== channel) this.#say(error.message, "problem");
      else this.#back(form, error.message);
    }
  }

  /** @param {CommandForm} form @param {string} words Discord says it in the channel, to this person alone */
  #failed(form, words) {
    const again = el("button", { type: "button", class: "link", text: "Try again", on: { click: () => this.#back(form, "") } });
    const dismiss = el("button", { type: "button", class: "link", text: "Dismiss", on: { click: () => this.#say("") } });
    fill(this.under, el("p", { class: "problem", role: "alert" }, el("strong", { text: `/${form.command.name}: ` }), words, " ", again, " · ", dismiss));
  }

  /** @param {CommandForm} form @param {string} words bring back what was typed */
  #back(form, words) {
    this.#say("");
    this.leave(false);
    this.form = form;
    this.above.append(form.popup);
    fill(this.slot, form.element);
    form.focus();
    if (words) form.complain(words);
  }

  /** @param {string} words @param {string} [kind] */
  #say(words, kind = "") {
    fill(this.under, words && el("p", { class: kind || "hush", role: kind ? "alert" : null, text: words }));
  }
}
