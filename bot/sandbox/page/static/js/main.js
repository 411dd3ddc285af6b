/** Begin: who uses this tab, what there is, and the channel that the address names. */

import { Api, ApiError } from "./api.js";
import { App } from "./app.js";
import { byId, el, fill } from "./dom.js";
import { startClock } from "./markdown/time.js";
import { Store } from "./store.js";

const KEY = "encore.person";

/** @returns {string} the address says it, else this tab knows it from before, else the first one */
function personOfTab() {
  const named = new URLSearchParams(location.search).get("as") ?? sessionStorage.getItem(KEY) ?? "mira";
  return /^[a-z]{1,20}$/.test(named) ? named : "mira";
}

async function begin() {
  const person = personOfTab();
  sessionStorage.setItem(KEY, person);
  // The key came with the address and is a cookie now: it need not stand in the address any longer.
  history.replaceState(null, "", `/?as=${person}${location.hash}`);
  const api = new Api(person);
  try {
    const store = new Store(await api.get("/api/state"));
    const app = new App(api, store);
    startClock();
    const wanted = location.hash.slice(1);
    await app.open(store.channel(wanted) ? wanted : (store.state.channels[0]?.id ?? ""));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    fill(byId("app"), el("main", { class: "gone" }, el("h1", { text: "The sandbox cannot be used" }), el("p", { text: error.message })));
  }
}

await begin();
