/** Bot text: bold, lists and links, built as elements; everything else stays the text it is. */
import { h, hidden, safeUrl } from "./dom.js";

const INLINE = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/g;
const BULLET = /^\s*(?:[-*•]|\d+[.)])\s+/;
const SCHEMES = ["https:", "http:", "mailto:", "tel:"];

/** A link inside the shop stays in this tab (the chat resumes there); any other opens a new one. */
export function link(address, content, props = {}, newTab = "") {
  const href = safeUrl(address, SCHEMES);
  if (!href) return null;
  const away = /^https?:/.test(href) && new URL(href).origin !== location.origin;
  const target = away ? "_blank" : null;
  return h("a", { href, rel: "noopener noreferrer", target, ...props }, content, away && newTab && hidden(` (${newTab})`));
}

function inline(text, newTab) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, title, address, bare] = match;
    parts.push(text.slice(from, match.index));
    parts.push(bold ? h("strong", null, bold) : link(address || bare, title || bare, {}, newTab) || whole);
    from = match.index + whole.length;
  }
  return [...parts, text.slice(from)];
}

export function rich(text, newTab) {
  const blocks = [];
  let list = null;
  let lines = [];
  const flush = () => {
    if (lines.length) blocks.push(h("p", null, lines.slice(1)));
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (BULLET.test(line)) {
      flush();
      if (!list) blocks.push((list = h(/^\s*\d/.test(line) ? "ol" : "ul")));
      list.append(h("li", null, inline(line.replace(BULLET, ""), newTab)));
      continue;
    }
    list = null;
    if (line.trim()) lines.push(h("br"), ...inline(line, newTab));
    else flush();
  }
  flush();
  return blocks;
}

/** The same text for a screen reader's announcement: no marks, no addresses. */
export const plain = (text) =>
  text
    .replace(/\*\*([^*\n]+)\*\*/g, "$1")
    .replace(/\[([^\]\n]+)\]\([^)\s]+\)/g, "$1")
    .replace(/https?:\/\/\S+/g, "")
    .replace(/^\s*[-*•]\s+/gm, "")
    .trim();
