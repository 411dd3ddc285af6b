/** One message: its parts are replaced only when they changed, so that audio goes on playing through an edit. */

import { avatar, el, fill, icon, iconButton } from "../dom.js";
import { plainText, renderBlocks } from "../markdown/render.js";
import { stamp } from "../markdown/time.js";
import { commandsFor, showPerson } from "./author.js";
import { showComponents } from "./components.js";
import { showEmbed } from "./embed.js";
import { showFile } from "./files.js";
import { openMessageMenu } from "./menu.js";

const QUICK = ["👍", "🔥", "🎧"];

export class MessageItem {
  /** @param {any} message @param {any} app */
  constructor(message, app) {
    this.app = app;
    /** @type {Record<string, string>} what each part shows, as JSON */
    this.shown = {};
    const part = (/** @type {string} */ name, /** @type {string} */ tag = "div") => el(tag, { class: name });
    this.above = part("above");
    this.head = part("head");
    this.body = part("body");
    this.files = part("files");
    this.embeds = part("embeds");
    this.components = part("components");
    this.reactions = part("reactions");
    this.foot = part("foot");
    this.actions = part("actions");
    this.side = el("div", { class: "side" }, avatar(message.author));
    const parts = [this.head, this.body, this.files, this.embeds, this.components, this.reactions, this.foot];
    this.article = el("div", { class: "article" }, ...parts);
    this.element = el("li", { class: "message", id: `m-${message.id}` }, this.above, this.side, this.article, this.actions);
    this.update(message);
  }

  /** @param {any} message */
  update(message) {
    this.message = message;
    const { names } = this.app;
    const classes = this.element.classList;
    classes.toggle("ephemeral", message.ephemeral);
    classes.toggle("mentioned", message.mentioned);
    const offered = commandsFor(message.used ?? message.author, message.channel, this.app).length;
    this.#part("above", this.above, [message.reply, message.used, offered], () => this.#lead());
    this.#part("head", this.head, [message.author, message.at, message.edited && !message.content, offered], () => this.#heading());
    this.#part("body", this.body, [message.loading, message.failed, message.content, message.edited], () => this.#text());
    this.#keepFiles(message.files);
    this.#part("embeds", this.embeds, message.embeds, () => message.embeds.map((/** @type {any} */ embed) => showEmbed(embed, names)));
    this.#part("components", this.components, message.components, () => showComponents(message.components, message, this.app));
    this.#part("reactions", this.reactions, message.reactions, () => message.reactions.map((/** @type {any} */ one) => this.#reaction(one)));
    this.#part("foot", this.foot, [message.ephemeral, message.thread, names.channel(message.thread ?? "")], () => this.#footing());
    this.#part("actions", this.actions, [message.ephemeral, message.deletable], () => this.#tools());
  }

  /** @param {boolean} continued whether it goes on from the message above, of the same author */
  setContinued(continued) {
    this.element.classList.toggle("continued", continued);
  }

  /** @param {string} name @param {Element} element @param {unknown} model @param {() => any[]} show */
  #part(name, element, model, show) {
    const text = JSON.stringify(model);
    if (this.shown[name] === text) return;
    this.shown[name] = text;
    fill(element, ...show());
  }

  /** @param {any[]} files those that stay are left where they are */
  #keepFiles(files) {
    const kept = new Map([...this.files.children].map((/** @type {any} */ child) => [child.dataset.file, child]));
    const wanted = new Set(files.map((file) => file.id));
    for (const [id, child] of kept) if (!wanted.has(id)) child.remove();
    for (const file of files) if (!kept.has(file.id)) this.files.append(showFile(file));
  }

  #lead() {
    const { reply, used } = this.message;
    if (used) {
      const name = used.slash ? `/${used.command}` : used.command;
      return [el("p", { class: "lead" }, avatar(used), showPerson(used, this), " used ", el("span", { class: "mention", text: name }))];
    }
    if (!reply) return [];
    if (reply.gone) return [el("p", { class: "lead" }, icon("reply"), el("em", { text: "The message is no longer there" }))];
    const words = el("button", { type: "button", class: "lead-text", dir: "auto", title: "Go to this message", text: plainText(reply.text, this.app.names) });
    words.addEventListener("click", () => this.app.list.reveal(reply.id));
    return [el("p", { class: "lead" }, icon("reply"), avatar(reply.author), el("strong", { text: reply.author.name }), words)];
  }

  #heading() {
    const { author, at, edited, content } = this.message;
    const tag = author.bot ? el("span", { class: "tag", text: "App" }) : author.moderator && el("span", { class: "tag tag-quiet", text: "Moderator" });
    const time = el("time", { class: "at", datetime: new Date(at).toISOString(), title: new Date(at).toLocaleString(), text: stamp(at) });
    const mark = edited && !content && el("span", { class: "edited", text: "(edited)" });
    return [showPerson(author, this), tag, time, mark];
  }

  #text() {
    const { loading, failed, content, edited, author } = this.message;
    if (failed) return [el("p", { class: "problem", text: failed })];
    if (loading) {
      return [el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${author.name} is thinking…`)];
    }
    if (!content) return [];
    const mark = el("span", { class: "edited", text: "(edited)" });
    const text = renderBlocks(content, this.app.names);
    if (edited) (text.lastElementChild?.tagName === "P" ? text.lastElementChild : text).append(" ", mark);
    return [text];
  }

  /** @param {any} reaction */
  #reaction(reaction) {
    const label = `${reaction.emoji}, ${reaction.names.join(", ")}${reaction.mine ? ": press to take yours back" : ": press to add yours"}`;
    const props = { type: "button", class: "reaction", "aria-pressed": String(reaction.mine), "aria-label": label, title: reaction.names.join(", ") };
    const button = el("button", props, el("span", { text: reaction.emoji }), el("span", { text: reaction.count }));
    button.addEventListener("click", () => this.#act("react", { emoji: reaction.emoji, on: !reaction.mine }));
    return button;
  }

  #footing() {
    const { ephemeral, thread } = this.message;
    if (ephemeral) {
      const dismiss = el("button", { type: "button", class: "link", text: "Dismiss", on: { click: () => this.#act("dismiss", {}) } });
      return [el("p", { class: "private" }, icon("eye"), "Only you can see this · ", dismiss)];
    }
    const name = thread && this.app.names.channel(thread);
    if (!name) return [];
    const open = el("button", { type: "button", class: "link", dir: "auto", text: name, on: { click: () => this.app.open(thread) } });
    return [el("p", { class: "private" }, icon("thread"), "Thread: ", open)];
  }

  #tools() {
    if (this.message.ephemeral) return [];
    const more = iconButton("more", "More about this message", () => openMessageMenu(this, more), { "aria-haspopup": "menu" });
    return [
      ...QUICK.map((emoji) =>
        el("button", { type: "button", class: "icon-button quick", "aria-label": `React with ${emoji}`, text: emoji, on: { click: () => this.#act("react", { emoji, on: true }) } }),
      ),
      iconButton("reply", "Reply", () => this.app.composer.replyTo(this.message), { class: "icon-button quick" }),
      more,
    ];
  }

  /** @param {string} act @param {Record<string, unknown>} body */
  async #act(act, body) {
    try {
      await this.app.api.act(act, { channel: this.message.channel, message: this.message.id, ...body });
    } catch (error) {
      this.app.tell(error.message);
    }
  }
}
