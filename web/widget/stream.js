/**
 * The way answers come: one long event stream, reconnected for as long as it is wanted.
 * A stream that is open but mute (a proxy that buffers) never fails, so a watchdog ends it;
 * after two mute ones the history is polled instead.
 */

/** Server-Sent Events, read from text that may be cut anywhere (WHATWG HTML, 9.2.6). */
export function createParser(onEvent) {
  let rest = "";
  let event = { id: null, event: "message", data: [] };

  function line(text) {
    if (text === "") {
      if (event.data.length) onEvent({ ...event, data: event.data.join("\n") });
      event = { id: null, event: "message", data: [] };
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "data") event.data.push(value);
    else if (field === "event" || field === "id") event[field] = value;
  }

  return function push(text) {
    rest += text;
    for (;;) {
      const end = rest.search(/[\r\n]/);
      // A "\r" at the very end may be half of "\r\n": wait for what follows.
      if (end < 0 || (rest[end] === "\r" && end === rest.length - 1)) return;
      const width = rest[end] === "\r" && rest[end + 1] === "\n" ? 2 : 1;
      line(rest.slice(0, end));
      rest = rest.slice(end + width);
    }
  };
}

const BACKOFF = [1000, 2000, 4000, 8000, 16000, 30000];
const WATCHDOG = 35000;
const BANNER = 2000;
const ASK_AFTER = 5;

const spread = (ms) => ms * (0.7 + 0.6 * Math.random());
export const backoff = (tries) => spread(BACKOFF[Math.min(tries, BACKOFF.length - 1)]);

/**
 * `connect(signal)` resolves to a fetch Response; `poll()` fetches what is new; `onEvent` gets
 * parsed events; `onStatus` gets "lost", "stuck" (ask the person) and "connected".
 */
export function createStream({ connect, poll, onEvent, onStatus, isDue, delay = backoff }) {
  let wanted = false;
  let running = false;
  let abort = null;
  let tries = 0;
  let mute = 0;
  let lost = null;
  let wake = null;
  let hurried = false;

  const pause = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function alive() {
    tries = 0;
    clearTimeout(lost);
    lost = null;
    onStatus("connected");
  }

  function down() {
    lost ??= setTimeout(() => onStatus("lost"), BANNER);
    tries += 1;
    if (tries === ASK_AFTER) onStatus("stuck");
  }

  async function readBody(response, kick) {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const push = createParser(onEvent);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      kick();
      push(decoder.decode(value, { stream: true }));
    }
  }

  async function once() {
    const controller = (abort = new AbortController());
    let heard = false;
    let muted = false;
    let dog;
    const kick = (first) => {
      clearTimeout(dog);
      if (!first && !heard) {
        heard = true;
        mute = 0;
        alive();
      }
      dog = setTimeout(() => {
        muted = !heard;
        controller.abort();
      }, WATCHDOG);
    };
    kick(true);
    try {
      const response = await connect(controller.signal);
      if (response.status === 204) wanted = false;
      else await readBody(response, () => kick(false));
    } finally {
      clearTimeout(dog);
      if (muted) mute += 1;
    }
  }

  async function pollOnce() {
    try {
      await poll();
      alive();
    } catch {
      down();
    }
    await pause(isDue() ? 3000 : 15000);
  }

  async function run() {
    if (running) return;
    running = true;
    while (wanted) {
      hurried = false;
      if (mute >= 2) {
        await pollOnce();
        continue;
      }
      let wait = 0;
      try {
        await once();
      } catch (error) {
        wait = error.retryAfter || 0;
      }
      if (!wanted) break;
      if (hurried) continue;
      const before = tries;
      down();
      await pause(wait || delay(before));
    }
    running = false;
  }

  return {
    start() {
      wanted = true;
      run();
    },
    stop() {
      wanted = false;
      clearTimeout(lost);
      lost = null;
      abort?.abort();
      wake?.();
    },
    /** The network may be back, or the page is looked at again: do not wait any longer. */
    hurry(fresh) {
      if (!wanted) return;
      tries = 0;
      mute = 0;
      hurried = fresh && running;
      if (fresh) abort?.abort();
      wake?.();
      run();
    },
  };
}
