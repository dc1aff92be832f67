// All trainings: those of this playground, and the others of the account.

import { $, confirm, fill, h, text, toast, when } from "./dom.js";
import { command, state } from "./server.js";
import { payer } from "./session.js";
import { progress, stageText } from "./train.js";

let useModel = () => {}; // opens the tab of images with a model

function fileOf(training) {
  return training.model_name && state.models.files.find((file) => file.name === training.model_name);
}

async function save(name) {
  try {
    const { path } = await command("save_model", { model_name: name });
    toast(`Saved as ${path}`);
  } catch (error) {
    toast(error.message);
  }
}

function modelButton(training) {
  if (training.stage !== "serving" || !training.model_name) return null;
  const file = fileOf(training), name = training.model_name;
  if (file) return h("a", { class: "button", href: `/save/${file.id}`, download: "" }, "Save the model");
  const saving = state.models.saving.includes(name);
  return h("button", { type: "button", disabled: saving, onclick: () => save(name) }, saving ? "Downloading…" : "Download the model");
}

export function generateButton(training) {
  if (training.stage !== "serving" || !training.model_name) return null;
  return h("button", { type: "button", class: "primary", onclick: () => useModel(training.model_name) }, "Generate images");
}

function continueButtons(training) {
  if (training.active || training.stage === "serving" || !training.here) return null;
  const run = (again) => () => confirm({
    title: again ? "Train again?" : "Continue this training?", yes: again ? "Train again and pay" : "Continue",
    body: [h("p", {}, again ? "This pays for one more training, also if the first one exists at the service."
      : "It is looked for at the service first. If it was not paid for yet, it is paid for now."), h("p", {}, payer())],
    act: () => command("continue_training", { id: training.id, again }),
  });
  const over = training.stage === "failed" && training.task_id;
  return [over ? null : h("button", { type: "button", onclick: run(false) }, "Continue"),
    training.stage === "failed" ? h("button", { type: "button", class: "quiet", onclick: run(true) }, "Train again") : null];
}

// The page is saved, not opened here: its own style would need another policy.
async function report(id) {
  try {
    await command("report", { id });
    h("a", { href: `/save/${id}`, download: "" }).click();
  } catch (error) {
    toast(error.message);
  }
}

function forget(training) {
  confirm({
    title: `Forget ${training.name}?`, yes: "Forget",
    body: h("p", {}, "Its copy of the photos is removed from the playground's folder. The model stays at the service, and the journal still knows that it was paid for."),
    act: () => command("forget_training", { id: training.id }),
  });
}

function card(training) {
  const details = [training.task_type, training.base_model, training.photos && `${training.photos} photos`, training.created_at && when(training.created_at)];
  return h("article", { class: "panel training", "aria-label": `Training ${training.name}` },
    training.id ? h("img", { class: "cover", src: `/cover/${training.id}`, alt: "", onerror: (event) => event.target.remove() }) : null,
    h("div", { class: "facts-of" }, h("div", { class: "row" }, h(training.id ? "h2" : "h3", { class: "grow" }, training.name || "without a name"),
      training.id ? null : h("span", { class: `pill ${training.stage}` }, stageText(training.stage))),
    h("p", { class: "soft" }, details.filter(Boolean).join(" · ")),
    training.id ? progress(training) : null,
    training.model_name ? h("p", { class: "code" }, training.model_name) : null,
    training.task_id ? h("p", { class: "code soft" }, `task ${training.task_id}`) : null,
    h("p", { class: "row" }, generateButton(training), modelButton(training), continueButtons(training),
      training.id ? h("button", { type: "button", class: "quiet", onclick: () => report(training.id) }, "Report") : null,
      training.id && !training.active ? h("button", { type: "button", class: "quiet", onclick: () => forget(training) }, "Forget") : null)));
}

export function showTrainings() {
  if (!state.trainings || !state.models || !state.session) return;
  const { ours, others } = state.trainings, { files, saving } = state.models;
  fill($("ours"), [ours, files, saving], () => (ours.length === 0
    ? [h("p", { class: "empty" }, "No trainings yet. Add photos in the first tab.")] : ours.map(card)));
  fill($("others"), [others, files, saving], () => (others.length === 0 ? []
    : [h("h2", {}, "Others of this account"), ...others.map(card)]));
}

export function prepareTrainings(use) {
  useModel = use;
  $("refresh").onclick = async () => {
    $("refresh").disabled = true;
    await command("refresh").catch((error) => toast(error.message));
    $("refresh").disabled = false;
    text("toast", "");
  };
}
