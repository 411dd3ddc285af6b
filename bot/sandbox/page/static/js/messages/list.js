/** The messages of the open channel: in order, grouped by author, and still where the reader is. */

import { byId, el, fill, icon, isNewer } from "../dom.js";
import { dayName } from "../markdown/time.js";
import { MessageItem } from "./message.js";

const TOGETHER = 7 * 60 * 1000;
/** Milliseconds within which messages of one author stand together. */
const NEAR_END = 48;
/** Pixels from the end that still count as being there. */

export class MessageList {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    this.scroll = byId("scroll");
    this.list = byId("messages");
    this.stream = byId("stream");
    this.jump = byId("jump");
    this.earlier = byId("earlier");
    /** @type {Map<string, MessageItem>} oldest first */
    this.items = new Map();
    this.atEnd = true;
    this.top = 0;
    this.unseen = 0;
    this.jumpText = el("span");
    this.jump.append(el("button", { type: "button", class: "jump-button", on: { click: () => this.toEnd(true) } }, icon("down"), this.jumpText));
    this.earlier.append(el("button", { type: "button", class: "button secondary", text: "Show earlier messages", on: { click: () => app.loadEarlier() } }));
    this.scroll.addEventListener("scroll", () => this.#look(), { passive: true });
    // Whoever reads the end stays there, whatever grows above it; whoever reads elsewhere is not moved.
    new ResizeObserver(() => this.#settle()).observe(this.stream);
    new ResizeObserver(() => this.#settle()).observe(this.scroll);
  }

  /** @param {any[]} messages @param {boolean} more whether there are earlier ones */
  show(messages, more) {
    this.items = new Map(messages.map((message) => [message.id, new MessageItem(message, this.app)]));
    this.unseen = 0;
    this.earlier.hidden = !more;
    this.#arrange();
    this.toEnd();
  }

  /** @param {any[]} messages @param {boolean} more */
  prepend(messages, more) {
    const from = this.scroll.scrollHeight - this.scroll.scrollTop;
    this.items = new Map([...messages.map((message) => [message.id, new MessageItem(message, this.app)]), ...this.items]);
    this.earlier.hidden = !more;
    this.#arrange();
    this.scroll.scrollTop = this.scroll.scrollHeight - from;
  }

  /** Bring in what was missed, and let go of what is gone. @param {any[]} messages the latest page @param {boolean} more */
  refresh(messages, more) {
    const known = new Set(messages.map((message) => message.id));
    const first = messages[0]?.id;
    for (const id of [...this.items.keys()]) if (!known.has(id) && (!first || isNewer(id, first) || !more)) this.#drop(id);
    for (const message of messages) this.put(message, false);
  }

  /** @param {any} message @param {boolean} fresh whether it has only just been written */
  put(message, fresh) {
    const item = this.items.get(message.id);
    if (item) {
      item.update(message);
      return;
    }
    const last = [...this.items.keys()].at(-1);
    if (last && !isNewer(message.id, last) && !this.earlier.hidden && isNewer([...this.items.keys()][0], message.id)) return;
    this.items.set(message.id, new MessageItem(message, this.app));
    if (last && isNewer(last, message.id)) this.items = new Map([...this.items].sort(([one], [other]) => (isNewer(one, other) ? 1 : -1)));
    this.#arrange();
    const mine = message.author.id === this.app.store.state.me.id;
    if (mine && fresh) this.toEnd();
    else if (!this.atEnd && fresh) this.#count(this.unseen + 1);
  }

  /** Show what depends on more than the messages anew: the commands that are offered for them. */
  anew() {
    for (const item of this.items.values()) item.update(item.message);
  }

  /** @param {string} id */
  remove(id) {
    this.#drop(id);
    this.#arrange();
  }

  /** @param {string} id go to a message, and mark it for a moment */
  reveal(id) {
    const element = this.items.get(id)?.element;
    if (!element) {
      this.app.tell("That message is further up, or no longer there.");
      return;
    }
    this.atEnd = false;
    element.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    element.classList.remove("found");
    requestAnimationFrame(() => element.classList.add("found"));
  }

  /** @param {boolean} [smooth] */
  toEnd(smooth = false) {
    this.atEnd = true;
    this.#count(0);
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: smooth && !calm() ? "smooth" : "auto" });
    this.app.seen();
  }

  get newest() {
    return [...this.items.keys()].at(-1) ?? null;
  }

  get oldest() {
    return [...this.items.keys()][0] ?? null;
  }

  /** @param {string} id */
  #drop(id) {
    this.items.get(id)?.element.remove();
    this.items.delete(id);
  }

  /** Put the elements in order without touching those that are in their place: one that is moved stops playing. */
  #arrange() {
    let before = null;
    /** @type {Element | null} */
    let place = this.list.firstElementChild;
    for (const item of this.items.values()) {
      const day = before === null || !sameDay(before.message.at, item.message.at);
      if (day) place = this.#day(place, item.message.at);
      while (place?.classList.contains("day")) {
        const next = place.nextElementSibling;
        place.remove();
        place = next;
      }
      if (place !== item.element) this.list.insertBefore(item.element, place);
      else place = place.nextElementSibling;
      item.setContinued(!day && before !== null && goesOn(before.message, item.message));
      before = item;
    }
    while (place) {
      const next = place.nextElementSibling;
      place.remove();
      place = next;
    }
    this.app.showBlank(this.items.size === 0);
  }

  /** @param {Element | null} place @param {number} at @returns {Element | null} where to go on */
  #day(place, at) {
    const name = dayName(at);
    if (place?.classList.contains("day")) {
      if (place.textContent !== name) fill(place, el("span", { text: name }));
      return place.nextElementSibling;
    }
    this.list.insertBefore(el("li", { class: "day" }, el("span", { text: name })), place);
    return place;
  }

  #look() {
    const left = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight;
    const up = this.scroll.scrollTop < this.top - 1;
    this.top = this.scroll.scrollTop;
    // What grows below does not take the reader from the end: only going up does.
    this.atEnd = left < NEAR_END || (this.atEnd && !up);
    if (!this.atEnd) return;
    this.#count(0);
    this.app.seen();
  }

  #settle() {
    if (this.atEnd) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  /** @param {number} unseen */
  #count(unseen) {
    this.unseen = unseen;
    this.jump.hidden = unseen === 0;
    this.jumpText.textContent = unseen === 1 ? "1 new message" : `${unseen} new messages`;
  }
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @param {number} one @param {number} other */
const sameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();

/** @param {any} before @param {any} message */
function goesOn(before, message) {
  return (
    before.author.id === message.author.id && message.at - before.at < TOGETHER && !message.reply && !message.used && before.ephemeral === message.ephemeral
  );
}
