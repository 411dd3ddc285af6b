/** Ask the bot for suggestions: a moment after the last key, and only the latest answer counts. */

const PAUSE = 250;
/** Milliseconds without a key before the bot is asked, as Discord's client waits. */
const PATIENCE = 150;
/** Milliseconds before the list says that it is loading: a quick answer should not flicker. */

export class Suggestions {
  /** @param {any} app @param {any} command @param {(found: any) => void} tell */
  constructor(app, command, tell) {
    this.app = app;
    this.command = command;
    this.tell = tell;
    /** @type {Set<number>} */
    this.timers = new Set();
    /** @type {AbortController | null} */
    this.asking = null;
  }

  stop() {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.asking?.abort();
    this.asking = null;
  }

  /** @param {any} field @param {Record<string, unknown>} options the others, as they stand */
  ask(field, options) {
    this.stop();
    this.timers.add(setTimeout(() => this.tell({ field, loading: true }), (field.text ? PAUSE : 0) + PATIENCE));
    this.timers.add(setTimeout(() => this.#fetch(field, options), field.text ? PAUSE : 0));
  }

  /** @param {any} field @param {Record<string, unknown>} options */
  async #fetch(field, options) {
    const asking = new AbortController();
    this.asking = asking;
    const { [field.option.name]: _own, ...others } = options;
    const typed = field.chosen === undefined ? field.text : "";
    const body = { channel: this.app.store.channelId, name: this.command.name, focused: field.option.name, value: typed, options: others };
    let found;
    try {
      const answer = await this.app.api.act("autocomplete", body, asking.signal);
      found = { field, options: answer.choices };
    } catch (error) {
      if (asking.signal.aborted) return;
      found = { field, failed: error.status === 400 ? "Loading options failed." : error.message };
    }
    if (this.asking !== asking) return;
    this.stop();
    this.tell(found);
  }
}
