/** The text field: Enter sends, Shift+Enter breaks the line, neither while an input method composes. */
import { fill, h, icon } from "./dom.js";

export const LIMIT = 1000;
const COUNT_FROM = 800;

export function createComposer({ onSend, onDraft, onPage }) {
  const field = h("textarea", { id: "msg", rows: "1", enterkeyhint: "send", autocomplete: "off", "aria-describedby": "hint counter" });
  const label = h("label", { class: "sr", for: "msg" });
  const hint = h("span", { id: "hint", class: "sr" });
  const counter = h("span", { id: "counter", class: "counter", hidden: true });
  const button = h("button", { type: "submit", class: "send" }, icon("send"));
  const form = h("form", { novalidate: true }, label, field, hint, counter, button);
  let texts = null;
  let lang = "en";

  function refresh() {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${field.scrollHeight}px`);
    const left = LIMIT - field.value.length;
    counter.hidden = field.value.length < COUNT_FROM;
    counter.classList.toggle("over", left < 0);
    counter.textContent = fill(left < 0 ? texts.tooLong : texts.left, { n: Math.abs(left) }, lang);
    if (left < 0) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    button.setAttribute("aria-disabled", String(!field.value.trim() || left < 0));
  }

  function submit(event) {
    event.preventDefault();
    const text = field.value.trim();
    field.focus();
    if (!text || field.value.length > LIMIT || !onSend(text)) return;
    field.value = "";
    refresh();
    onDraft("");
  }

  form.addEventListener("submit", submit);
  field.addEventListener("input", () => {
    refresh();
    onDraft(field.value);
  });
  field.addEventListener("keydown", (event) => {
    // Safari ends the composition before its keydown: 229 is all that tells.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) submit(event);
    const page = { PageUp: -1, PageDown: 1 }[event.key];
    if (page && !field.value) {
      event.preventDefault();
      onPage(page);
    }
  });

  return {
    form,
    field,
    speak(next, code) {
      [texts, lang] = [next, code];
      label.textContent = texts.message;
      field.placeholder = texts.placeholder;
      hint.textContent = texts.hint;
      button.setAttribute("aria-label", texts.send);
      refresh();
    },
    set(text) {
      field.value = text;
      refresh();
    },
  };
}
