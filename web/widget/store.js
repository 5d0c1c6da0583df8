/** What the browser keeps: never the text of the conversation. Memory stands in for blocked storage. */

const DAY = 24 * 3600 * 1000;

function storage(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

function read(area, key) {
  try {
    return JSON.parse(area.getItem(key));
  } catch {
    return null;
  }
}

function write(area, key, value) {
  try {
    if (value === null) area.removeItem(key);
    else area.setItem(key, JSON.stringify(value));
  } catch {
    // Memory has it.
  }
}

/** `mode`: `day` (24 h, all tabs), `session` (this tab) or `none` (until the page goes). */
export function openStore(mode, scope) {
  const key = `shopkeeper:${scope}`;
  const area = { day: storage("localStorage"), session: storage("sessionStorage") }[mode] || null;
  const tab = mode === "none" ? null : storage("sessionStorage");
  let memory = {};

  const fresh = (state) => (state && Date.now() - state.at < DAY ? state : {});
  return {
    get: () => (memory = area ? { ...memory, ...fresh(read(area, key)) } : memory),
    set(change) {
      memory = { ...this.get(), ...change, at: Date.now() };
      write(area, key, memory);
    },
    clear(keep = {}) {
      memory = {};
      write(area, key, null);
      write(tab, `${key}:unsent`, null);
      this.set(keep);
    },
    /** Messages that have not left this tab yet. */
    unsent: () => read(tab, `${key}:unsent`) || [],
    setUnsent: (list) => write(tab, `${key}:unsent`, list.length ? list : null),
  };
}
