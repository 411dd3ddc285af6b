/** Embeds: a card with a bar of its colour, title, text, fields beside each other, pictures, footer. */

import { el } from "../dom.js";
import { renderBlocks, renderInline } from "../markdown/render.js";
import { stamp } from "../markdown/time.js";
import { showPicture } from "./files.js";

const THUMBNAIL = 88;

/** @param {any} embed @param {import("../markdown/render.js").Names} names @returns {HTMLElement} */
export function showEmbed(embed, names) {
  const card = el("div", { class: embed.thumbnail ? "embed with-thumbnail" : "embed" });
  if (typeof embed.color === "number") card.style.setProperty("--bar", `#${embed.color.toString(16).padStart(6, "0")}`);
  const body = el("div", { class: "embed-body" });
  if (embed.author?.name) body.append(el("p", { class: "embed-author", dir: "auto", text: embed.author.name }));
  if (embed.title) body.append(title(embed, names));
  if (embed.description) body.append(renderBlocks(embed.description, names));
  if (embed.fields?.length) body.append(fields(embed.fields, names));
  card.append(body);
  if (embed.thumbnail) card.append(picture(embed.thumbnail, "embed-thumbnail", THUMBNAIL, THUMBNAIL));
  if (embed.image) card.append(picture(embed.image, "embed-image"));
  const small = [embed.footer?.text, embed.timestamp && stamp(Date.parse(embed.timestamp))].filter(Boolean).join(" · ");
  if (small) card.append(el("p", { class: "embed-footer", dir: "auto", text: small }));
  return card;
}

/** @param {any} embed @param {import("../markdown/render.js").Names} names */
function title(embed, names) {
  const shown = renderInline(embed.title, names);
  const safe = /^https?:\/\//.test(embed.url ?? "");
  const inner = safe ? [el("a", { href: embed.url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...shown)] : shown;
  return el("p", { class: "embed-title", dir: "auto" }, ...inner);
}

/** @param {{name: string, value: string, inline?: boolean}[]} list @param {import("../markdown/render.js").Names} names */
function fields(list, names) {
  const widths = widthsOf(list);
  const shown = list.map((field, index) =>
    el(
      "div",
      { class: `field ${widths[index]}` },
      el("p", { class: "field-name", dir: "auto" }, ...renderInline(field.name, names)),
      renderBlocks(field.value, names),
    ),
  );
  return el("div", { class: "fields" }, ...shown);
}

/** How wide each field is: those that follow each other inline share a row, three at most. @param {{inline?: boolean}[]} list */
function widthsOf(list) {
  /** @type {string[]} */
  const widths = [];
  while (widths.length < list.length) {
    const beside = [0, 1, 2].findIndex((offset) => !list[widths.length + offset]?.inline);
    const number = beside === -1 ? 3 : Math.max(beside, 1);
    widths.push(...Array(number).fill(["", "half", "third"][number - 1]));
  }
  return widths;
}

/** @param {any} media @param {string} kind @param {number} [widest] @param {number} [highest] one from elsewhere is a link: this page loads nothing from elsewhere */
function picture(media, kind, widest, highest) {
  if (media.url) return el("div", { class: kind }, showPicture(media, widest, highest));
  const safe = /^https?:\/\//.test(media.link ?? "");
  return el("p", { class: kind }, safe ? el("a", { href: media.link, target: "_blank", rel: "noopener noreferrer nofollow", text: "Picture elsewhere" }) : "Picture elsewhere");
}
