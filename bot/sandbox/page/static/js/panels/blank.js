/** What an empty channel says: where one is, and what to try. */

import { byId, el, fill } from "../dom.js";

/** @param {any} app @param {boolean} empty */
export function showBlank(app, empty) {
  const place = byId("blank");
  place.hidden = !empty;
  const { current: channel, state } = app.store;
  if (!empty || !channel) return;
  const offered = new Set(app.store.commandsIn(channel.id, 1).map((/** @type {any} */ command) => command.name));
  const begin = (/** @type {string} */ name, /** @type {number} */ at) =>
    offered.has(name) && el("button", { type: "button", class: at === 0 ? "button primary" : "button secondary", text: `/${name}`, on: { click: () => app.composer.beginNamed(name) } });
  fill(
    place,
    el("h3", { dir: "auto", text: `This is ${app.titleOf(channel)}` }),
    el("p", { text: channel.hint || "Nothing has been written here yet." }),
    introduction(state, offered),
    el("div", { class: "row" }, ...(state.me.member ? ["help", "extend", "track", "jobs"] : ["track", "help", "extend", "jobs"]).map(begin)),
  );
}

/** @param {import("../store.js").State} state @param {Set<string>} offered */
function introduction(state, offered) {
  if (offered.size === 0) return el("p", { text: `Encore offers ${state.me.name} no commands here: it is neither in this place nor on their account.` });
  if (state.me.member) return el("p", { text: "Type / to see what Encore can do, or begin with one of these:" });
  return el("p", {}, `${state.me.name} knows no track yet. Take one in with /track and this task id: `, el("code", { text: state.starter }));
}
