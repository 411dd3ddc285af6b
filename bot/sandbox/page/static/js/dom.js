/** Build the page's elements: always by createElement and text, so that foreign text never becomes markup. */

const SVG = "http://www.w3.org/2000/svg";

/** The page's own drawings, as paths in a square of 24. */
const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3 15h16",
  thread: "M5 5v8a4 4 0 0 0 4 4h10M15 13l4 4-4 4",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21a8 8 0 0 1 16 0",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2 20a7 7 0 0 1 14 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a7 7 0 0 1 4 6",
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6 6 18",
  sliders: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4v6M8 14v6",
  send: "M4 12 20 4l-5 16-3.5-6.5L4 12Z",
  reply: "M10 6 4 12l6 6M4 12h10a6 6 0 0 1 6 6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01",
  down: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  file: "M6 3h8l4 4v14H6V3ZM14 3v4h4",
  note: "M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z",
  tab: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  plus: "M12 5v14M5 12h14",
  check: "M5 13l4 4L19 7",
  out: "M7 17 17 7M9 7h8v8",
  slash: "M15 4 9 20",
};

/**
 * Make an element. `class` and `text` are set as properties, `on` holds listeners, `data` the dataset; true and false set or leave
 * out an attribute, null leaves it out.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Draw an icon; it says nothing to a screen reader.
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * Make a button that shows an icon alone.
 * @param {keyof typeof ICONS} drawing
 * @param {string} label what it does, for the tooltip and for screen readers
 * @param {(event: Event) => void} act
 * @param {Record<string, any>} [props]
 */
export function iconButton(drawing, label, act, props = {}) {
  const button = el("button", { type: "button", class: "icon-button", title: label, "aria-label": label, on: { click: act }, ...props });
  button.append(icon(drawing));
  return button;
}

/**
 * Replace what an element holds.
 * @param {Element} parent
 * @param {...(Node|string|null|undefined|false)} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

/** @param {string} id @returns {any} the element with this id */
export const byId = (id) => document.getElementById(id);

/**
 * Make the round sign of a person: their first letter on a colour of their own.
 * @param {{id: string, name: string, bot?: boolean}} who
 */
export function avatar(who) {
  if (who.bot) {
    const sign = el("span", { class: "avatar avatar-bot", "aria-hidden": "true" });
    sign.append(icon("note"));
    return sign;
  }
  const tone = [...who.name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 6;
  return el("span", { class: `avatar tone-${tone}`, "aria-hidden": "true", text: [...who.name][0] ?? "?" });
}

/**
 * Order ids by age: they are numbers too large for JavaScript.
 * @param {string} one @param {string} other
 */
export function isNewer(one, other) {
  return one.length === other.length ? one > other : one.length > other.length;
}
