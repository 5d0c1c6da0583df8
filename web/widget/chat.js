/**
 * The conversation without any view: messages by id, what is being sent, which answers are due.
 * `on` is a table of callbacks: change(fresh, live), status(name), due(list), cleared().
 */
import { createApi, createOutbox } from "./api.js";
import { createStream } from "./stream.js";

const PAGES = 20;
const AFTERGLOW = 10000;
const RESTORE_DUE = 30000;

/** The same for a message on its way and in the server's log, so that its bubble stays. */
export const keyOf = (message) => message.client_id || `m${message.id}`;

export function createChat({ base, store, context, on, delay }) {
  const messages = new Map();
  const due = new Map();
  let last = 0;
  let heard = 0;
  let restored = false;
  let syncing = null;

  const api = createApi(base, store, context, () => {
    reset();
    stream.hurry(true);
    on.cleared();
  });
  const outbox = createOutbox({
    api,
    store,
    onChange: () => on.change([], false),
    onAccepted(item) {
      if (![...messages.values()].some((one) => one.reply_to === item.id)) expect(item.id);
    },
  });
  const stream = createStream({
    connect: (signal) => api.events(last, signal),
    poll: sync,
    onEvent: handle,
    onStatus: (name) => {
      on.status(name);
      if (name === "connected") outbox.pump();
    },
    isDue: () => due.size > 0 || Date.now() - heard < AFTERGLOW,
    delay,
  });

  function reset() {
    messages.clear();
    due.clear();
    last = 0;
    outbox.restart();
    on.due(due);
  }

  function expect(id) {
    due.set(id, Date.now());
    on.due(due);
  }

  function answered(id) {
    if (due.delete(id)) on.due(due);
  }

  /** Take messages in by id, whatever way they came; what is known already changes nothing. */
  function receive(list, live) {
    const fresh = list.filter((message) => Number.isInteger(message.id) && !messages.has(message.id));
    for (const message of fresh) {
      messages.set(message.id, message);
      if (message.client_id) outbox.confirmed(message.client_id);
      if (message.from === "bot") answered(message.reply_to);
      if (message.id === last + 1) last = message.id;
    }
    if (fresh.length) {
      heard = Date.now();
      on.change(fresh, live);
    }
    if (live && fresh.some((message) => message.id > last)) sync().catch(() => {});
  }

  async function fetchAll() {
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await api.history(last);
      receive(answer.messages, restored);
      const top = answer.messages.at(-1)?.id ?? 0;
      last = Math.max(last, top);
      if (top === 0 || top >= answer.last) break;
    }
    restored = true;
  }

  function sync() {
    return (syncing ??= fetchAll().finally(() => (syncing = null)));
  }

  function handle({ event, data }) {
    let value;
    try {
      value = JSON.parse(data || "{}");
    } catch {
      return;
    }
    if (event === "message") receive([value], true);
    else if (event === "typing") on.typing();
    else if (event === "done") {
      due.delete(value.reply_to);
      on.due(due);
    }
    else if (event === "error") {
      answered(value.reply_to);
      on.failed(value);
    }
  }

  function restoreDue() {
    const newest = all().at(-1);
    if (newest?.from === "user" && Date.now() - Date.parse(newest.ts) < RESTORE_DUE) expect(newest.client_id);
  }

  function entries() {
    const logged = all().map((message) => ({ key: keyOf(message), message }));
    const waiting = outbox.items().map(({ id, state, text, title, at }) => ({
      key: id,
      state,
      message: { from: "user", client_id: id, text: text || title, ts: new Date(at).toISOString() },
    }));
    return [...logged, ...waiting];
  }

  const all = () => [...messages.values()].sort((a, b) => a.id - b.id);

  return {
    all,
    entries,
    outbox,
    sync,
    due,
    giveUp: (id) => answered(id),
    async connect() {
      if (!restored && store.get().token) {
        await sync()
          .then(restoreDue)
          .catch(() => {});
      }
      restored = true;
      stream.start();
      outbox.pump();
    },
    disconnect: stream.stop,
    hurry(fresh) {
      stream.hurry(fresh);
      outbox.pump();
    },
    /** Ask again for an answer that did not come: same client id, so nothing runs twice. */
    async again(id) {
      const message = all().find((one) => one.client_id === id);
      await sync();
      if (!message || all().some((one) => one.reply_to === id)) return;
      expect(id);
      await api.message({ id, text: message.text });
    },
    async remove() {
      await api.remove();
      stream.stop();
      outbox.clear();
      reset();
    },
    forget() {
      stream.stop();
      outbox.clear();
      reset();
    },
  };
}
