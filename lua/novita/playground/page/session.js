// The connection to a service: the key, the state in words, the banner of the emulator.

import { $, fill, h, text, toast } from "./dom.js";
import { command, state } from "./server.js";

const WORDS = {
  no_key: "Connect", connecting: "Connecting…", refused: "The key was refused", offline: "Offline", failed: "Not connected",
};

const HELP = {
  no_key: "novita needs an API key to train and to generate images. You can prepare photos without one.",
  connecting: "The service is being asked.",
  refused: "The service does not accept this key. Copy it again, or create a new one.",
  offline: "The service cannot be reached. Check the network, then try again. Nothing was lost.",
  failed: "The service cannot be used.",
};

const OFFLINE = new Set(["network", "timeout", "tls"]);

function money(usd) {
  return usd === undefined ? "" : `${usd.toFixed(2)} USD`;
}

function hostOf(session) {
  return session.service.replace(/^https?:\/\//, "");
}

export function isReady() {
  return state.session !== undefined && state.session.status === "ready";
}

/** What a payment is taken from, for a confirmation. */
export function payer() {
  const { emulator, balance } = state.session;
  if (emulator) return "The emulator trains nothing and costs nothing.";
  const left = balance === undefined ? "" : ` Your balance there is ${money(balance)}.`;
  return `${hostOf(state.session)} charges your account; its API does not name the price.${left}`;
}

function banner(session) {
  if (session.emulator) {
    return h("p", { class: "banner emulator" }, h("b", {}, "Emulator. "),
      "Nothing is trained, nothing costs money, and the images are only patterns. ",
      h("button", { type: "button", class: "link", onclick: openConnect }, "Use a key"));
  }
  if (session.status === "refused" || session.status === "offline" || session.status === "failed") {
    return h("p", { class: "banner bad" }, h("b", {}, `${WORDS[session.status]}. `), `${HELP[session.status]} `,
      session.message && session.status !== "refused" ? h("span", { class: "soft" }, `(${session.message}) `) : null,
      h("button", { type: "button", class: "link", onclick: () => command("connect").catch((error) => toast(error.message)) }, "Try again"), " ",
      h("button", { type: "button", class: "link", onclick: openConnect }, "Change the key"));
  }
  if (session.status === "ready" && session.balance !== undefined && session.balance <= 0) {
    return h("p", { class: "banner bad" }, h("b", {}, "Your balance is empty. "),
      "The service refuses trainings and images until you add credit there. What is prepared here stays.");
  }
  return null;
}

export function showSession() {
  const { session } = state;
  $("account").dataset.status = session.status;
  text("account-text", session.status !== "ready" ? WORDS[session.status]
    : session.emulator ? "Emulator" : `${hostOf(session)}${session.balance === undefined ? "" : ` · ${money(session.balance)}`}`);
  fill($("banner"), [session.status, session.emulator, session.message, session.balance <= 0, session.warnings], () => [
    banner(session),
    ...session.warnings.map((warning, index) => h("p", { class: "banner" }, warning, " ",
      index > 0 ? null : h("button", { type: "button", class: "link", onclick: () => command("dismiss") }, "Dismiss"))),
  ]);
  text("connect-state", session.status === "ready"
    ? `Connected to ${session.emulator ? "the emulator" : hostOf(session)}. Everything is kept in ${session.folder}.`
    : HELP[session.status] || "");
}

export function openConnect() {
  text("connect-error", "");
  $("connect").showModal();
  $("key").focus();
}

async function attempt(button, run) {
  text("connect-error", "");
  button.disabled = true;
  try {
    await run();
    $("key").value = "";
    $("connect").close();
  } catch (error) {
    const words = error.code === "INVALID_API_KEY" ? HELP.refused : OFFLINE.has(error.kind) ? HELP.offline : "";
    text("connect-error", words ? `${words} (${error.message})` : error.message);
  }
  button.disabled = false;
}

export function prepareSession() {
  $("account").onclick = openConnect;
  $("connect-close").onclick = () => $("connect").close();
  $("connect-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt($("use-key"), () => command("key", {
      key: $("key").value.trim(), remember: $("remember").checked, base_url: $("base-url").value.trim(),
    }));
  });
  $("use-emulator").onclick = () => attempt($("use-emulator"), () => command("emulator"));
}
