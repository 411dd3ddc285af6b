/**
 * Read the marks inside a line, as Discord reads them: text in, a tree out. Nothing here touches the page.
 *
 * @typedef {{type: string, text?: string, id?: string, name?: string, url?: string, at?: number, style?: string, children?: Inline[]}} Inline
 */

const DEEPEST = 12;

const BODY = String.raw`((?:\\[\s\S]|[^\\])+?)`;
const URL_PART = String.raw`(https?:\/\/(?:[^\s()<>]|\([^\s()<>]*\))+)`;

/** One rule a mark, tried in this order at every place; `read` turns a match into a node, or refuses it with null. */
const RULES = [
  rule(String.raw`\\([^0-9A-Za-z\s])`, (m) => ({ type: "text", text: m[1] })),
  rule("(`+)([\\s\\S]*?[^`])\\1(?!`)", (m) => ({ type: "code", text: m[2].replace(/^ (?=`)|(?<=`) $/g, "") })),
  rule(String.raw`<(https?:\/\/[^\s<>]+)>`, (m) => link(m[1], [{ type: "text", text: m[1] }])),
  rule(String.raw`<t:(-?\d{1,13})(?::([tTdDfFR]))?>`, (m) => ({ type: "time", at: Number(m[1]), style: m[2] ?? "f" })),
  rule(String.raw`<@!?(\d{15,20})>`, (m) => ({ type: "user", id: m[1] })),
  rule(String.raw`<@&(\d{15,20})>`, (m) => ({ type: "role", id: m[1] })),
  rule(String.raw`<#(\d{15,20})>`, (m) => ({ type: "channel", id: m[1] })),
  rule(String.raw`<\/([^:<>\n]{1,100}):\d{15,20}>`, (m) => ({ type: "command", name: m[1] })),
  rule(String.raw`<a?(:\w{2,32}:)\d{15,20}>`, (m) => ({ type: "text", text: m[1] })),
  rule(String.raw`@(everyone|here)\b`, (m) => ({ type: "everyone", name: m[1] })),
  rule(String.raw`\[((?:\\[\s\S]|[^\[\]\\]|\[[^\[\]]*\])+)\]\(<?${URL_PART}>?(?:\s+"[^"]*")?\)`, (m, inner) => link(m[2], inner(m[1], true)), "link"),
  rule(String.raw`https?:\/\/[^\s<]*[^\s<.,:;"'\])*_~|]`, (m) => link(m[0], [{ type: "text", text: m[0] }]), "link"),
  rule(String.raw`\|\|([\s\S]+?)\|\|`, (m, inner) => ({ type: "spoiler", children: inner(m[1]) })),
  rule(String.raw`\*\*${BODY}\*\*(?!\*)`, (m, inner) => ({ type: "strong", children: inner(m[1]) })),
  rule(String.raw`__${BODY}__(?!_)`, (m, inner) => ({ type: "underline", children: inner(m[1]) })),
  rule(String.raw`\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)`, (m, inner) => ({ type: "em", children: inner(m[1]) })),
  rule(String.raw`\b_((?:__|\\[\s\S]|[^\\_])+?)_\b`, (m, inner) => ({ type: "em", children: inner(m[1]) })),
  rule(String.raw`~~${BODY}~~`, (m, inner) => ({ type: "strike", children: inner(m[1]) })),
];

/** Where a rule could begin; everything else is text and is passed over quickly. */
const MARK = /[\\`<@[h|*_~]/g;

/**
 * @param {string} text
 * @param {{inLink?: boolean, depth?: number}} [where]
 * @returns {Inline[]}
 */
export function parseInline(text, { inLink = false, depth = 0 } = {}) {
  if (depth > DEEPEST) return [{ type: "text", text }];
  /** @type {Inline[]} */
  const nodes = [];
  const inner = (/** @type {string} */ part, asLink = false) => parseInline(part, { inLink: inLink || asLink, depth: depth + 1 });
  let at = 0;
  while (at < text.length) {
    const found = match(text, at, inLink);
    if (found !== null) {
      add(nodes, found.rule.read(found.match, inner));
      at += found.match[0].length;
      continue;
    }
    MARK.lastIndex = at + 1;
    const next = MARK.exec(text)?.index ?? text.length;
    add(nodes, { type: "text", text: text.slice(at, next) });
    at = next;
  }
  return nodes;
}

/** @param {string} text @param {number} at @param {boolean} inLink */
function match(text, at, inLink) {
  for (const one of RULES) {
    if (inLink && one.kind === "link") continue;
    one.pattern.lastIndex = at;
    const found = one.pattern.exec(text);
    if (found !== null) return { rule: one, match: found };
  }
  return null;
}

/** @param {Inline[]} nodes @param {Inline} node adjoining texts become one */
function add(nodes, node) {
  const last = nodes.at(-1);
  if (node.type === "text" && last?.type === "text") last.text += node.text ?? "";
  else nodes.push(node);
}

/** @param {string} source @param {(m: RegExpExecArray, inner: (part: string, asLink?: boolean) => Inline[]) => Inline} read @param {string} [kind] */
function rule(source, read, kind = "") {
  return { pattern: new RegExp(source, "y"), read, kind };
}

/** @param {string} url @param {Inline[]} children @returns {Inline} */
function link(url, children) {
  return { type: "link", url, children };
}
