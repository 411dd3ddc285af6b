/** Who wrote a message; the app's commands for a person are behind their name. */

import { el } from "../dom.js";
import { openMenu } from "../popup.js";

const PERSON_COMMAND = 2;

/** @param {any} author @param {string} channelId @param {any} app @returns {any[]} the commands for this person, as they are offered in a channel */
export function commandsFor(author, channelId, app) {
  return author.bot ? [] : app.store.commandsIn(channelId, PERSON_COMMAND);
}

/** @param {any} item a MessageItem @returns {HTMLElement} */
export function showAuthor(item) {
  const { author, channel } = item.message;
  if (!commandsFor(author, channel, item.app).length) return el("span", { class: "author", dir: "auto", text: author.name });
  const props = { type: "button", class: "author", dir: "auto", "aria-haspopup": "menu", "aria-expanded": "false", title: `Apps for ${author.name}` };
  const button = el("button", { ...props, text: author.name });
  button.addEventListener("click", () => openPersonMenu(item, button));
  return button;
}

/** @param {any} item @param {HTMLElement} opener */
function openPersonMenu(item, opener) {
  const { app, message } = item;
  const use = async (/** @type {string} */ name) => {
    try {
      const answer = await app.api.act("menu", { channel: message.channel, user: message.author.id, name });
      if (answer.failure) app.tell(answer.failure);
      if (answer.modal) app.openForm(answer.modal, opener);
    } catch (error) {
      app.tell(error.message);
    }
  };
  const apps = commandsFor(message.author, message.channel, app);
  openMenu(opener, `Apps for ${message.author.name}`, [
    el("p", { class: "menu-title", text: `Apps for ${message.author.name}` }),
    ...apps.map((command) => ({ label: command.name, about: app.store.state.bot.name, act: () => use(command.name) })),
  ]);
}
