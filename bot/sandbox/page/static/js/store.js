/** What this tab knows: the state as the server wrote it, and what this person has read. */

import { isNewer } from "./dom.js";

/**
 * @typedef {object} Channel
 * @property {string} id
 * @property {"text" | "thread" | "direct" | "group"} kind
 * @property {number} type Discord's own number for its kind
 * @property {string | null} guild
 * @property {string} name
 * @property {string[]} people
 * @property {string | null} parent
 * @property {boolean} archived
 * @property {string | null} last
 * @property {boolean} writable
 * @property {string[]} commands
 * @property {string} hint
 *
 * @typedef {object} State
 * @property {{key: string, id: string, name: string, note: string, moderator: boolean, member: boolean}} me
 * @property {State["me"][]} cast
 * @property {Record<string, {name: string, bot: boolean}>} users
 * @property {{id: string, name: string}} bot
 * @property {{id: string, name: string}} guild
 * @property {{id: string, name: string, roles: {id: string, name: string}[], members: string[]}[]} guilds those that this person is in
 * @property {any[]} commands
 * @property {Channel[]} channels
 * @property {string} starter
 * @property {number[]} generation
 * @property {string} cursor
 * @property {any} controls
 */

export class Store {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.channelId = "";
    /** @type {Record<string, number>} how often this person was pinged where they have not looked since */
    this.pings = {};
    this.key = `encore.read.${state.guild.id}.${state.me.key}`;
    /** @type {Record<string, string>} the last message that was read, by channel */
    this.read = readJson(this.key);
  }

  /** @param {string} id @returns {Channel | undefined} */
  channel(id) {
    return this.state.channels.find((one) => one.id === id);
  }

  get current() {
    return this.channel(this.channelId);
  }

  /** The server of the open channel. */
  get guild() {
    return this.state.guilds.find((one) => one.id === this.current?.guild);
  }

  /** @param {string} id @returns {string | undefined} */
  roleName(id) {
    return this.state.guilds.flatMap((one) => one.roles).find((one) => one.id === id)?.name;
  }

  /** @param {Channel} channel */
  isUnread(channel) {
    return channel.last !== null && channel.id !== this.channelId && isNewer(channel.last, this.read[channel.id] ?? "0");
  }

  /** @param {string} channelId @param {string | null} messageId everything up to here was seen */
  markRead(channelId, messageId) {
    delete this.pings[channelId];
    if (messageId === null || !isNewer(messageId, this.read[channelId] ?? "0")) return;
    this.read[channelId] = messageId;
    sessionStorage.setItem(this.key, JSON.stringify(this.read));
  }

  /** @param {any} message a new one, in whatever channel */
  note(message) {
    const channel = this.channel(message.channel);
    if (!channel) return;
    if (channel.last === null || isNewer(message.id, channel.last)) channel.last = message.id;
    if (message.pings && message.channel !== this.channelId) this.pings[message.channel] = (this.pings[message.channel] ?? 0) + 1;
  }

  /** @param {number} type 1 slash, 2 person, 3 message @param {string} channelId @returns {any[]} the commands that are offered there */
  commandsIn(channelId, type) {
    const offered = new Set(this.channel(channelId)?.commands ?? []);
    return this.state.commands.filter((command) => command.type === type && offered.has(command.key));
  }
}

/** @param {string} key @returns {Record<string, string>} */
function readJson(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "{}");
  } catch {
    return {};
  }
}
