/** Who wrote a message or used a command; the app's commands for a person are behind their name. */

import { el } from "../dom.js";
import { openMenu } from "../popup.js";

const PERSON_COMMAND = 2;

/** @param {any} person @param {string} channelId @param {any} app @returns {any[]} the commands for this person, as they are offered in a channel */
export function commandsFor(person, channelId, app) {
  return person.bot ? [] : app.store.commandsIn(channelId, PERSON_COMMAND);
}

/** @param {any} person @param {any} item the MessageItem in which they are named @returns {HTMLElement} */
export function showPerson(person, item) {
  if (!commandsFor(person, item.message.channel, item.app).length) return el("span", { class: "author", dir: "auto", text: person.name });
  const props = { type: "button", class: "author", dir: "auto", "aria-haspopup": "menu", "aria-expanded": "false", title: `Apps for ${person.name}` };
  const button = el("button", { ...props, text: person.name });
  button.addEventListener("click", () => openPersonMenu(person, item, button));
  return button;
}

/** @param {any} person @param {any} item @param {HTMLElement} opener */
function openPersonMenu(person, item, opener) {
  const { app, message } = item;
  const use = async (/** @type {string} */ name) => {
    try {
      const answer = await app.api.act("menu", { channel: message.channel, user: person.id, name });
      if (answer.failure) app.tell(answer.failure);
      if (answer.modal) app.openForm(answer.modal, opener);
    } catch (error) {
      app.tell(error.message);
    }
  };
  openMenu(opener, `Apps for ${person.name}`, [
    el("p", { class: "menu-title", text: `Apps for ${person.name}` }),
    ...commandsFor(person, message.channel, app).map((command) => ({ label: command.name, about: app.store.state.bot.name, act: () => use(command.name) })),
  ]);
}
