/** What can be done with a message: reply, react, copy, the app's own commands, delete. */

import { el } from "../dom.js";
import { openMenu } from "../popup.js";

const EMOJI = ["👍", "❤️", "🔥", "🎧", "😂", "🙏"];
const MESSAGE_COMMAND = 3;

/** @param {any} item a MessageItem @param {HTMLElement} opener */
export function openMessageMenu(item, opener) {
  const { app, message } = item;
  const act = async (/** @type {string} */ name, /** @type {Record<string, unknown>} */ body) => {
    try {
      const answer = await app.api.act(name, { channel: message.channel, message: message.id, ...body });
      if (answer.failure) app.tell(answer.failure);
      if (answer.modal) app.openForm(answer.modal, opener);
    } catch (error) {
      app.tell(error.message);
    }
  };
  const react = (/** @type {string} */ emoji) => ({ label: emoji, spoken: `React with ${emoji}`, act: () => act("react", { emoji, on: true }) });
  const apps = app.store.commandsIn(message.channel, MESSAGE_COMMAND);
  const items = [
    { label: "Reply", act: () => app.composer.replyTo(message) },
    ...(message.content ? [{ label: "Copy text", act: () => copy(message.content, app) }] : []),
    ...(apps.length ? [el("p", { class: "menu-title", text: "Apps" })] : []),
    ...apps.map((/** @type {any} */ command) => ({ label: command.name, about: app.store.state.bot.name, act: () => act("menu", { name: command.name }) })),
    EMOJI.map(react),
    ...(message.deletable ? [{ label: "Delete", danger: true, act: () => act("delete", {}) }] : []),
  ];
  openMenu(opener, "This message", items);
}

/** @param {string} text @param {any} app */
async function copy(text, app) {
  try {
    await navigator.clipboard.writeText(text);
    app.tell("Copied.");
  } catch {
    app.tell("The browser did not let the page copy.");
  }
}
