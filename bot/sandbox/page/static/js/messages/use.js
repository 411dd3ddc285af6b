/** Send what was done with a message's component, show that it is under way, and say under the message if it failed. */

import { el } from "../dom.js";

/** @param {HTMLElement} element @param {any} message @param {any} app @param {string} act @param {any} body */
export async function use(element, message, app, act, body) {
  if (element.getAttribute("aria-busy") === "true") return;
  const holder = element.closest(".message");
  holder?.querySelector(".problem")?.remove();
  element.setAttribute("aria-busy", "true");
  try {
    const answer = await app.api.act(act, { channel: message.channel, message: message.id, ...body });
    if (answer.failure) complain(holder, answer.failure);
    if (answer.modal) app.openForm(answer.modal, element);
  } catch (error) {
    complain(holder, error.message);
  } finally {
    element.removeAttribute("aria-busy");
  }
}

/** @param {Element | null} holder @param {string} words */
function complain(holder, words) {
  const at = holder?.querySelector(".components");
  at?.after(el("p", { class: "problem", role: "alert", text: words }));
}
