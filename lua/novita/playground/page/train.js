// The settings of the setup, the confirmation, and the trainings in progress.

import { $, confirm, duration, fill, h, plural, text, toast } from "./dom.js";
import { command, debounced, state } from "./server.js";
import { isReady, openConnect, payer } from "./session.js";

const KIND_HELP = {
  face: "Use a rare word for the person, such as ohwx. You write it again in later prompts.",
  subject: "Use a rare word for the subject, such as ohwx. You write it again in later prompts.",
  style: "A style learns from the captions of the photos. A prompt is optional.",
};

const STAGES = {
  preparing: "Preparing photos", uploading: "Uploading photos", submitting: "Submitting", unknown: "Waiting for the service",
  queuing: "In the queue", training: "Training", deploying: "Deploying the model", serving: "Ready", succeeded: "Trained",
  failed: "Failed", canceled: "Canceled", interrupted: "Interrupted",
};

export const stageText = (stage) => STAGES[stage] || stage;

// {====== settings ======

let pending = {};
let sending; // the last settings on their way to the program

const sendPending = debounced(() => {
  const values = pending;
  pending = {};
  sending = command("settings", values).catch((error) => toast(error.message));
}, 300);

function set(name, value) {
  pending[name] = value;
  sendPending();
}

function range(field) {
  if (field.min !== undefined && field.max !== undefined) return `${field.min} to ${field.max}`;
  if (field.min !== undefined) return `${field.min} or more`;
  return field.above !== undefined ? `above ${field.above}` : "";
}

function control(field) {
  const common = { name: field.name, "aria-describedby": `help-${field.name}` };
  if (field.type === "boolean") {
    return h("select", common, h("option", { value: "" }, "Default"), h("option", { value: "true" }, "On"), h("option", { value: "false" }, "Off"));
  }
  if (field.values && !field.open) {
    return h("select", common, h("option", { value: "" }, "Default"), field.values.map((value) => h("option", { value }, String(value))));
  }
  const preset = (state.facts.presets[state.setup.settings.kind] || {})[field.name];
  const number = field.type === "integer" || field.type === "number";
  const shown = preset !== undefined ? String(preset) : field.name === "max_train_steps" ? "auto" : "default";
  return h("input", { ...common, type: number ? "number" : "text", min: field.min, max: field.max, step: field.type === "integer" ? 1 : "any", placeholder: shown });
}

function expertField(field) {
  const hint = [field.doc, range(field) && `Allowed: ${range(field)}${field.unit ? ` ${field.unit}` : ""}.`].filter(Boolean).join(" ");
  return h("div", {}, h("label", { class: "field" }, field.name.replaceAll("_", " "), control(field)),
    h("p", { class: "help", id: `help-${field.name}` }, hint));
}

function showValues() {
  for (const element of $("settings").elements) {
    if (!element.name || document.activeElement === element || element.name in pending) continue;
    const value = state.setup.settings[element.name];
    if (element.type === "radio") element.checked = element.value === value;
    else element.value = value === undefined ? "" : String(value);
  }
}

function showSettings() {
  const { kind } = state.setup.settings;
  fill(document.querySelector("[name=base_model]"), state.facts.base_models, () =>
    state.facts.base_models.map((name) => h("option", { value: name }, name)));
  fill($("expert-fields"), kind, () => state.facts.expert[kind === "style" ? "style" : "subject"].map(expertField));
  text("prompt-help", KIND_HELP[kind] || "");
  showValues();
}

// }======

// {====== the start ======

function steps(settings, photos) {
  return Number(settings.max_train_steps) || Math.min(state.facts.steps_per_photo * photos, state.facts.steps_most);
}

function facts({ settings, photos }) {
  const rows = [["Photos", String(photos)], ["Kind", settings.kind], ["Name", settings.name || "–"],
    ["Prompt", settings.instance_prompt || "–"], ["Base model", settings.base_model], ["Size", `${settings.size} × ${settings.size}`], ["Steps", String(steps(settings, photos))]];
  return h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function findings() {
  const { photos, problems } = state.setup;
  return photos.filter((photo) => photo.findings.length > 0 || photo.error).length + problems.length;
}

async function train(again, seen) {
  try {
    await command("train", { again, seen });
  } catch (error) {
    if (error.code !== "trained") throw error;
    setTimeout(() => confirm({
      title: "Train again?", yes: "Train again and pay",
      body: [h("p", {}, error.message), h("p", {}, payer())],
      act: () => train(true, seen),
    }));
    return;
  }
  window.scrollTo({ top: 0, behavior: "smooth" });
}

// What is confirmed is what the program has now, and nothing else is paid for.
async function ask() {
  if (!isReady()) return openConnect();
  sendPending.now();
  await sending;
  const order = await command("settings");
  if ($("confirm").open) return undefined; // a double click
  const open = findings();
  return confirm({
    title: "Start this training?", yes: state.session.emulator ? "Train" : "Train and pay",
    body: [facts(order), open > 0 ? h("p", { class: "notes" }, `${plural(open, "finding")} above ${open === 1 ? "is" : "are"} worth a second look first.`) : "",
      h("p", {}, payer()), h("p", { class: "soft" }, "You can close this page: the training continues.")],
    act: () => train(false, order.signature),
  });
}

const start = () => ask().catch((error) => toast(error.message));

function showBar() {
  const { photos, checking } = state.setup;
  const open = findings();
  const parts = photos.length === 0 ? ["Add photos to begin"] : [plural(photos.length, "photo"),
    checking ? "checking…" : open > 0 ? `${plural(open, "finding")} to look at` : "no findings", plural(steps(state.setup.settings, photos.length), "step")];
  text("summary", parts.join(" · "));
  $("start").disabled = photos.length === 0;
  text("start", isReady() ? "Train…" : "Connect and train…");
}

// }======

/** One training with its progress. */
export function progress(training) {
  const status = training.status || {};
  const percent = training.stage === "training" ? status.percent : training.stage === "uploading" && status.photos ? (100 * (status.uploaded || 0)) / status.photos : undefined;
  const detail = training.stage === "uploading" ? `${status.uploaded || 0} of ${status.photos} photos`
    : training.stage === "training" ? `${status.percent || 0} %` : "";
  const line = [stageText(training.stage), detail, duration(status.eta)].filter(Boolean).join(" · ");
  return [
    h("p", { class: "stage-line" }, h("span", { class: `pill ${training.stage}` }, line)),
    training.active ? h("progress", { max: "100", value: percent, "aria-label": `Progress of ${training.name}` }) : null,
    status.last_error ? h("p", { class: "help" }, `The last request failed (${status.last_error}); the wait continues.`) : null,
    training.error ? h("p", { class: "error" }, training.error.message) : null,
  ];
}

const seen = new Set(); // those that were in progress while this page was open: their end is shown

export function showRunning(buttons) {
  const shown = state.trainings.ours.filter((training) => training.active || seen.has(training.id));
  for (const training of shown) seen.add(training.id);
  fill($("running"), shown, () => shown.map((training) => h("article", { class: "panel running", "aria-label": `Training ${training.name}` },
    h("div", { class: "row" }, h("h2", { class: "grow" }, training.name),
      training.active ? null : h("button", { type: "button", class: "remove", "aria-label": `Hide ${training.name}`, onclick: () => { seen.delete(training.id); showRunning(buttons); } }, "×")),
    progress(training), buttons(training))));
}

export function showTrain() {
  if (!state.facts || !state.setup) return;
  showSettings();
  if (state.session) showBar();
}

export function prepareTrain() {
  $("settings").addEventListener("input", (event) => {
    const { name, type, value } = event.target;
    const known = name === "size" || type === "number" ? (value === "" ? "" : Number(value)) : value === "true" ? true : value === "false" ? false : value;
    set(name, known);
  });
  $("settings").addEventListener("submit", (event) => { event.preventDefault(); start(); });
  $("start").onclick = start;
}
