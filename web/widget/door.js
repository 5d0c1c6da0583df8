/** Opening and closing: focus, connection, keys, and what the page around the chat does. */

const LINGER = 60000;

export const finePointer = () => matchMedia("(hover: hover) and (pointer: fine)").matches;

/** `app` is the loader's; `modal` is full screen; `seen` is called when more of the log may be in view. */
export function createDoor({ app, shell, modal, menu, composer, chat, seen }) {
  const { root, host, store, launcher, emit } = app;
  const { panel } = shell;
  let opener = null;
  let lingering = null;

  function linger() {
    clearTimeout(lingering);
    lingering = setTimeout(() => (chat.due.size ? linger() : chat.disconnect()), LINGER);
  }

  /** `gesture`: a person asked for it, so the focus may move; `field`: into the text field. */
  function open({ gesture = false, opener: from = null, field = finePointer() } = {}) {
    clearTimeout(lingering);
    if (panel.hidden) {
      opener = from;
      panel.hidden = false;
      launcher.hidden = true;
      launcher.setAttribute("aria-expanded", "true");
      composer.set(store.get().draft || "");
      modal.set(true);
      store.set({ open: true });
      shell.toEnd();
      chat.connect().then(seen);
      emit("open");
    }
    if (gesture) (field ? composer.field : shell.title).focus({ preventScroll: true });
  }

  function close() {
    if (panel.hidden) return;
    if (menu.isOpen()) toggleMenu(false);
    const held = root.activeElement;
    panel.hidden = true;
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    modal.set(false);
    store.set({ open: false });
    if (held) (opener?.isConnected ? opener : launcher).focus();
    linger();
    emit("close");
  }

  function toggleMenu(show) {
    menu.show(show);
    shell.menuButton.setAttribute("aria-expanded", String(show));
    if (!show) shell.menuButton.focus();
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (!menu.isOpen()) close();
    else if (!menu.back()) toggleMenu(false);
  });
  // The shop's own key shortcuts do not see what is typed here.
  for (const type of ["keydown", "keyup", "keypress"]) {
    host.addEventListener(type, (event) => event.composedPath()[0].matches?.("textarea, input") && event.stopPropagation());
  }
  // Full screen would hide the page that a link leads to.
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && !link.target && modal.full()) store.set({ open: false });
  });
  shell.closeButton.addEventListener("click", close);
  shell.menuButton.addEventListener("click", () => toggleMenu(!menu.isOpen()));

  const wake = () => {
    if (document.hidden) return;
    chat.hurry();
    seen();
  };
  const around = [
    [window, "online", wake],
    [window, "offline", () => chat.hurry(true)],
    [document, "visibilitychange", wake],
    [window, "pagehide", () => chat.disconnect()],
    [window, "pageshow", (event) => event.persisted && !panel.hidden && chat.connect()],
    [matchMedia("(prefers-color-scheme: dark)"), "change", app.dress],
  ];
  for (const [target, name, listener] of around) target.addEventListener(name, listener);

  return {
    open,
    close,
    toggleMenu,
    linger,
    destroy() {
      close();
      clearTimeout(lingering);
      modal.destroy();
      for (const [target, name, listener] of around) target.removeEventListener(name, listener);
    },
  };
}
