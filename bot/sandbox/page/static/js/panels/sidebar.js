/** The list of places, and who one is. */

import { avatar, byId, el, fill, icon } from "../dom.js";
import { openMenu } from "../popup.js";

const ICONS = { text: "hash", thread: "thread", direct: "person", group: "people" };

export class Sidebar {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    this.sidebar = byId("sidebar");
    this.veil = byId("veil");
    this.veil.addEventListener("click", () => this.close());
    this.sidebar.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.close());
    this.#showWho();
  }

  show() {
    const { channels, guild, guilds, me } = this.app.store.state;
    const direct = channels.filter((one) => one.guild === null);
    byId("guild-name").textContent = (this.app.store.guild ?? guild).name;
    const parts = guilds.map((one) => this.#section(guilds.length > 1 ? one.name : "Channels", channels.filter((channel) => channel.guild === one.id)));
    if (!guilds.length) parts.push(el("p", { class: "none", text: `${me.name} is in no server with Encore.` }));
    if (direct.length) parts.push(this.#section("Direct messages", direct));
    fill(byId("channels"), ...parts);
  }

  open() {
    this.sidebar.classList.add("open");
    this.veil.hidden = false;
    /** @type {HTMLElement | null} */ (this.sidebar.querySelector("[aria-current=page]") ?? this.sidebar.querySelector("a"))?.focus();
  }

  close() {
    if (!this.sidebar.classList.contains("open")) return;
    this.sidebar.classList.remove("open");
    this.veil.hidden = true;
    byId("menu-button")?.focus();
  }

  /** @param {string} title @param {any[]} channels */
  #section(title, channels) {
    return el("section", {}, el("h2", { text: title }), el("ul", {}, ...channels.map((channel) => el("li", {}, this.#link(channel)))));
  }

  /** @param {any} channel */
  #link(channel) {
    const { store } = this.app;
    const unread = store.isUnread(channel);
    const pings = store.pings[channel.id] ?? 0;
    const current = channel.id === store.channelId;
    const link = el(
      "a",
      { href: `#${channel.id}`, class: `place ${channel.kind}${unread ? " unread" : ""}`, "aria-current": current ? "page" : null },
      icon(ICONS[channel.kind]),
      el("span", { class: "place-name", dir: "auto", text: channel.name }),
      pings ? el("span", { class: "badge", "aria-label": `${pings} mentions`, text: pings }) : unread && el("span", { class: "unseen", text: "unread" }),
    );
    link.addEventListener("click", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.close();
      this.app.open(channel.id);
    });
    return link;
  }

  #showWho() {
    const { me } = this.app.store.state;
    const button = el(
      "button",
      { type: "button", class: "who-button", "aria-haspopup": "menu", "aria-expanded": "false" },
      avatar(me),
      el("span", { class: "who-text" }, el("strong", { text: me.name }), el("span", { text: me.note })),
      el("span", { class: "who-hint", text: "Switch" }),
    );
    button.addEventListener("click", () => this.#switch(button));
    fill(byId("who"), button);
  }

  /** @param {HTMLElement} opener */
  #switch(opener) {
    const { cast, me } = this.app.store.state;
    const as = (/** @type {string} */ key) => `/?as=${key}`;
    const items = cast.map((one) => ({
      label: one.name,
      about: one.note,
      checked: one.key === me.key,
      act: () => one.key !== me.key && location.assign(as(one.key)),
    }));
    const tabs = el(
      "p",
      { class: "menu-tabs" },
      "In a tab of their own: ",
      ...cast.filter((one) => one.key !== me.key).map((one) => el("a", { role: "menuitem", tabindex: "-1", href: as(one.key), target: "_blank", rel: "noopener", text: one.name })),
    );
    openMenu(opener, "Use the page as", [el("p", { class: "menu-title", text: "Use the page as" }), ...items, tabs]);
  }
}
