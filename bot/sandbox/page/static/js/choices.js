/** What can be chosen where people, channels and roles are asked for, in options, selects and forms: those of the open channel's server. */

/** @typedef {{name: string, value: string, about?: string, chosen?: boolean}} Choice */

const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;

/** @param {any} component a select @param {import("./store.js").Store} store @returns {Choice[]} */
export function choicesOf(component, store) {
  const chosen = new Set((component.default_values ?? []).map((/** @type {any} */ one) => one.id));
  const marked = (/** @type {Choice[]} */ list) => list.map((one) => ({ ...one, chosen: chosen.has(one.value) }));
  switch (component.type) {
    case USER:
      return marked(people(store));
    case ROLE:
      return marked(roles(store));
    case MENTIONABLE:
      return marked([...people(store), ...roles(store)]);
    case CHANNEL:
      return marked(channels(store, component.channel_types ?? []));
    default:
      return (component.options ?? []).map((/** @type {any} */ option) => ({
        name: option.label,
        value: option.value,
        about: option.description,
        chosen: option.default === true,
      }));
  }
}

/** @param {import("./store.js").Store} store @returns {Choice[]} */
export function people(store) {
  const here = store.guild ? store.guild.members : [store.state.me.id, ...(store.current?.people ?? [])];
  return Object.entries(store.state.users)
    .filter(([id]) => here.includes(id))
    .map(([value, user]) => ({ value, name: user.name, about: user.bot ? "App" : "" }));
}

/** @param {import("./store.js").Store} store @returns {Choice[]} */
export function roles(store) {
  return (store.guild?.roles ?? []).map((role) => ({ value: role.id, name: `@${role.name}` }));
}

/** @param {import("./store.js").Store} store @param {number[]} [types] Discord's numbers of the kinds that are asked for; none: all @returns {Choice[]} */
export function channels(store, types = []) {
  return store.state.channels
    .filter((one) => one.guild && one.guild === store.guild?.id && (types.length === 0 || types.includes(one.type)))
    .map((one) => ({ value: one.id, name: `#${one.name}` }));
}
