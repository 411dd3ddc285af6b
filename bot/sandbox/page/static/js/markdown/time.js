/** Moments as Discord writes them, and the clock that keeps the relative ones current. */

const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const FORMS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** @param {number} at @param {number} now both in seconds since 1970 @returns {string} "2 minutes ago", "in 3 hours" */
export function relative(at, now) {
  const ahead = at - now;
  if (Math.abs(ahead) < 1) return "now";
  const [unit, size] = UNITS.find(([, seconds]) => Math.abs(ahead) >= seconds) ?? ["second", 1];
  return RELATIVE.format(Math.trunc(ahead / size), /** @type {Intl.RelativeTimeFormatUnit} */ (unit));
}

/** @param {number} at seconds since 1970 @param {string} style Discord's letter */
export function absolute(at, style) {
  const date = new Date(at * 1000);
  return Number.isNaN(date.getTime()) ? "Invalid date" : new Intl.DateTimeFormat(undefined, FORMS[style] ?? FORMS.f).format(date);
}

/** @param {number} at milliseconds since 1970 @returns {string} "Today at 14:03", "21 Nov 2026, 14:03" */
export function stamp(at) {
  const date = new Date(at);
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(date);
  return date.toDateString() === new Date().toDateString() ? `Today at ${time}` : `${dayName(at)}, ${time}`;
}

/** @param {number} at milliseconds since 1970 */
export function dayName(at) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(new Date(at));
}

/** Keep every relative moment on the page current, while anybody looks. */
export function startClock() {
  setInterval(() => {
    if (document.hidden) return;
    const now = Date.now() / 1000;
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const text = relative(Number(/** @type {HTMLElement} */ (element).dataset.relative), now);
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}
