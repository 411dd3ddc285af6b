/** Above the messages: where one is, how the bot stands, and the way to the faults. */

import { byId, el, fill, icon, iconButton } from "../dom.js";

const STATES = { starting: "Encore is starting…", stopped: "Encore is stopped", ended: "Encore has ended by itself" };

export class Topbar {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    this.title = el("h1", { class: "title", dir: "auto" });
    this.state = el("span", { class: "bot-state", role: "status" });
    this.count = el("span", { class: "badge" });
    this.faults = el("button", { type: "button", class: "faults-button", "aria-expanded": "false", "aria-controls": "drawer", on: { click: () => app.drawer.toggle() } });
    this.faults.append(icon("sliders"), el("span", { text: "Faults" }), this.count);
    const menu = iconButton("menu", "Channels", () => app.sidebar.open(), { id: "menu-button", class: "icon-button menu-button" });
    fill(byId("topbar"), menu, this.title, el("span", { class: "sandbox-tag", text: "Sandbox" }), this.state, this.faults);
  }

  show() {
    const { current } = this.app.store;
    this.title.textContent = current ? this.app.titleOf(current) : "";
    document.title = `${current ? this.app.titleOf(current) : "Encore"} · Encore sandbox`;
  }

  /** @param {any} controls */
  showControls(controls) {
    const on = controls.switches.filter((/** @type {any} */ one) => one.on).length;
    this.count.hidden = on === 0;
    this.count.textContent = String(on);
    this.faults.setAttribute("aria-label", on ? `Faults, ${on} switched on` : "Faults");
    const words = STATES[controls.bot.state] ?? "";
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.hidden = !words;
  }

  /** @param {boolean} open */
  showOpen(open) {
    this.faults.setAttribute("aria-expanded", String(open));
  }
}
