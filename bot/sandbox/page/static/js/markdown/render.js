/** Show what was read as elements. Foreign text stays text: only what the tokenizer named becomes an element. */

import { el } from "../dom.js";
import { parseBlocks } from "./blocks.js";
import { parseInline } from "./inline.js";
import { absolute, relative } from "./time.js";

/**
 * @typedef {object} Names who and what the ids in a text stand for
 * @property {(id: string) => string | undefined} user
 * @property {(id: string) => string | undefined} role
 * @property {(id: string) => string | undefined} channel
 * @property {string} me the reader's id
 * @property {(channel: string, message: string | undefined) => void} open
 */

const INLINE = { strong: "strong", em: "em", underline: "u", strike: "s" };
const PLACE = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:\d+|@me)\/(\d+)(?:\/(\d+))?\/?$/;

/** @param {string} text @param {Names} names @returns {HTMLElement} a message's or a card's text */
export function renderBlocks(text, names) {
  return el("div", { class: "text", dir: "auto" }, ...parseBlocks(text).map((block) => showBlock(block, names)));
}

/** @param {string} text @param {Names} names @returns {Node[]} one line, such as a title */
export function renderInline(text, names) {
  return parseInline(text).map((node) => showInline(node, names));
}

/** @param {string} text @param {Names} names @returns {string} the words alone, for announcements and excerpts */
export function plainText(text, names) {
  return wordsOf(parseInline(text), names);
}

/** @param {import("./inline.js").Inline[]} nodes @param {Names} names @returns {string} */
function wordsOf(nodes, names) {
  const words = nodes.map((node) => {
    switch (node.type) {
      case "user":
        return `@${names.user(node.id ?? "") ?? "unknown person"}`;
      case "channel":
        return `#${names.channel(node.id ?? "") ?? "unknown channel"}`;
      case "role":
        return `@${names.role(node.id ?? "") ?? "unknown role"}`;
      case "time":
        return node.style === "R" ? relative(node.at ?? 0, Date.now() / 1000) : absolute(node.at ?? 0, node.style ?? "f");
      case "spoiler":
        return "(spoiler)";
      case "everyone":
        return `@${node.name}`;
      case "command":
        return `/${node.name}`;
      default:
        return node.text ?? wordsOf(node.children ?? [], names);
    }
  });
  return words.join("");
}

/** @param {any} block @param {Names} names @returns {Node} */
function showBlock(block, names) {
  const inner = () => block.children.map((/** @type {any} */ node) => showInline(node, names));
  switch (block.type) {
    case "codeblock":
      return el("pre", { tabindex: "0" }, el("code", { text: block.text }));
    case "quote":
      return el("blockquote", {}, ...block.children.map((/** @type {any} */ child) => showBlock(child, names)));
    case "heading":
      // Not h1 to h3: the page's own headings are its outline, whatever people write.
      return el("p", { class: `heading heading-${block.level}`, dir: "auto" }, ...inner());
    case "small":
      return el("p", { class: "small", dir: "auto" }, ...inner());
    case "list":
      return showList(block, names);
    default:
      return el("p", { dir: "auto" }, ...inner());
  }
}

/** @param {any} list @param {Names} names @returns {HTMLElement} */
function showList(list, names) {
  const items = list.items.map((/** @type {any} */ item) =>
    el("li", { dir: "auto" }, ...item.children.map((/** @type {any} */ node) => showInline(node, names)), item.list && showList(item.list, names)),
  );
  return el(list.ordered ? "ol" : "ul", { start: list.ordered && list.start !== 1 ? list.start : null }, ...items);
}

/** @param {any} node @param {Names} names @returns {Node} */
function showInline(node, names) {
  const inner = () => node.children.map((/** @type {any} */ child) => showInline(child, names));
  switch (node.type) {
    case "text":
      return document.createTextNode(node.text);
    case "code":
      return el("code", { text: node.text });
    case "time":
      return showTime(node);
    case "user":
      return mention(`@${names.user(node.id) ?? "unknown person"}`, node.id === names.me);
    case "role":
      return mention(`@${names.role(node.id) ?? "unknown role"}`);
    case "everyone":
      return mention(`@${node.name}`, true);
    case "command":
      return mention(`/${node.name}`);
    case "channel":
      return placeLink(`#${names.channel(node.id) ?? "unknown channel"}`, node.id, undefined, names, "mention");
    case "link":
      return showLink(node, inner(), names);
    case "spoiler":
      return showSpoiler(inner());
    default:
      return el(INLINE[node.type], {}, ...inner());
  }
}

/** @param {string} text @param {boolean} [own] */
function mention(text, own = false) {
  return el("span", { class: own ? "mention mention-own" : "mention", text });
}

/** @param {any} node */
function showTime(node) {
  const date = new Date(node.at * 1000);
  if (Number.isNaN(date.getTime())) return mention("Invalid date");
  const text = node.style === "R" ? relative(node.at, Date.now() / 1000) : absolute(node.at, node.style);
  return el("time", {
    class: "moment",
    datetime: date.toISOString(),
    title: absolute(node.at, "F"),
    text,
    data: node.style === "R" ? { relative: String(node.at) } : {},
  });
}

/** @param {any} node @param {Node[]} children @param {Names} names a link to a message of this place leads there, and not to Discord */
function showLink(node, children, names) {
  const place = PLACE.exec(node.url);
  if (place && names.channel(place[1]) !== undefined) return placeLink(children, place[1], place[2], names, "");
  return el("a", { href: node.url, target: "_blank", rel: "noopener noreferrer nofollow", title: node.url }, ...children);
}

/** @param {string | Node[]} shown @param {string} channel @param {string | undefined} message @param {Names} names @param {string} kind */
function placeLink(shown, channel, message, names, kind) {
  const go = (/** @type {Event} */ event) => {
    event.preventDefault();
    names.open(channel, message);
  };
  return el("a", { href: `#${channel}`, class: kind || null, on: { click: go } }, ...(typeof shown === "string" ? [shown] : shown));
}

/** @param {Node[]} children */
function showSpoiler(children) {
  const cover = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: press to show" });
  const body = el("span", { class: "spoiler-body", "aria-hidden": "true" }, ...children);
  const show = () => {
    cover.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) cover.removeAttribute(name);
    body.removeAttribute("aria-hidden");
  };
  cover.append(body);
  cover.addEventListener("click", (/** @type {Event} */ event) => {
    if (!cover.classList.contains("shown")) event.preventDefault();
    show();
  });
  cover.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    if (event.target !== cover || cover.classList.contains("shown")) return;
    event.preventDefault();
    show();
  });
  return cover;
}
