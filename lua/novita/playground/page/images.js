// Images: models, settings, and a gallery in which each image has its settings.

import { $, confirm, fill, h, plural, text, toast, when } from "./dom.js";
import { command, state } from "./server.js";
import { isReady, openConnect, payer } from "./session.js";

const chosen = new Map(); // LoRAs by name: { strength, on, label }
let startImage; // the id of the image to start from

const form = () => $("generate");
const value = (name) => form().elements[name].value;

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// {====== models ======

function label(model) {
  return (model.name || model.model_name).replace(/^[0-9a-f]{8}-[0-9a-f]{12}-/, "");
}

function ownModels() {
  const found = new Map();
  for (const training of state.trainings.ours) {
    if (training.stage === "serving" && training.here) found.set(training.model_name, training.name);
  }
  for (const model of state.models.own) {
    const name = model.model_name.endsWith(".safetensors") ? model.model_name : `${model.model_name}.safetensors`;
    if (!found.has(name)) found.set(name, label(model));
  }
  return found;
}

function loraRow(name, title) {
  const entry = chosen.get(name);
  const strength = h("input", { type: "range", min: "0", max: "1", step: "0.05", value: entry.strength, "aria-label": `Strength of ${title}`,
    oninput: (event) => { entry.strength = Number(event.target.value); shown.textContent = entry.strength.toFixed(2); } });
  const shown = h("output", {}, Number(entry.strength).toFixed(2));
  return h("div", { class: "lora" },
    h("label", { class: "check grow" }, h("input", { type: "checkbox", checked: entry.on, onchange: (event) => { entry.on = event.target.checked; } }), title),
    strength, shown);
}

function showLoras() {
  const own = ownModels();
  for (const [name, title] of own) if (!chosen.has(name)) chosen.set(name, { strength: 0.7, on: chosen.size === 0, label: title });
  for (const [name, entry] of chosen) if (!own.has(name) && !entry.public) chosen.delete(name);
  fill($("loras"), [...chosen.keys()], () => (chosen.size === 0
    ? [h("p", { class: "soft" }, "No models yet. Train one, or add a public LoRA.")]
    : [...chosen].map(([name, entry]) => loraRow(name, entry.label))));
}

/** Chooses one model, and only that. */
export function chooseModel(name) {
  for (const [one, entry] of chosen) entry.on = one === name;
  $("loras").filledWith = undefined;
  showLoras();
  form().elements.prompt.focus();
}

function addLora() {
  const name = $("lora-search").value;
  const model = state.models.public.loras.find((one) => one.model_name === name);
  if (!model) return;
  chosen.set(name, { strength: 0.7, on: true, label: label(model), public: true });
  $("lora-search").value = "";
  showLoras();
}

function select(element, values, titles) {
  fill(element, values, () => values.map((one, index) => h("option", { value: one }, titles[index])));
}

export function showModels() {
  if (!state.models || !state.trainings || !state.facts) return;
  showLoras();
  const { checkpoints, loras } = state.models.public;
  const kept = value("model_name");
  select(form().elements.model_name, checkpoints.map((one) => one.model_name), checkpoints.map((one) => `${label(one)}${one.base_model ? ` (${one.base_model})` : ""}`));
  const first = checkpoints.find((one) => one.is_sdxl === false);
  if (kept) form().elements.model_name.value = kept;
  else if (first) form().elements.model_name.value = first.model_name;
  fill($("lora-names"), loras, () => loras.map((one) => h("option", { value: one.model_name }, label(one))));
  for (const field of state.facts.images) {
    const element = form().elements[field.name];
    if (!element || element.limited) continue;
    element.limited = true;
    if (field.min !== undefined && element.type === "number") element.min = field.min;
    if (field.max !== undefined && element.type === "number") element.max = field.max;
    if (element.tagName === "SELECT" && field.values) {
      select(element, field.values, field.values);
      element.value = field.default;
    }
  }
}

// }======

// {====== orders ======

function number(name) {
  return value(name) === "" ? undefined : Number(value(name));
}

function order() {
  const loras = [...chosen].filter(([, entry]) => entry.on).map(([name, entry]) => ({ model_name: name, strength: entry.strength }));
  return {
    prompt: value("prompt"), negative_prompt: value("negative_prompt"), model_name: value("model_name"), sampler_name: value("sampler_name"),
    width: number("width"), height: number("height"), image_num: number("image_num"), steps: number("steps"), guidance_scale: number("guidance_scale"),
    seed: number("seed"), loras, image_id: startImage, strength: startImage ? Number($("start-strength").value) : undefined,
  };
}

async function generate(params, id) {
  text("generate-error", "");
  $("generate-button").disabled = true;
  try {
    await command("generate", { ...params, order: id });
  } catch (error) {
    text("generate-error", error.message);
  }
  $("generate-button").disabled = false;
}

function useAsStart(id) {
  startImage = id;
  const strength = h("input", { type: "range", id: "start-strength", min: "0", max: "1", step: "0.05", value: 0.6, "aria-label": "How far to depart from the image" });
  $("start-image").replaceChildren(...(id ? [h("div", { class: "start" }, h("img", { src: `/image/${id}`, alt: "The image to start from" }),
    h("label", { class: "field grow" }, "How far to depart from it", strength),
    h("button", { type: "button", class: "remove", "aria-label": "Do not start from an image", onclick: () => useAsStart(undefined) }, "×"))] : []));
  if (id) $("start-image").scrollIntoView({ block: "center", behavior: "smooth" });
}

function again(one) {
  const { loras, ...params } = one.params;
  generate({ ...params, loras: loras || [], seed: Math.floor(Math.random() * 2 ** 31) }, newId());
  toast("Ordered again with another seed.");
}

// }======

// {====== gallery ======

function view(id, prompt) {
  $("viewer-image").src = `/image/${id}`;
  $("viewer-image").alt = prompt;
  $("viewer").showModal();
}

function remove(id, what) {
  confirm({ title: `Delete ${what}?`, yes: "Delete", body: h("p", {}, "It is removed from the playground's folder."), act: () => command("delete_image", { id }) });
}

function tile(one, image, index) {
  const name = `image ${index + 1} of “${one.params.prompt}”`;
  return h("li", { class: "tile" },
    h("button", { type: "button", class: "open", "aria-label": `Show ${name}`, onclick: () => view(image.id, one.params.prompt) },
      h("img", { src: `/image/${image.id}`, alt: "", loading: "lazy" })),
    h("div", { class: "row tight" },
      h("a", { href: `/save/${image.id}`, download: "", class: "action", "aria-label": `Save ${name}` }, "Save"),
      h("button", { type: "button", class: "action", "aria-label": `Start from it: ${name}`, onclick: () => useAsStart(image.id) }, "Start from it"),
      h("button", { type: "button", class: "action", "aria-label": `Delete ${name}`, onclick: () => remove(image.id, "this image") }, "Delete")));
}

function settingsOf(one) {
  const { params } = one;
  const loras = (params.loras || []).map((lora) => `${(chosen.get(lora.model_name) || { label: lora.model_name }).label} ${lora.strength}`);
  return [`${params.width} × ${params.height}`, ...loras, params.sampler_name, params.steps && `${params.steps} steps`,
    params.image_id && "from an image", one.seed && `seed ${one.seed}`, when(one.created_at)].filter(Boolean).join(" · ");
}

function waiting(one) {
  if (one.state === "failed") {
    return h("p", { class: "error" }, (one.error && one.error.message) || "It failed.",
      one.error && one.error.ambiguous ? " It may have been billed: look at your account before you order it again." : "");
  }
  if (one.state === "interrupted") return h("p", { class: "soft" }, (one.error && one.error.message) || "The playground was stopped before the service took this order, or while it was working on it.");
  return h("progress", { max: "100", value: one.percent || undefined, "aria-label": `Progress of “${one.params.prompt}”` });
}

function orderCard(one) {
  return h("article", { class: "order" },
    h("p", { class: "prompt" }, one.params.prompt),
    h("p", { class: "soft" }, settingsOf(one)),
    one.images.length > 0 ? h("ul", { class: "tiles" }, one.images.map((image, index) => tile(one, image, index))) : waiting(one),
    h("p", { class: "row tight" },
      one.state === "generating" ? null : h("button", { type: "button", class: "quiet", onclick: () => again(one) }, "Again with another seed"),
      one.state === "done" || one.state === "generating" ? null : h("button", { type: "button", class: "quiet", onclick: () => remove(one.id, "this order") }, "Delete")));
}

export function showGallery() {
  const { orders } = state.gallery;
  const count = orders.reduce((sum, one) => sum + one.images.length, 0);
  text("gallery-count", count > 0 ? plural(count, "image") : "");
  fill($("gallery"), orders, () => (orders.length === 0
    ? [h("p", { class: "empty" }, "Generated images appear here, each with its settings. They are kept in the playground's folder.")]
    : orders.map(orderCard)));
}

// }======

export function showGenerate() {
  if (!state.session) return;
  text("generate-button", isReady() ? "Generate" : "Connect and generate…");
  text("generate-help", isReady() ? payer() : "");
}

export function prepareImages() {
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    if (isReady()) generate(order(), newId());
    else openConnect();
  });
  let timer;
  $("lora-search").addEventListener("input", () => {
    addLora();
    clearTimeout(timer);
    if ($("lora-search").value) timer = setTimeout(() => command("search_models", { query: $("lora-search").value }).catch(() => {}), 500);
  });
}
