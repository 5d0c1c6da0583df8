/**
 * The visible conversation: greeting, messages in order, typing sign, note, quick replies.
 * A log within 64 px of its end follows new messages; else they are counted on a button.
 */
import { fill, glide, h, icon } from "./dom.js";
import { botMessage, clock, stateLine, userMessage } from "./message.js";

const PIN = 64;
const GROUP = 3 * 60 * 1000;

const dayOf = (ts) => new Date(ts).toDateString();

function dayName(ts, lang) {
  const days = Math.round((new Date(dayOf(ts)) - new Date(dayOf(Date.now()))) / 86400000);
  const near = days === 0 || days === -1;
  const name = near
    ? new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(days, "day")
    : new Date(ts).toLocaleDateString(lang, { day: "numeric", month: "long" });
  return name[0].toLocaleUpperCase(lang) + name.slice(1);
}

/** `view`: texts, lang, choose; `typing`: its node; `onMove`: the end came into or went out of view. */
export function createLog({ view, typing, acts, onMove }) {
  const greeting = h("div", { class: "greeting" });
  const list = h("ol", { role: "list" });
  const note = h("div", { class: "hint", hidden: true });
  let offered = "";
  const quick = h("ul", { class: "quick", role: "list", hidden: true });
  const inner = h("div", { class: "inner" }, greeting, list, typing, note, quick);
  const scroller = h("div", { id: "log", role: "log", "aria-live": "off", tabindex: "0" }, inner);
  const jump = h("button", { type: "button", class: "jump", hidden: true });
  const nodes = new Map();
  let pinned = true;
  let missed = [];

  const gap = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  const toEnd = () => (scroller.scrollTop = scroller.scrollHeight);

  function showMissed() {
    jump.hidden = missed.length === 0;
    if (!jump.hidden) jump.replaceChildren(fill(view.texts.newMessages, { n: missed.length }, view.lang), icon("down"));
  }

  scroller.addEventListener("scroll", () => {
    const was = pinned;
    pinned = gap() < PIN;
    if (pinned && missed.length) {
      missed = [];
      showMissed();
    }
    if (was !== pinned) onMove(pinned);
  });
  if (window.ResizeObserver) new ResizeObserver(() => pinned && toEnd()).observe(scroller);

  jump.addEventListener("click", () => {
    const target = missed[0];
    missed = [];
    showMissed();
    scroller.scrollTo({ top: target.offsetTop - 12, behavior: glide() });
    target.focus({ preventScroll: true });
  });

  function nodeOf(entry) {
    if (!nodes.has(entry.key)) {
      const make = entry.message.from === "bot" ? botMessage : userMessage;
      nodes.set(entry.key, make(entry.message, view));
    }
    const node = nodes.get(entry.key);
    // What the server keeps may differ from what was typed: card numbers are masked.
    const { from, text } = entry.message;
    if (from === "user" && node.lastText !== text) node.querySelector(".bubble").textContent = node.lastText = text;
    const state = entry.state || "";
    if (node.dataset.state !== state) {
      node.dataset.state = state;
      node.querySelector(".state")?.remove();
      if (state && state !== "sent") node.append(stateLine({ ...entry, id: entry.message.client_id }, view.texts, acts));
    }
    return node;
  }

  function dayNode(ts) {
    const key = `day-${dayOf(ts)}`;
    if (!nodes.has(key)) nodes.set(key, h("li", { class: "day" }, h("span", null, dayName(ts, view.lang))));
    return nodes.get(key);
  }

  function group(node, entry, before, after) {
    const together = (other) =>
      other && other.message.from === entry.message.from && Math.abs(Date.parse(other.message.ts) - Date.parse(entry.message.ts)) < GROUP;
    node.classList.toggle("first", !together(before));
    const last = !together(after) && (!entry.state || entry.state === "sent");
    const time = node.querySelector(":scope > time");
    if (last && !time) {
      const { ts } = entry.message;
      node.append(h("time", { datetime: ts, "aria-hidden": "true" }, clock(ts, view.lang)));
    } else if (!last) time?.remove();
  }

  /** Only what is out of place is moved: the focus stays. */
  function place(entries) {
    const wanted = [];
    entries.forEach((entry, i) => {
      const day = dayOf(entry.message.ts);
      if (i === 0 || dayOf(entries[i - 1].message.ts) !== day) wanted.push(dayNode(entry.message.ts));
      const node = nodeOf(entry);
      group(node, entry, entries[i - 1], entries[i + 1]);
      wanted.push(node);
    });
    const keep = new Set(wanted);
    for (const node of [...list.children]) if (!keep.has(node)) node.remove();
    let cursor = list.firstChild;
    for (const node of wanted) {
      if (node === cursor) cursor = cursor.nextSibling;
      else list.insertBefore(node, cursor);
    }
  }

  /** Where to go for new replies: the top of the first one of the turn, or the end if all fits. */
  function follow(fresh, entries) {
    const turn = fresh[0].message.reply_to;
    const first = entries.find((entry) => turn && entry.message.reply_to === turn) || fresh[0];
    scroller.scrollTop = Math.min(scroller.scrollHeight, nodes.get(first.key).offsetTop - 12);
  }

  return {
    scroller,
    jump,
    greeting,
    pinned: () => pinned,
    /** `entries`: {key, message, state?} in order; `fresh`: the keys that have just arrived. */
    render(entries, fresh, { own = false, quiet = false } = {}) {
      const stay = pinned;
      place(entries);
      const news = entries.filter((entry) => entry.message.from === "bot" && fresh.has(entry.key));
      if (own || (quiet && stay)) {
        pinned = true;
        toEnd();
      } else if (stay && news.length) follow(news, entries);
      else if (stay) toEnd();
      else if (news.length && !quiet) {
        missed.push(...news.map((entry) => nodes.get(entry.key)));
        showMissed();
      }
    },
    /** Quick replies of the last message; the first six, the rest behind one more button. */
    replies(buttons, label, press, all = false) {
      const now = JSON.stringify([buttons, label, all]);
      if (now === offered) return; // made anew, they would lose the tap that is under way
      offered = now;
      const shown = all ? buttons : buttons.slice(0, 6);
      const items = shown.map((button) => h("button", { type: "button", onclick: () => press(button) }, button.title));
      if (shown.length < buttons.length) {
        const more = () => {
          this.replies(buttons, label, press, true);
          quick.children[6].firstChild.focus();
        };
        items.push(h("button", { type: "button", class: "more", onclick: more }, view.texts.more));
      }
      quick.setAttribute("aria-label", label);
      quick.replaceChildren(...items.map((item) => h("li", null, item)));
      quick.hidden = items.length === 0;
    },
    note(text, action, act) {
      note.hidden = !text;
      note.replaceChildren(...(text ? [h("span", null, text)] : []));
      if (action) note.append(h("button", { type: "button", class: "text", onclick: act }, action));
    },
    settle: () => pinned && toEnd(),
    page: (direction) => scroller.scrollBy({ top: direction * scroller.clientHeight * 0.9, behavior: glide() }),
    forget() {
      nodes.clear();
      missed = [];
      showMissed();
      list.replaceChildren();
    },
  };
}
