/** Elements without ever parsing HTML. */

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  chat: ["M3.5 10a6.5 6 0 1 1 3.2 5.2L3.5 16.5l1-3.1A5.7 5.7 0 0 1 3.5 10Z", "M7.2 10h.01M10 10h.01M12.8 10h.01"],
  close: ["m5 5 10 10M15 5 5 15"],
  menu: ["M4 10h.01M10 10h.01M16 10h.01"],
  send: ["M10 16V4.5M5 9.2l5-4.9 5 4.9"],
  back: ["m12 4.5-5.5 5.5 5.5 5.5"],
  next: ["m8 4.5 5.5 5.5L8 15.5"],
  down: ["M10 4v11.5M5 10.8l5 4.9 5-4.9"],
  star: ["m10 3 2.1 4.5 4.9.6-3.6 3.4.9 4.9-4.3-2.4-4.3 2.4.9-4.9L3 8.1l4.9-.6L10 3Z"],
  image: ["M3.5 4.5h13v11h-13zM3.5 13l3.6-3.4 3 2.8 2.3-2.1 4.1 3.8M12.6 7.7h.01"],
  bag: ["M4.6 7h10.8l.9 9.5H3.7L4.6 7Z", "M7.2 9.3V6.2a2.8 2.8 0 0 1 5.6 0v3.1"],
};

/** `h("a", {href, onclick: fn}, "text", child)`; null and false are left out. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 20 20", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** Text for screen readers only. */
export const hidden = (text) => h("span", { class: "sr" }, text);

/** A style sheet that needs no `style-src`; older engines get a link. */
export async function adopt(root, name) {
  const url = new URL(name, import.meta.url);
  try {
    const sheet = new CSSStyleSheet();
    const response = await fetch(url, { credentials: "omit" });
    if (!response.ok) throw new Error(response.status);
    await sheet.replace(await response.text());
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    await new Promise((resolve) => {
      root.prepend(h("link", { rel: "stylesheet", href: url, onload: resolve, onerror: resolve }));
      setTimeout(resolve, 3000);
    });
  }
}

/** Fill `{name}` in a text; a table of plural forms is chosen from by `n`. */
export function fill(text, values = {}, lang = "en") {
  const form = typeof text === "string" ? text : text[new Intl.PluralRules(lang).select(values.n)] || text.other;
  return form.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An address of a harmless scheme, else null. */
export function safeUrl(address, schemes = ["https:", "http:"]) {
  try {
    const url = new URL(address, document.baseURI);
    return schemes.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export const glide = () => (matchMedia("(prefers-reduced-motion: no-preference)").matches ? "smooth" : "auto");
