/**
 * Shopkeeper's chat widget, the loader (docs/widget.md). It shows the launcher; everything else is
 * loaded when the chat is first wanted.
 */
import { adopt, fill, h, icon } from "./dom.js";
import { openStore } from "./store.js";
import languages from "./texts/languages.js";
import { applyTheme } from "./theme.js";

const OPEN_HASH = "#shopkeeper";
const LINKS = "[data-shopkeeper-open], [data-shopkeeper-ask]";

function readConfig() {
  const scripts = [...document.scripts];
  const script = scripts.find((one) => one.src === import.meta.url) || document.querySelector("script[data-assistant]");
  const { assistant = "", lang = "auto", persist = "day", theme = "auto", ...rest } = script?.dataset || {};
  return { ...rest, base: assistant.replace(/\/$/, ""), lang, persist, theme };
}

function pickLanguage(...wished) {
  const candidates = [...wished, document.documentElement.lang, ...(navigator.languages || [])];
  const codes = candidates.filter((one) => one && one !== "auto").map((one) => one.slice(0, 2).toLowerCase());
  return codes.find((code) => Object.hasOwn(languages, code)) || "en";
}

function start() {
  const config = readConfig();
  const store = openStore(config.persist, config.base);
  const host = h("shopkeeper-chat", { "data-position": config.position === "left" ? "left" : "right" });
  const root = host.attachShadow({ mode: "open" });
  const badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  const label = h("span", { class: "sr" });
  const launcher = h(
    "button",
    { class: "launcher", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel" },
    icon("chat"),
    label,
    badge,
  );
  const listeners = new Map();
  let panel = null;
  let unread = 0;
  let shown = false;

  /** Tell the host page; false when a listener prevented a cancelable event. */
  function emit(name, detail = {}) {
    for (const callback of listeners.get(name) || []) callback(detail);
    return window.dispatchEvent(new CustomEvent(`shopkeeper:${name}`, { detail, cancelable: true }));
  }

  const app = { host, root, config, store, launcher, emit, lang: "", texts: null };
  app.dress = () => applyTheme(host, { theme: store.get().theme || config.theme, accent: config.accent });
  app.speak = async (wished) => {
    app.lang = pickLanguage(wished, store.get().lang, config.lang);
    app.texts = (await import(`./texts/${app.lang}.js`)).default;
    launcher.lang = app.lang;
    app.badge(unread);
  };
  app.badge = (count) => {
    if (shown && count !== unread) emit("unread", { count });
    unread = count;
    badge.hidden = count === 0;
    badge.textContent = count > 9 ? "9+" : count || "";
    label.textContent = app.texts.open + (count ? fill(app.texts.unread, { n: count }, app.lang) : "");
  };

  const load = () => (panel ??= ready.then(() => import("./panel.js")).then((module) => module.createPanel(app)));
  const withPanel = (action) => async (...args) => (await load())[action](...args);
  const api = {
    open: withPanel("open"),
    close: withPanel("close"),
    toggle: withPanel("toggle"),
    ask: withPanel("ask"),
    prefill: withPanel("prefill"),
    reset: withPanel("reset"),
    set: withPanel("set"),
    show: () => (host.hidden = false),
    hide: () => (host.hidden = true),
    async destroy() {
      watcher.disconnect();
      document.removeEventListener("click", onLink);
      if (panel) (await panel).destroy();
      host.remove();
      delete window.Shopkeeper;
    },
    on(name, callback) {
      listeners.set(name, [...(listeners.get(name) || []), callback]);
      return () => listeners.set(name, listeners.get(name).filter((one) => one !== callback));
    },
  };

  function onLink(event) {
    const link = event.target.closest?.(LINKS);
    if (!link) return;
    event.preventDefault();
    const { shopkeeperAsk: text } = link.dataset;
    if (text) api.ask(text, { gesture: true, opener: link });
    else api.open({ gesture: true, opener: link });
  }

  // Frameworks may replace the whole body; the chat moves into the new one.
  const watcher = new MutationObserver(() => {
    if (!host.isConnected && document.body) document.body.append(host);
  });

  function resume() {
    if (location.hash === OPEN_HASH) {
      history.replaceState(history.state, "", location.pathname + location.search);
      return api.open();
    }
    const { open, token } = store.get();
    if (open) return api.open();
    return token && setTimeout(withPanel("peek"), 1000);
  }

  async function appear() {
    root.append(launcher);
    app.dress();
    await Promise.all([adopt(root, "launcher.css"), app.speak()]);
    launcher.addEventListener("pointerenter", load);
    launcher.addEventListener("focus", load);
    launcher.addEventListener("click", () => api.open({ gesture: true, opener: launcher }));
    document.body.append(host);
    watcher.observe(document.documentElement, { childList: true });
    shown = true;
  }

  const waiting = window.Shopkeeper?.q || [];
  window.Shopkeeper = (command, ...args) => api[command]?.(...args);
  window.Shopkeeper.started = true;
  document.addEventListener("click", onLink);
  const ready = appear();
  for (const [command, ...args] of waiting) window.Shopkeeper(command, ...args);
  ready.then(() => {
    emit("ready");
    resume();
  });
}

// A second script on the page changes nothing.
if (!window.Shopkeeper?.started) start();
