/** One message as an element of the log, and all of them as a text file. */
import { cardsBlock, money, picture } from "./cards.js";
import { h, hidden } from "./dom.js";
import { link, plain, rich } from "./rich.js";

export const clock = (ts, lang) => new Date(ts).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function speaker(message, { texts, lang }) {
  const who = message.from === "bot" ? texts.assistant : texts.you;
  return hidden(`${who}, ${clock(message.ts, lang)}: `);
}

function links(buttons, texts) {
  const found = (buttons || []).filter((button) => button.url);
  const anchors = found.map((button) => link(button.url, button.title, { class: "button primary" }, texts.newTab));
  return anchors.some(Boolean) && h("div", { class: "links" }, anchors);
}

export function botMessage(message, view) {
  const { texts, lang } = view;
  const foreign = message.lang && message.lang !== lang ? message.lang : null;
  return h(
    "li",
    { class: "bot", tabindex: "-1" },
    speaker(message, view),
    message.text && h("div", { class: "bubble", lang: foreign, dir: "auto" }, rich(message.text, texts.newTab)),
    message.image && h("div", { class: "photo" }, picture(message.image, { width: 480, height: 360 })),
    message.cards?.length > 0 && h("div", { lang: foreign }, cardsBlock(message.cards, view)),
    links(message.buttons, texts),
  );
}

export function userMessage(message, view) {
  return h("li", { class: "user" }, speaker(message, view), h("div", { class: "bubble", dir: "auto" }, message.text));
}

export function stateLine(item, texts, { retry, drop }) {
  const wrong = item.state === "failed" || item.state === "stale";
  const again = item.state === "stale" ? texts.sendNow : texts.retry;
  return h(
    "div",
    { class: `state ${item.state}` },
    h("span", null, texts[item.state]),
    wrong && h("button", { type: "button", class: "text", onclick: () => retry(item.id) }, again),
    wrong && h("button", { type: "button", class: "text", onclick: () => drop(item.id) }, texts.delete),
  );
}

function lines(message, { texts, lang }) {
  const who = message.from === "bot" ? texts.assistant : texts.you;
  const when = new Date(message.ts).toLocaleString(lang, { dateStyle: "short", timeStyle: "short" });
  const cards = (message.cards || []).map((card) => {
    const price = card.price && card.currency ? `, ${money(card.price, card.currency, lang)}` : "";
    return `  - ${card.title}${price}${card.url ? ` ${card.url}` : ""}`;
  });
  const text = message.from === "bot" ? plain(message.text || "") : message.text;
  return [`${when} ${who}: ${text}`, ...cards].join("\n");
}

export function transcript(messages, view) {
  const text = messages.map((message) => lines(message, view)).join("\n\n");
  const href = URL.createObjectURL(new Blob([text, "\n"], { type: "text/plain;charset=utf-8" }));
  h("a", { href, download: `${view.texts.transcriptFile}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
