/** The page's Markdown: what the tokenizer makes of what people and the bot write. Run by tests/unit/test_page_scripts.py. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseBlocks } from "../../../bot/sandbox/page/static/js/markdown/blocks.js";
import { parseInline } from "../../../bot/sandbox/page/static/js/markdown/inline.js";
import { relative } from "../../../bot/sandbox/page/static/js/markdown/time.js";

const text = (value) => ({ type: "text", text: value });

/** Write a tree shortly: strong(a em(b)). */
function short(nodes) {
  return nodes.map((node) => (node.type === "text" ? node.text : `${node.type}(${node.children ? short(node.children) : (node.text ?? node.id ?? node.name ?? node.at)})`)).join("");
}

const INLINE = [
  ["plain words", "plain words"],
  ["**a** *b* _c_ __d__ ~~e~~ ||f||", "strong(a) em(b) em(c) underline(d) strike(e) spoiler(f)"],
  ["***both***", "strong(em(both))"],
  ["**a *b* c**", "strong(a em(b) c)"],
  ["snake_case_name", "snake_case_name"],
  ["2 * 3 * 4", "2 * 3 * 4"],
  ["**open", "**open"],
  [String.raw`\*not\* \_so\_ \~~ \||x\||`, "*not* _so_ ~~ ||x||"],
  [String.raw`C:\new`, String.raw`C:\new`],
  ["`**raw** <@123456789012345678>`", "code(**raw** <@123456789012345678>)"],
  ["``a ` b``", "code(a ` b)"],
  ["<@123456789012345678> <@!123456789012345678>", "user(123456789012345678) user(123456789012345678)"],
  ["<#123456789012345678> <@&123456789012345678>", "channel(123456789012345678) role(123456789012345678)"],
  ["@everyone @here @hereby", "everyone(everyone) everyone(here) @hereby"],
  ["</extend:123456789012345678>", "command(extend)"],
  ["<:note:123456789012345678>", ":note:"],
  ["<t:1700000000:R>", "time(1700000000)"],
  ["<t:nonsense>", "<t:nonsense>"],
  ["<b>x</b><script>alert(1)</script>", "<b>x</b><script>alert(1)</script>"],
  ["https://example.org/a?b=1. Then", "link(https://example.org/a?b=1). Then"],
  ["<https://example.org/a_b_c>", "link(https://example.org/a_b_c)"],
  ["[words **bold**](https://example.org/x_(y))", "link(words strong(bold))"],
  ["[https://good.example](https://other.example)", "link(https://good.example)"],
  ["[x](javascript:alert(1))", "[x](javascript:alert(1))"],
  ["[x](data:text/html,y)", "[x](data:text/html,y)"],
];

for (const [written, read] of INLINE) {
  test(`inline: ${written}`, () => assert.equal(short(parseInline(written)), read));
}

test("a link keeps its address", () => {
  const [link] = parseInline("[x](https://example.org/a_(b))");
  assert.equal(link.url, "https://example.org/a_(b)");
});

test("what begins no mark stays as it was written", () => {
  for (const odd of ["\\", "**", "`", "[", "](", "<", "<@", "||", "_", "عنوان 🎵 ~~"]) assert.equal(short(parseInline(odd)), odd);
});

test("deep nesting and long runs end quickly", () => {
  const began = performance.now();
  parseInline("**_".repeat(1000));
  parseInline("*".repeat(4000));
  parseInline("[".repeat(4000));
  parseInline("||".repeat(2000));
  parseInline(`*${" a".repeat(2000)}`);
  assert.ok(performance.now() - began < 2000);
});

const BLOCKS = [
  ["a\nb", ["paragraph"]],
  ["# One\n## Two\n### Three\n#### four\n#five", ["heading", "heading", "heading", "paragraph"]],
  ["-# small\nrest", ["small", "paragraph"]],
  ["> a\n> b\nc", ["quote", "paragraph"]],
  [">>> a\nb\nc", ["quote"]],
  ["- a\n- b\n1. c\n2. d", ["list", "list"]],
  ["before\n```js\n# x\n```\nafter", ["paragraph", "codeblock", "paragraph"]],
  ["``` ```", ["paragraph"]],
  [String.raw`\# no` + "\n" + String.raw`\> no` + "\n" + String.raw`\- no`, ["paragraph"]],
  ["", []],
];

for (const [written, read] of BLOCKS) {
  test(`blocks: ${JSON.stringify(written)}`, () => assert.deepEqual(parseBlocks(written).map((block) => block.type), read));
}

test("a code block keeps its text and drops its language", () => {
  assert.deepEqual(parseBlocks("```js\n<b> **x**\n```"), [{ type: "codeblock", text: "<b> **x**" }]);
});

test("deeper items are a list inside the item before", () => {
  const [list] = parseBlocks("- one\n  - inner\n- two");
  assert.equal(list.items.length, 2);
  assert.deepEqual(list.items[0].list.items[0].children, [text("inner")]);
});

test("an ordered list begins where it says", () => {
  const [list] = parseBlocks("3. three\n4. four");
  assert.deepEqual([list.ordered, list.start], [true, 3]);
});

test("inside a quote there is no other quote", () => {
  const [quote] = parseBlocks("> > a");
  assert.deepEqual(quote.children[0].children, [text("> a")]);
});

test("relative moments use the largest unit that fits", () => {
  assert.deepEqual(
    [0, 1, 59, 60, 3599, 7200, 86_400 * 3, -5].map((age) => relative(1_000_000 - age, 1_000_000)),
    ["now", "1 second ago", "59 seconds ago", "1 minute ago", "59 minutes ago", "2 hours ago", "3 days ago", "in 5 seconds"],
  );
});
