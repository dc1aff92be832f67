// Talks to the playground's program: commands go there, the state comes back as events.

export const state = { facts: undefined, session: undefined, setup: undefined, trainings: undefined, models: undefined, gallery: undefined };

let leaving = false; // the page is being closed: its last requests outlive it
const unsent = new Set(); // functions that send what the user has typed in the last moment

/** Calls `send(value)` soon after the last of several calls, and at once when the page is closed. */
export function debounced(send, milliseconds) {
  let timer, last;
  const now = () => {
    clearTimeout(timer);
    if (unsent.delete(now)) send(last);
  };
  return Object.assign((value) => {
    last = value;
    unsent.add(now);
    clearTimeout(timer);
    timer = setTimeout(now, milliseconds);
  }, { now });
}

addEventListener("pagehide", () => {
  leaving = true;
  for (const now of [...unsent]) now();
});
addEventListener("pageshow", () => { leaving = false; });

async function read(response) {
  const value = await response.json().catch(() => ({}));
  if (response.ok) return value;
  const error = new Error(value.error ? value.error.message : `The playground responds with status ${response.status}.`);
  Object.assign(error, value.error && { code: value.error.code, kind: value.error.kind });
  throw error;
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { method: "POST", credentials: "same-origin", keepalive: leaving, ...options });
  } catch {
    throw new Error("The playground does not respond. Is it still running?");
  }
  return read(response);
}

export function command(name, values = {}) {
  return send(`/api/${name}`, { body: JSON.stringify(values), headers: { "Content-Type": "application/json" } });
}

export function sendPhoto(file) {
  return send(`/api/photo?name=${encodeURIComponent(file.name)}`, { body: file });
}

/** Calls `changed(section)` for each new state, and `online(whether)`. */
export function listen(changed, online) {
  const source = new EventSource("/events");
  for (const section of Object.keys(state)) {
    source.addEventListener(section, (event) => {
      state[section] = JSON.parse(event.data);
      changed(section);
    });
  }
  source.onopen = () => online(true);
  source.onerror = () => online(false);
}
