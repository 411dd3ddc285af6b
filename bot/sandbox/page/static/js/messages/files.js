/** Attachments: pictures with room kept for them, audio with a player, anything else as a file to save. */

import { el, icon } from "../dom.js";

/** @typedef {{id: string, name: string, size: number, type: string, alt: string, width: number | null, height: number | null, url: string}} FileView */

const WIDEST = 420;
const HIGHEST = 320;

/** @param {FileView} file @returns {HTMLElement} */
export function showFile(file) {
  if (file.type.startsWith("audio/")) return showAudio(file);
  if (file.type.startsWith("image/") && file.width && file.height) return showPicture(file);
  return el(
    "a",
    { class: "file", href: file.url, download: file.name, data: { file: file.id } },
    icon("file"),
    el("span", { class: "file-name", dir: "auto", text: file.name }),
    el("span", { class: "file-size", text: size(file.size) }),
  );
}

/** @param {FileView} file @returns {HTMLElement} its width and height are known before it loads, so that nothing moves then */
export function showPicture(file, widest = WIDEST, highest = HIGHEST) {
  const width = file.width ?? widest;
  const height = file.height ?? highest;
  const scale = Math.min(1, widest / width, highest / height);
  const image = el("img", {
    src: file.url,
    alt: file.alt || file.name,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
    loading: "lazy",
    decoding: "async",
  });
  return el("a", { class: "picture", href: file.url, target: "_blank", rel: "noopener noreferrer", data: { file: file.id } }, image);
}

/** @param {FileView} file @returns {HTMLElement} */
function showAudio(file) {
  const length = el("span", { class: "audio-length", text: "–:––" });
  const audio = el("audio", { controls: true, preload: "metadata", src: file.url, "aria-label": file.alt || file.name });
  audio.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(audio.duration)) length.textContent = clock(audio.duration);
  });
  audio.addEventListener("error", () => {
    length.textContent = "cannot be played";
  });
  audio.addEventListener("play", () => quietOthers(audio));
  return el(
    "figure",
    { class: "audio", data: { file: file.id } },
    el(
      "figcaption",
      { class: "audio-head" },
      el("span", { class: "audio-name", dir: "auto", title: file.name, text: file.name }),
      el("span", { class: "audio-about" }, length, ` · ${size(file.size)}`),
      el("a", { class: "icon-button", href: file.url, download: file.name, title: "Download", "aria-label": `Download ${file.name}` }, icon("download")),
    ),
    audio,
  );
}

/** @param {HTMLAudioElement} playing one track at a time */
function quietOthers(playing) {
  for (const other of document.querySelectorAll("audio")) if (other !== playing) other.pause();
}

/** @param {number} seconds @returns {string} "2:05" */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {number} bytes @returns {string} */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
