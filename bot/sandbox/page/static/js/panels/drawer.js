/** The drawer: make the music service, Discord or the bot fail, and see what the bot makes of it. */

import { byId, el, fill, iconButton } from "../dom.js";

const LOOK = 2000;
/** Milliseconds between two looks at the log, while it is open. */
const BOT_STATES = { ready: "Running, and connected", starting: "Starting…", stopped: "Stopped", ended: "Ended by itself: see its log" };

const PASSED = "15 minutes have passed for everything that was asked so far.";

export class Drawer {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    this.element = byId("drawer");
    this.switches = el("div", {});
    this.bot = el("p", { class: "bot-line" });
    this.counts = el("p", { class: "counts" });
    this.log = el("pre", { class: "log", tabindex: "0", "aria-label": "The bot's log" });
    this.logBox = el("details", { class: "log-box" }, el("summary", { text: "The bot's log" }), this.log);
    this.logBox.addEventListener("toggle", () => this.#readLog());
    this.clear = el("button", { type: "button", class: "button secondary", text: "Clear all faults", on: { click: () => this.#do("clear", {}) } });
    fill(
      this.element,
      el("header", { class: "drawer-head" }, el("h2", { tabindex: "-1", text: "Faults" }), this.clear, iconButton("close", "Close", () => this.toggle(false))),
      el("div", { class: "drawer-body", tabindex: "0", role: "region", "aria-label": "Faults and the bot's process" }, this.#process(), this.switches, this.logBox),
    );
    document.addEventListener("keydown", (event) => {
      const within = this.element.contains(document.activeElement) || document.activeElement === document.body;
      if (event.key === "Escape" && !this.element.hidden && within) this.toggle(false);
    });
  }

  /** @param {boolean} [open] */
  toggle(open = this.element.hidden) {
    this.element.hidden = !open;
    document.body.classList.toggle("with-drawer", open);
    this.app.topbar.showOpen(open);
    if (open) this.element.querySelector("h2")?.focus();
    else this.app.topbar.faults.focus();
    this.#readLog();
  }

  /** @param {any} controls */
  show(controls) {
    this.bot.textContent = `${BOT_STATES[controls.bot.state] ?? controls.bot.state}. Started ${controls.bot.starts === 1 ? "once" : `${controls.bot.starts} times`}.`;
    this.bot.dataset.state = controls.bot.state;
    const { counts } = controls;
    this.counts.textContent = `Counted by the music service: tracks begun ${counts.accepted}, queries ${counts.queries}, breaches of its limits ${counts.violations}.`;
    if (document.activeElement === this.clear) this.element.querySelector("h2")?.focus();
    this.clear.disabled = !controls.switches.some((/** @type {any} */ one) => one.on);
    if (this.switches.childElementCount === 0) this.#build(controls.switches);
    for (const one of controls.switches) {
      const input = byId(`fault-${one.key}`);
      if (input) input.checked = one.on;
    }
  }

  /** @param {any[]} switches */
  #build(switches) {
    const groups = [...new Set(switches.map((one) => one.group))];
    fill(this.switches, ...groups.map((group) => el("section", { class: "faults" }, el("h3", { text: group }), ...switches.filter((one) => one.group === group).map((one) => this.#row(one)))));
  }

  /** @param {any} one */
  #row(one) {
    const id = `fault-${one.key}`;
    const input = el("input", { type: "checkbox", role: "switch", id, "aria-describedby": `${id}-hint` });
    input.addEventListener("change", () => this.#do("fault", { key: one.key, on: input.checked }));
    const hint = one.once ? `${one.hint} Once, then off again.` : one.hint;
    return el("div", { class: "fault" }, el("label", { for: id }, el("span", { class: "fault-name", text: one.label }), el("span", { class: "fault-hint", id: `${id}-hint`, text: hint })), input);
  }

  #process() {
    const button = (/** @type {string} */ text, /** @type {string} */ act, /** @type {string} */ what, /** @type {string} */ title, done = "") =>
      el("button", { type: "button", class: "button secondary", title, text, on: { click: (/** @type {any} */ event) => this.#do(act, { what }, event.currentTarget, done) } });
    return el(
      "section",
      { class: "faults" },
      el("h3", { text: "The bot" }),
      this.bot,
      el(
        "div",
        { class: "row" },
        button("Restart", "bot", "restart", "SIGTERM, then a new process"),
        button("Kill and start", "bot", "kill", "SIGKILL, as a power cut would, then a new process"),
        button("Stop", "bot", "stop", "SIGTERM, and nothing after it"),
        button("Start", "bot", "start", "Start it, if it does not run"),
      ),
      el("h3", { text: "Its connection to Discord" }),
      el(
        "div",
        { class: "row" },
        button("Cut", "gateway", "drop", "The connection breaks without a word"),
        button("Ask to reconnect", "gateway", "reconnect", "Discord asks for it now and then"),
        button("Forget session", "gateway", "invalidate", "Nothing is replayed"),
      ),
      el("h3", { text: "Time" }),
      el("div", { class: "row" }, button("15 minutes pass", "expire", "", "For all that was asked so far", PASSED)),
      el("p", { class: "row-hint", text: "Everything asked so far is then too old for Encore to answer it in place. Where it may not post either, a result waits under /jobs." }),
      this.counts,
    );
  }

  /** @param {string} act @param {Record<string, unknown>} body @param {HTMLElement} [button] @param {string} [done] what to say when it was done */
  async #do(act, body, button, done) {
    button?.setAttribute("aria-busy", "true");
    try {
      this.app.showControls(await this.app.api.post(`/api/controls/${act}`, body));
      if (done) this.app.tell(done);
    } catch (error) {
      this.app.tell(error.message);
    } finally {
      button?.removeAttribute("aria-busy");
    }
  }

  async #readLog() {
    clearTimeout(this.timer);
    if (this.element.hidden || !this.logBox.open) return;
    try {
      const { log } = await this.app.api.get("/api/log");
      const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
      if (this.log.textContent !== log) this.log.textContent = log || "Nothing yet.";
      if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    } catch {
      this.log.textContent = "The log could not be read.";
    }
    this.timer = setTimeout(() => this.#readLog(), LOOK);
  }
}
