/** The panel: puts the parts together; what is shown, sent, unread, and said when things go wrong. */
import { createChat, keyOf } from "./chat.js";
import { createComposer } from "./composer.js";
import { adopt } from "./dom.js";
import { createDoor, finePointer } from "./door.js";
import { createLog } from "./log.js";
import { transcript } from "./message.js";
import { createMenu, createModal, createShell } from "./shell.js";
import { createSay, createTyping } from "./signs.js";

const CONNECTED = 3000;
const DOUBLE = 800;

export async function createPanel(app) {
  const { root, host, config, store, emit } = app;
  const view = { texts: app.texts, lang: app.lang, choose };
  const say = createSay();
  const typing = createTyping({
    onSlow: () => chat.sync().catch(() => {}),
    onGiveUp: giveUp,
    onToggle(shown) {
      say.typing(view.texts.typing, shown);
      log.settle();
    },
  });
  const log = createLog({
    view,
    typing: typing.node,
    acts: { retry: (id) => chat.outbox.retry(id), drop },
    onMove: seen,
  });
  const composer = createComposer({ onSend: send, onDraft: (draft) => store.set({ draft }), onPage: log.page });
  const menu = createMenu({ lang: setLang, theme: setTheme, person: askPerson, transcript: download, remove });
  const shell = createShell({ log, composer, menu: menu.node });
  const { panel } = shell;
  const modal = createModal({ host, panel, onChange: (full) => panel.classList.toggle("full", full) });
  const channel = window.BroadcastChannel ? new BroadcastChannel(`shopkeeper:${config.base}`) : null;
  const failed = new Set();
  let page = {};
  let wasLost = false;
  let lastPress = -DOUBLE;
  let lastKey = "";
  let ownSent = false;
  let ended = false;

  const chat = createChat({
    base: config.base,
    store,
    context: () => ({ lang: view.lang, currency: config.currency, page: { url: location.href, product: config.product, ...page } }),
    on: { change, status, due: typing.due, typing: typing.show, failed: turnFailed, cleared },
  });

  function change(fresh, live) {
    const keys = new Set(fresh.map(keyOf));
    const bots = fresh.filter((message) => message.from === "bot");
    if (bots.length) {
      typing.stop();
      typing.due(chat.due);
      if (!ended) log.note();
    }
    replies();
    log.render(chat.entries(), keys, { own: ownSent, quiet: !live && fresh.length > 0 });
    ownSent = false;
    for (const item of chat.outbox.items()) {
      if (item.state === "failed" && !failed.has(item.id)) say.alert(view.texts.notSent);
      failed[item.state === "failed" ? "add" : "delete"](item.id);
    }
    if (!live) return seen();
    for (const message of bots) {
      say.message(message, view);
      emit("message", message);
    }
    return seen();
  }

  function replies() {
    const last = chat.all().at(-1);
    const asked = chat.outbox.items().length > 0;
    const starters = (config.prompts ? config.prompts.split("|") : view.texts.prompts).map((title) => ({ title }));
    let buttons = last?.from === "bot" ? (last.buttons || []).filter((button) => button.choice) : [];
    if (!last) buttons = starters;
    log.replies(asked ? [] : buttons, view.texts.suggested, press);
  }

  function seen() {
    const bots = chat.all().filter((message) => message.from === "bot");
    const newest = bots.at(-1)?.id || 0;
    const looking = !panel.hidden && !document.hidden && log.pinned();
    if (looking && newest > (store.get().seen || 0)) {
      store.set({ seen: newest });
      channel?.postMessage({ seen: newest });
    }
    const mark = store.get().seen || 0;
    app.badge(bots.filter((message) => message.id > mark).length);
  }

  function speak() {
    Object.assign(view, { texts: app.texts, lang: app.lang });
    shell.speak(view.texts, view.lang, config);
    composer.speak(view.texts, view.lang);
    typing.speak(view.texts);
    menu.draw({ ...view, theme: store.get().theme || config.theme, privacy: config.privacy });
    log.forget();
    change([], false);
  }

  function post(message) {
    if (chat.outbox.full()) {
      say.status(view.texts.queueFull);
      log.note(view.texts.queueFull);
      log.settle();
      return false;
    }
    log.note();
    ended = false;
    ownSent = true;
    chat.outbox.add(message);
    return true;
  }

  function send(text) {
    return post({ text });
  }

  /** The same button again within a moment: a double click. */
  const twice = (button) => {
    const key = button.choice || button.title;
    const soon = key === lastKey && performance.now() - lastPress < DOUBLE;
    if (!soon) [lastKey, lastPress] = [key, performance.now()];
    return soon;
  };

  function press(button) {
    if (twice(button)) return;
    (finePointer() ? composer.field : log.scroller).focus({ preventScroll: true });
    post(button.choice ? { choice: button.choice, title: button.title } : { text: button.title });
  }

  function choose(button, card) {
    if (twice(button) || !emit("choice", { product: card.id, title: button.title })) return;
    post({ choice: button.choice, title: button.title });
  }

  function drop(id) {
    composer.field.focus();
    chat.outbox.drop(id);
  }

  function askPerson() {
    door.toggleMenu(false);
    send(view.texts.personText);
  }

  function offerAgain(text, id) {
    say.status(text);
    log.note(text, view.texts.retry, () => {
      composer.field.focus();
      log.note();
      chat.again(id).catch(() => giveUp(id));
    });
    log.settle();
  }

  function giveUp(id) {
    chat.giveUp(id);
    chat.sync().catch(() => {});
    offerAgain(view.texts.noAnswer, id);
  }

  function turnFailed({ code, retryable, reply_to: id }) {
    typing.stop();
    if (retryable) offerAgain(view.texts.broken, id);
    else log.note(view.texts.broken);
    log.settle();
    emit("error", { code });
  }

  function status(name) {
    const { texts } = view;
    if (name === "connected" && !wasLost) return;
    wasLost = name !== "connected";
    if (name === "lost") shell.banner(texts.lost);
    if (name === "stuck") shell.banner(texts.stuck, "", texts.tryAgain, () => chat.hurry(true));
    if (name === "connected") {
      shell.banner(texts.connected, "good");
      setTimeout(() => wasLost || shell.banner(), CONNECTED);
    }
    say.status(texts[name]);
    log.settle();
  }

  function cleared() {
    log.forget();
    store.set({ seen: 0 });
    ended = true;
    log.note(view.texts.ended);
  }

  async function setLang(lang) {
    store.set({ lang });
    await app.speak(lang);
    speak();
    menu.node.querySelector("[name=lang]:checked")?.focus();
  }

  function setTheme(theme) {
    store.set({ theme });
    app.dress();
  }

  function download() {
    transcript(chat.all(), view);
    door.toggleMenu(false);
  }

  async function remove() {
    try {
      await chat.remove();
    } catch {
      door.toggleMenu(false);
      log.note(view.texts.removeFailed);
      return say.status(view.texts.removeFailed);
    }
    forget();
    channel?.postMessage({ removed: true });
    door.toggleMenu(false);
    say.status(view.texts.removed);
    return chat.connect();
  }

  function forget() {
    const { lang, theme } = store.get();
    chat.forget();
    store.clear({ lang, theme, open: !panel.hidden });
    log.note();
    log.forget();
    composer.set("");
    change([], false);
  }

  const door = createDoor({ app, shell, modal, menu, composer, chat, seen });
  channel?.addEventListener("message", ({ data }) => (data.removed ? forget() : seen()));
  await adopt(root, "panel.css");
  root.append(panel, ...say.regions);
  speak();

  return {
    open: door.open,
    close: door.close,
    toggle: () => (panel.hidden ? door.open() : door.close()),
    ask(text, options = {}) {
      door.open({ ...options, field: options.gesture && finePointer() });
      send(String(text));
    },
    prefill(text) {
      store.set({ draft: String(text) });
      composer.set(String(text));
    },
    async set({ lang, theme, page: next } = {}) {
      if (next) page = next;
      if (theme) setTheme(theme);
      if (lang) await setLang(lang);
    },
    reset() {
      forget();
      if (!panel.hidden) chat.connect();
    },
    /** After a reload with the panel closed: see whether something has come in the meantime. */
    peek() {
      chat.connect();
      door.linger();
    },
    destroy() {
      door.destroy();
      chat.forget();
      channel?.close();
    },
  };
}
