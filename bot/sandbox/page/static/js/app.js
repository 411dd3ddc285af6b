/** The page put together: what is open, what happens, and who is told. */

import { Composer } from "./composer/composer.js";
import { byId, el, fill } from "./dom.js";
import { plainText } from "./markdown/render.js";
import { MessageList } from "./messages/list.js";
import { showBlank } from "./panels/blank.js";
import { Drawer } from "./panels/drawer.js";
import { openForm } from "./panels/form.js";
import { Sidebar } from "./panels/sidebar.js";
import { Topbar } from "./panels/topbar.js";
import { follow } from "./stream.js";

const TOLD_FOR = 6000;
/** Milliseconds for which a short notice stands. */

export class App {
  /** @param {import("./api.js").Api} api @param {import("./store.js").Store} store */
  constructor(api, store) {
    this.api = api;
    this.store = store;
    /** @type {Set<string>} what was read out already */
    this.announced = new Set();
    /** @type {(() => void)[] | null} what happened while messages were being read */
    this.meanwhile = null;
    this.names = {
      user: (/** @type {string} */ id) => this.store.state.users[id]?.name,
      role: (/** @type {string} */ id) => this.store.roleName(id),
      channel: (/** @type {string} */ id) => this.store.channel(id)?.name,
      me: store.state.me.id,
      open: (/** @type {string} */ channel, /** @type {string | undefined} */ message) => this.open(channel, message),
    };
    this.topbar = new Topbar(this);
    this.sidebar = new Sidebar(this);
    this.drawer = new Drawer(this);
    this.list = new MessageList(this);
    this.composer = new Composer(this);
    this.showControls(store.state.controls);
    this.stop = follow(api.person, store.state.cursor, (name, data) => this.#hear(name, data), (on, forGood) => this.#turn(on, forGood));
    addEventListener("hashchange", () => this.open(location.hash.slice(1)));
  }

  /** Open a channel, and if one is named go to a message of it. @param {string} id @param {string} [messageId] */
  async open(id, messageId) {
    const channel = this.store.channel(id);
    if (!channel) return;
    if (id !== this.store.channelId) {
      this.store.channelId = id;
      history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
      this.topbar.show();
      this.sidebar.show();
      this.composer.settle();
      this.list.show([], false);
      byId("blank").hidden = true;
      await this.#load(id);
      if (matchMedia("(min-width: 800px) and (pointer: fine)").matches && !messageId) this.composer.focus();
    }
    if (messageId) this.list.reveal(messageId);
  }

  async loadEarlier() {
    const id = this.store.channelId;
    try {
      const { messages, more } = await this.api.get(`/api/channels/${id}/messages`, { before: this.list.oldest ?? "" });
      if (id === this.store.channelId) this.list.prepend(messages, more);
    } catch (error) {
      this.tell(error.message);
    }
  }

  /** @param {any} channel */
  titleOf(channel) {
    return channel.kind === "text" ? `#${channel.name}` : channel.name;
  }

  /** The end of the open channel is on the screen. */
  seen() {
    this.store.markRead(this.store.channelId, this.list.newest);
  }

  /** @param {any} modal @param {HTMLElement} opener */
  openForm(modal, opener) {
    openForm(modal, this, opener);
  }

  /** @param {any} controls */
  showControls(controls) {
    this.topbar.showControls(controls);
    this.drawer.show(controls);
  }

  /** @param {boolean} empty */
  showBlank(empty) {
    showBlank(this, empty);
  }

  /** Say something to screen readers. @param {string} words */
  announce(words) {
    const live = byId("live");
    live.append(el("p", { text: words }));
    while (live.childElementCount > 3) live.firstElementChild.remove();
  }

  /** Say something to everybody, for a moment. @param {string} words */
  tell(words) {
    const notice = el("p", { class: "notice", text: words });
    byId("notices").append(notice);
    setTimeout(() => notice.remove(), TOLD_FOR);
  }

  /** @param {string} id */
  async #load(id) {
    try {
      await this.#read(id, (messages, more) => {
        for (const message of messages) this.announced.add(announcementOf(message));
        this.list.show(messages, more);
      });
    } catch (error) {
      this.tell(error.message);
    }
  }

  /** Read the latest messages, and do again what happened while they were on their way: they may not hold it yet. @param {string} id @param {(messages: any[], more: boolean) => void} show */
  async #read(id, show) {
    /** @type {(() => void)[]} */
    const meanwhile = [];
    this.meanwhile = meanwhile;
    try {
      const { messages, more } = await this.api.get(`/api/channels/${id}/messages`);
      if (id !== this.store.channelId) return;
      show(messages, more);
      for (const again of meanwhile) again();
    } finally {
      if (this.meanwhile === meanwhile) this.meanwhile = null;
    }
  }

  /** Read everything anew, and keep the reader's place. */
  async #resync() {
    try {
      const state = await this.api.get("/api/state");
      this.store.state = state;
      this.showControls(state.controls);
      this.topbar.show();
      this.sidebar.show();
      await this.#read(this.store.channelId, (messages, more) => this.list.refresh(messages, more));
    } catch (error) {
      this.tell(error.message);
    }
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    switch (name) {
      case "message":
        this.#message(data.message, data.new);
        break;
      case "gone":
        if (data.channel === this.store.channelId) this.#show(() => this.list.remove(data.id));
        break;
      case "controls":
        this.showControls(data);
        break;
      case "state":
        this.#restate();
        break;
      case "resync":
        this.#resync();
        break;
      default:
        break;
    }
  }

  /** Change the open channel, once more after what is being read of it. @param {() => void} change */
  #show(change) {
    change();
    this.meanwhile?.push(change);
  }

  /** @param {any} message @param {boolean} fresh */
  #message(message, fresh) {
    if (fresh) this.store.note(message);
    if (message.channel === this.store.channelId) {
      this.#show(() => this.list.put(message, fresh));
      if (this.list.atEnd && !document.hidden) this.seen();
      this.#readOut(message);
    }
    if (fresh) this.sidebar.show();
  }

  /** @param {any} message say it once when it comes, and once more when the thinking has an end */
  #readOut(message) {
    const key = announcementOf(message);
    if (this.announced.has(key) || message.author.id === this.store.state.me.id) return;
    this.announced.add(key);
    if (message.loading) {
      this.announce(`${message.author.name} is thinking`);
      return;
    }
    const files = message.files.length ? `${message.files.length} files` : "";
    const cards = message.embeds.map((/** @type {any} */ embed) => plainText(embed.title ?? "", this.names));
    this.announce([`${message.author.name}:`, plainText(message.content, this.names), ...cards, files].filter(Boolean).join(" "));
  }

  async #restate() {
    try {
      const { controls, cursor, ...state } = await this.api.get("/api/state");
      Object.assign(this.store.state, state);
      this.sidebar.show();
      this.topbar.show();
      this.list.anew();
      this.showBlank(this.list.newest === null);
    } catch (error) {
      this.tell(error.message);
    }
  }

  /** @param {boolean} on @param {boolean} forGood */
  #turn(on, forGood) {
    const old = byId("offline");
    if (on) {
      old?.remove();
      return;
    }
    const words = forGood ? "This sandbox was started anew: open the address that it has printed." : "The sandbox doesn't answer. Looking again…";
    if (old) fill(old, words);
    else byId("notices").prepend(el("p", { class: "notice offline", id: "offline", text: words }));
  }
}

/** @param {any} message */
const announcementOf = (message) => `${message.id}${message.loading ? " thinking" : ""}`;
