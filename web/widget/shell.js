/** The panel's frame, its menu, and full screen on small screens. */
import { h, icon } from "./dom.js";
import languages from "./texts/languages.js";

const SMALL = "(max-width: 479.98px), (max-height: 479.98px)";

export function createShell({ log, composer, menu }) {
  const title = h("h2", { id: "title", tabindex: "-1" });
  const menuButton = h("button", { type: "button", class: "round", "aria-expanded": "false", "aria-controls": "menu" }, icon("menu"));
  const closeButton = h("button", { type: "button", class: "round" }, icon("close"));
  const words = h("span");
  const privacy = h("a", { rel: "noopener" });
  const banner = h("div", { class: "banner", hidden: true });
  const panel = h(
    "section",
    { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", "aria-describedby": "notice", hidden: true },
    h("header", null, h("span", { class: "mark" }, icon("bag")), title, menuButton, closeButton),
    menu,
    h("div", { class: "middle" }, log.scroller, log.jump),
    banner,
    composer.form,
    h("p", { id: "notice" }, words, " ", privacy),
  );

  return {
    panel,
    title,
    menuButton,
    closeButton,
    toEnd: () => (log.scroller.scrollTop = log.scroller.scrollHeight),
    speak(texts, lang, config) {
      panel.lang = lang;
      title.textContent = config.title || texts.title;
      menuButton.setAttribute("aria-label", texts.menu);
      closeButton.setAttribute("aria-label", texts.close);
      log.scroller.setAttribute("aria-label", texts.conversation);
      words.textContent = texts.notice;
      privacy.textContent = texts.privacy;
      if (config.privacy) privacy.href = config.privacy;
      privacy.hidden = !config.privacy;
      log.greeting.replaceChildren(h("p", { class: "hello" }, texts.greeting), h("p", null, texts.ask));
    },
    banner(text, kind, action, act) {
      banner.hidden = !text;
      banner.className = `banner ${kind || ""}`;
      banner.replaceChildren(...(text ? [h("span", null, text)] : []));
      if (action) banner.append(h("button", { type: "button", class: "text", onclick: act }, action));
    },
  };
}

/** Full screen is modal: the page behind is inert, the size is what the keyboard leaves free. */
export function createModal({ host, panel, onChange }) {
  const query = matchMedia(SMALL);
  const viewport = window.visualViewport;
  let made = [];
  let overflow = null;
  let opened = false;

  function fit() {
    const typing = host.shadowRoot.activeElement?.matches("textarea");
    panel.style.setProperty("--sk-height", `${viewport.height}px`);
    // iOS leaves a stale offset when the keyboard has gone.
    panel.style.setProperty("--sk-top", typing ? `${viewport.offsetTop}px` : "0px");
  }

  function lock() {
    made = [...document.body.children].filter((one) => one !== host && !one.inert && !/^(SCRIPT|STYLE|LINK)$/.test(one.tagName));
    for (const one of made) one.inert = true;
    overflow = document.documentElement.style.overflow;
    document.documentElement.style.overflow = "hidden";
    panel.setAttribute("aria-modal", "true");
  }

  function unlock() {
    for (const one of made) one.inert = false;
    made = [];
    if (overflow !== null) document.documentElement.style.overflow = overflow;
    overflow = null;
    panel.removeAttribute("aria-modal");
  }

  function update() {
    unlock();
    if (opened && query.matches) lock();
    if (viewport) fit();
    onChange(opened && query.matches);
  }

  const soon = () => requestAnimationFrame(fit);
  query.addEventListener("change", update);
  viewport?.addEventListener("resize", soon);
  viewport?.addEventListener("scroll", soon);
  panel.addEventListener("focusout", () => viewport && setTimeout(fit, 500));

  return {
    full: () => query.matches,
    set(open) {
      opened = open;
      update();
    },
    destroy() {
      opened = false;
      update();
      query.removeEventListener("change", update);
      viewport?.removeEventListener("resize", soon);
      viewport?.removeEventListener("scroll", soon);
    },
  };
}

function choices(name, legend, options, current, onPick) {
  const items = Object.entries(options).map(([value, title]) =>
    h(
      "label",
      { lang: name === "lang" ? value : null },
      h("input", { type: "radio", name, value, checked: value === current, onchange: () => onPick(value) }),
      h("span", null, title),
    ),
  );
  return h("fieldset", null, h("legend", null, legend), h("div", { class: "segments" }, items));
}

/** `acts`: lang(code), theme(name), person(), transcript(), remove() (asked twice). */
export function createMenu(acts) {
  const node = h("div", { id: "menu", class: "menu", hidden: true });
  let confirming = null;
  let state = null;

  const item = (text, onclick, className = "item") => h("button", { type: "button", class: className, onclick }, text);

  function ask(texts) {
    const yes = item(texts.removeYes, acts.remove, "button danger");
    const no = item(texts.removeNo, () => stopAsking(), "button");
    confirming = h("div", { class: "confirm", role: "alertdialog", "aria-labelledby": "sure" }, h("p", { id: "sure" }, texts.removeAsk), h("div", null, yes, no));
    node.replaceChildren(confirming);
    no.focus();
  }

  function stopAsking() {
    confirming = null;
    draw(state);
    node.querySelector(".remove").focus();
  }

  function draw(next) {
    state = next;
    const { texts, lang, theme, privacy } = next;
    node.replaceChildren(
      choices("lang", texts.language, languages, lang, acts.lang),
      choices("theme", texts.theme, texts.themes, theme, acts.theme),
      item(texts.person, acts.person),
      item(texts.transcript, acts.transcript),
      ...(privacy ? [h("a", { class: "item", href: privacy, rel: "noopener" }, texts.privacy)] : []),
      item(texts.remove, () => ask(texts), "item remove"),
    );
  }

  return {
    node,
    draw,
    isOpen: () => !node.hidden,
    show(open) {
      node.hidden = !open;
      confirming = null;
      if (open) node.querySelector("input:checked").focus();
    },
    /** Close the innermost layer; false when only the menu itself is left. */
    back() {
      if (!confirming) return false;
      stopAsking();
      return true;
    },
  };
}
