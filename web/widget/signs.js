/** Signs of life: what a screen reader is told, and that an answer is on its way. */
import { fill, h } from "./dom.js";
import { plain } from "./rich.js";

const SPOKEN = 1000;

/** The visible log is not live: each new message is said once in a region of its own, then taken away. */
export function createSay() {
  const log = h("div", { class: "sr", id: "say", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
  const status = h("div", { class: "sr", id: "status", role: "status" });
  const alert = h("div", { class: "sr", id: "alert", role: "alert" });
  let typing = null;

  function put(region, text, lang) {
    const line = h("p", { lang }, text);
    region.append(line);
    setTimeout(() => line.remove(), SPOKEN);
  }

  return {
    regions: [log, status, alert],
    status: (text) => put(status, text),
    alert: (text) => put(alert, text),
    message(message, { texts, lang }) {
      const quick = (message.buttons || []).filter((button) => button.choice).length;
      const cards = message.cards?.length || 0;
      const parts = [
        `${texts.assistant}: ${plain(message.text || "") || message.image?.alt || ""}`,
        cards && `${fill(texts.products, { n: cards }, lang)}.`,
        quick && `${fill(texts.replies, { n: quick }, lang)}.`,
      ];
      put(log, parts.filter(Boolean).join(" "), message.lang || lang);
    },
    typing(text, on) {
      clearTimeout(typing);
      if (on) typing = setTimeout(() => put(status, text), 2000);
    },
  };
}

const SHOW = 300;
const LEAST = 500;
const LOOKING = 8000;
const GIVE_UP = 30000;
const DANCE = 5000;

/** Typing: `onSlow` is called at 8 s, `onGiveUp(id)` at 30 s, `onToggle(shown)` when it comes or goes. */
export function createTyping({ onSlow, onGiveUp, onToggle }) {
  const text = h("span", { class: "looking" });
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const node = h("div", { class: "typing", hidden: true }, dots, text);
  let timers = [];
  let shownAt = 0;
  let waitingFor = null;
  let texts = null;

  const later = (ms, action) => timers.push(setTimeout(action, Math.max(0, ms)));

  function show() {
    if (!node.hidden) return;
    shownAt = Date.now();
    node.hidden = false;
    node.classList.add("dance");
    if (!waitingFor) later(GIVE_UP, () => hide(false));
    onToggle(true);
  }

  function hide(least) {
    timers.forEach(clearTimeout);
    timers = [];
    waitingFor = null;
    if (node.hidden) return;
    const rest = least ? LEAST - (Date.now() - shownAt) : 0;
    if (rest > 0) later(rest, () => hide(false));
    else {
      node.hidden = true;
      text.textContent = "";
      onToggle(false);
    }
  }

  function wait(id, since) {
    hide(false);
    waitingFor = id;
    const past = Date.now() - since;
    later(SHOW - past, show);
    later(SHOW + DANCE - past, () => node.classList.remove("dance"));
    later(LOOKING - past, () => {
      text.textContent = texts.looking;
      onSlow();
    });
    later(GIVE_UP - past, () => {
      hide(false);
      onGiveUp(id);
    });
  }

  return {
    node,
    speak: (next) => (texts = next),
    /** `due`: client id to the time since when its answer is awaited. */
    due(due) {
      const [first] = due;
      if (!first) hide(true);
      else if (first[0] !== waitingFor) wait(...first);
    },
    stop: () => hide(false),
    show,
  };
}
