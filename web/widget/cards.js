/** Product cards, alone or in a native horizontal scroller, and their prices. */
import { fill, glide, h, hidden, icon, safeUrl } from "./dom.js";
import { link } from "./rich.js";

const minor = (amount) => Math.round(Number(amount) * 100);

export function money(amount, currency, lang) {
  const format = { style: "currency", currency, currencyDisplay: "narrowSymbol", useGrouping: "always" };
  try {
    return new Intl.NumberFormat(lang, format).format(amount);
  } catch {
    return new Intl.NumberFormat(lang, { ...format, useGrouping: true }).format(amount);
  }
}

/**
 * A reduction is shown only against the lowest price of the 30 days before it (Directive 98/6/EC,
 * art. 6a; CJEU C-330/23), never against a "regular" price: whole percent, rounded down, or 0.
 */
export function reduction({ price, lowest_30d: lowest }) {
  if (!lowest || !(minor(lowest) > minor(price))) return 0;
  return Math.floor(((minor(lowest) - minor(price)) * 100) / minor(lowest)) || 0;
}

export function priceBlock(card, texts, lang) {
  if (!card.price || !card.currency) return null;
  const now = money(card.price, card.currency, lang);
  const percent = reduction(card);
  if (!percent) return h("p", { class: "price" }, hidden(`${texts.price}: `), h("strong", null, now));
  const before = money(card.lowest_30d, card.currency, lang);
  return [
    h(
      "p",
      { class: "price sale" },
      hidden(`${texts.price}: `),
      h("strong", null, now),
      h("span", { class: "off" }, fill(texts.off, { n: percent }, lang)),
    ),
    h("p", { class: "lowest" }, `${texts.lowest} `, h("s", null, before)),
  ];
}

let serial = 0;

/** In a reserved box: nothing moves when it arrives or fails. */
export function picture(image, { decorative = false, width = 240, height = 300 } = {}) {
  const src = image && safeUrl(image.src);
  const box = h("div", { class: "picture" });
  const failed = () => box.replaceChildren(icon("image"), decorative ? "" : h("span", null, image?.alt));
  if (!src) {
    failed();
    return box;
  }
  const alt = decorative ? "" : image.alt || "";
  const lazy = { loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" };
  box.append(h("img", { src, alt, width, height, ...lazy, onerror: failed }));
  return box;
}

function rating(card, texts, lang) {
  if (!card.reviews || !card.rating) return h("p", { class: "rating" }, texts.noReviews);
  const value = Number(card.rating).toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return h(
    "p",
    { class: "rating" },
    icon("star"),
    hidden(`${texts.rating}: `),
    `${value} `,
    h("span", { "aria-hidden": "true" }, `(${card.reviews})`),
    hidden(fill(texts.reviews, { n: card.reviews }, lang)),
  );
}

function cardButton(button, card, choose) {
  const name = { "aria-label": `${button.title}, ${card.title}` };
  if (button.url) return link(button.url, button.title, { class: "button", ...name });
  return h("button", { type: "button", class: "button", ...name, onclick: () => choose(button, card) }, button.title);
}

function productCard(card, { texts, lang, choose }) {
  const id = `card-${(serial += 1)}`;
  const title = (card.url && link(card.url, card.title)) || card.title;
  return h(
    "article",
    { class: "card", "aria-labelledby": id },
    picture(card.image, { decorative: true }),
    h(
      "div",
      { class: "facts" },
      h("h3", { id }, title),
      card.subtitle && h("p", { class: "subtitle" }, card.subtitle),
      priceBlock(card, texts, lang),
      card.price && rating(card, texts, lang),
      card.note && h("p", { class: "note" }, card.note),
      card.in_stock === false && h("p", { class: "sold-out" }, texts.soldOut),
    ),
    h("div", { class: "actions" }, (card.buttons || []).map((button) => cardButton(button, card, choose))),
  );
}

function watchEnds(list, update) {
  let waiting = false;
  list.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      update();
    });
  });
  if (window.ResizeObserver) new ResizeObserver(update).observe(list);
  else setTimeout(update);
}

function carousel(cards, view) {
  const { texts, lang } = view;
  const id = `list-${(serial += 1)}`;
  const n = cards.length;
  const list = h("ul", { id, role: "list", class: "strip" }, cards.map((card) => h("li", null, productCard(card, view))));
  const count = h("span", { class: "count" });
  const move = (step) => (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") === "true") return;
    const width = list.firstChild.offsetWidth + 12;
    const whole = Math.max(1, Math.floor((list.clientWidth - 24) / width));
    list.scrollBy({ left: step * whole * width, behavior: glide() });
  };
  const control = (name, label, step) =>
    h("button", { type: "button", class: "round", "aria-label": label, "aria-controls": id, onclick: move(step) }, icon(name));
  const back = control("back", texts.previous, -1);
  const next = control("next", texts.next, 1);

  function update() {
    if (!list.clientWidth) return;
    const width = list.firstChild.offsetWidth + 12;
    const first = Math.min(n, Math.round(list.scrollLeft / width) + 1);
    const atEnd = list.scrollLeft + list.clientWidth >= list.scrollWidth - 4;
    const seen = Math.max(1, Math.floor((list.clientWidth - 16) / width));
    const lastSeen = atEnd ? n : Math.min(n, first + seen - 1);
    const from = atEnd ? Math.max(1, n - seen + 1) : first;
    const range = from === lastSeen ? `${from}` : `${from}–${lastSeen}`;
    count.textContent = fill(texts.range, { range, n }, lang);
    back.setAttribute("aria-disabled", String(list.scrollLeft < 4));
    next.setAttribute("aria-disabled", String(atEnd));
  }
  watchEnds(list, update);
  // Only for the keyboard: a card that moves between press and release loses the click.
  list.addEventListener("focusin", ({ target }) => {
    if (target.matches(":focus-visible")) target.closest("li").scrollIntoView({ inline: "start", block: "nearest" });
  });
  const bar = h("div", { class: "bar" }, count, h("div", { class: "arrows" }, back, next));
  const label = fill(texts.products, { n }, lang);
  return h("div", { class: "carousel", role: "group", "aria-roledescription": texts.carousel, "aria-label": label }, bar, list);
}

/** `view`: texts, lang, choose(button, card). */
export function cardsBlock(cards, view) {
  if (cards.length === 1) return h("div", { class: "single" }, productCard(cards[0], view));
  return carousel(cards, view);
}
