/** The shop's accent colour made legible, and light or dark chosen with the host page. */

const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
const GROUND = { light: WHITE, dark: [20, 24, 29] };

const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const mix = (a, b, share) => a.map((value, i) => Math.round(value + (b[i] - value) * share));
const css = (rgb) => `rgb(${rgb.join(" ")})`;

function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a, b) {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

/** Accent, the text on it, its hover and its soft ground, all with at least 4.5 of contrast. */
export function palette(hex, theme) {
  const ground = GROUND[theme];
  const away = theme === "dark" ? WHITE : BLACK;
  let accent = parse(hex);
  for (let i = 0; i < 20 && contrast(accent, ground) < 5; i += 1) accent = mix(accent, away, 0.1);
  const text = contrast(accent, WHITE) >= contrast(accent, BLACK) ? WHITE : BLACK;
  return {
    "--sk-accent": css(accent),
    "--sk-on-accent": css(text),
    "--sk-accent-hover": css(mix(accent, text === WHITE ? BLACK : WHITE, 0.2)),
    "--sk-accent-soft": css(mix(ground, accent, theme === "dark" ? 0.16 : 0.09)),
  };
}

/** `auto` goes dark only where the host page itself declares a dark colour scheme. */
export function pickTheme(wanted) {
  if (wanted === "light" || wanted === "dark") return wanted;
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const prefers = matchMedia("(prefers-color-scheme: dark)").matches;
  return scheme.includes("dark") && (prefers || !scheme.includes("light")) ? "dark" : "light";
}

export function applyTheme(host, { theme, accent }) {
  const name = pickTheme(theme);
  host.setAttribute("data-theme", name);
  if (!/^#[0-9a-f]{6}$/i.test(accent || "")) return;
  for (const [key, value] of Object.entries(palette(accent, name))) host.style.setProperty(key, value);
}
