/**
 * Read a message into blocks, as Discord does: code blocks, quotes, headings, lists, small print, and paragraphs between them.
 *
 * @typedef {import("./inline.js").Inline} Inline
 * @typedef {{type: string, level?: number, text?: string, ordered?: boolean, start?: number, children?: any[], items?: any[]}} Block
 */

import { parseInline } from "./inline.js";

const FENCE = /```(?:([\w+#.-]{1,20})\n)?\n?([\s\S]*?)\n?```/g;
const HEADING = /^(#{1,3}) +(\S.*)$/;
const SMALL = /^-# +(\S.*)$/;
const QUOTE = /^> (.*)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +(\S.*)$/;

/**
 * @param {string} text
 * @returns {Block[]}
 */
export function parseBlocks(text) {
  /** @type {Block[]} */
  const blocks = [];
  let at = 0;
  for (const fence of text.matchAll(FENCE)) {
    if (!fence[2].trim()) continue;
    blocks.push(...parseLines(text.slice(at, fence.index).replace(/\n$/, "")));
    blocks.push({ type: "codeblock", text: fence[2] });
    at = fence.index + fence[0].length;
    if (text[at] === "\n") at += 1;
  }
  blocks.push(...parseLines(text.slice(at)));
  return blocks;
}

/** @param {string} text @param {boolean} [quoted] inside a quote there is no other @returns {Block[]} */
function parseLines(text, quoted = false) {
  if (!text) return [];
  const lines = text.split("\n");
  /** @type {Block[]} */
  const blocks = [];
  /** @type {string[]} */
  let plain = [];
  const flush = () => {
    const body = plain.join("\n");
    if (body.trim()) blocks.push({ type: "paragraph", children: parseInline(body) });
    plain = [];
  };
  for (let at = 0; at < lines.length; ) {
    const [block, taken] = readBlock(lines, at, quoted);
    if (block === null) {
      plain.push(lines[at]);
    } else {
      flush();
      blocks.push(block);
    }
    at += taken;
  }
  flush();
  return blocks;
}

/** @param {string[]} lines @param {number} at @param {boolean} quoted @returns {[Block | null, number]} the block that begins here, and its lines */
function readBlock(lines, at, quoted) {
  const line = lines[at];
  if (!quoted && line.startsWith(">>> ")) {
    const rest = [line.slice(4), ...lines.slice(at + 1)].join("\n");
    return [{ type: "quote", children: parseLines(rest, true) }, lines.length - at];
  }
  if (!quoted && QUOTE.test(line)) {
    const taken = run(lines, at, (one) => QUOTE.test(one));
    const inner = lines.slice(at, at + taken).map((one) => one.slice(2));
    return [{ type: "quote", children: parseLines(inner.join("\n"), true) }, taken];
  }
  const heading = HEADING.exec(line);
  if (heading) return [{ type: "heading", level: heading[1].length, children: parseInline(heading[2]) }, 1];
  const small = SMALL.exec(line);
  if (small) return [{ type: "small", children: parseInline(small[1]) }, 1];
  if (ITEM.test(line)) {
    const first = readItem(line);
    const goesOn = (/** @type {string} */ one) => {
      if (!ITEM.test(one)) return false;
      const item = readItem(one);
      return item.indent > first.indent || item.ordered === first.ordered;
    };
    const taken = run(lines, at, goesOn);
    return [readList(lines.slice(at, at + taken).map(readItem)), taken];
  }
  return [null, 1];
}

/** @param {string[]} lines @param {number} at @param {(line: string) => boolean} fits @returns {number} */
function run(lines, at, fits) {
  let end = at + 1;
  while (end < lines.length && fits(lines[end])) end += 1;
  return end - at;
}

/** @param {string} line */
function readItem(line) {
  const [, indent, mark, text] = /** @type {RegExpExecArray} */ (ITEM.exec(line));
  return { indent: indent.length, ordered: mark.length > 1, start: Number.parseInt(mark, 10) || 1, text };
}

/** @param {ReturnType<typeof readItem>[]} items @returns {Block} a list; deeper items become lists inside the item before them */
function readList(items) {
  const [first] = items;
  /** @type {{children: Inline[], list: Block | null}[]} */
  const shown = [];
  for (let at = 0; at < items.length; ) {
    let end = at + 1;
    while (end < items.length && items[end].indent > first.indent) end += 1;
    const below = items.slice(at + 1, end);
    shown.push({ children: parseInline(items[at].text), list: below.length ? readList(below) : null });
    at = end;
  }
  return { type: "list", ordered: first.ordered, start: first.start, items: shown };
}
