/** The assistant's web channel, and what waits to be sent. */

const TIMEOUT = 10000;
const QUEUE = 10;
const STALE = 5 * 60 * 1000;
const RENEW_BEFORE = 12 * 3600 * 1000;

export class HttpError extends Error {
  constructor(response) {
    super(`HTTP ${response.status}`);
    this.status = response.status;
    this.retryAfter = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  }
}

/** 128 random bits; `crypto.randomUUID` is missing on plain http hosts. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `c-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** `context()` gives lang, currency and page; `onNew` is told when the old conversation is over. */
export function createApi(base, store, context, onNew) {
  let opening = null;

  async function call(path, { method = "GET", body, token, signal } = {}) {
    const controller = new AbortController();
    const timer = signal ? null : setTimeout(() => controller.abort(), TIMEOUT);
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(base + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: signal || controller.signal,
        credentials: "omit",
        cache: "no-store",
      });
      if (!response.ok) throw new HttpError(response);
      return response;
    } finally {
      clearTimeout(timer);
    }
  }

  async function openSession() {
    const { token, expires, conversation } = store.get();
    const left = token ? Date.parse(expires) - Date.now() : 0;
    if (left > RENEW_BEFORE) return token;
    const options = { method: "POST", body: context(), token: left > 0 ? token : undefined };
    const response = await call("/session", options).catch((error) => {
      if (error.status !== 401) throw error;
      return call("/session", { ...options, token: undefined });
    });
    const session = await response.json();
    store.set(session);
    if (conversation && conversation !== session.conversation) onNew();
    return session.token;
  }

  /** One session request at a time, however many ask for it. */
  const session = () => (opening ??= openSession().finally(() => (opening = null)));

  async function authed(path, options = {}) {
    const token = await session();
    try {
      return await call(path, { ...options, token });
    } catch (error) {
      if (error.status !== 401) throw error;
      if (store.get().token === token) store.set({ token: null });
      return call(path, { ...options, token: await session() });
    }
  }

  return {
    message: (body) => authed("/message", { method: "POST", body: { ...context(), ...body } }),
    events: (after, signal) => authed(`/events?after=${after}`, { signal }),
    history: async (after) => (await authed(`/history?after=${after}&limit=200`)).json(),
    /** A conversation that the server no longer knows is deleted too. */
    async remove() {
      const { token } = store.get();
      if (!token) return;
      await call("/conversation", { method: "DELETE", token }).catch((error) => {
        if (error.status !== 401 && error.status !== 404) throw error;
      });
    },
  };
}

/**
 * What the shopper wrote and the server has not logged yet: one request at a time, in order, the
 * same client id on every try. States: queued, sending, sent (accepted), stale (ask first), failed.
 */
export function createOutbox({ api, store, onChange, onAccepted }) {
  let items = store.unsent().map((item) => ({ ...item, state: "queued" }));
  let busy = false;
  let timer = null;

  function changed() {
    store.setUnsent(items.filter((item) => item.state !== "sent"));
    onChange();
  }

  function next() {
    for (const item of items) {
      if (item.state === "queued" && Date.now() - item.at > STALE) item.state = "stale";
    }
    return items.find((item) => item.state === "queued");
  }

  async function post(item) {
    const { id, text, choice, title } = item;
    try {
      await api.message(choice ? { id, choice, title } : { id, text });
      item.state = "sent";
      onAccepted(item);
    } catch (error) {
      if (error.status === 429 || error.status === 503) {
        item.state = "queued";
        timer = setTimeout(pump, error.retryAfter || 3000);
      } else {
        item.state = navigator.onLine ? "failed" : "queued";
      }
    }
  }

  async function pump() {
    if (busy) return;
    clearTimeout(timer);
    timer = null;
    busy = true;
    for (let item = next(); item && navigator.onLine && !timer; item = next()) {
      item.state = "sending";
      changed();
      await post(item);
    }
    busy = false;
    changed();
  }

  return {
    items: () => items,
    full: () => items.filter((item) => item.state === "queued").length >= QUEUE,
    add(message) {
      const item = { ...message, id: randomId(), at: Date.now(), state: "queued" };
      items.push(item);
      changed();
      pump();
      return item;
    },
    retry(id) {
      const item = items.find((one) => one.id === id);
      if (!item) return;
      Object.assign(item, { state: "queued", at: Date.now() });
      pump();
    },
    drop(id) {
      items = items.filter((item) => item.id !== id);
      changed();
    },
    confirmed(id) {
      const before = items.length;
      items = items.filter((item) => item.id !== id);
      if (items.length !== before) store.setUnsent(items.filter((item) => item.state !== "sent"));
    },
    /** The old conversation is over: what it had accepted belongs to it. */
    restart() {
      items = items.filter((item) => item.state !== "sent");
    },
    clear() {
      items = [];
    },
    pump,
  };
}
