// The photos: dropped or chosen, shown with their crop boxes, findings and captions.

import { aroundFace, cropBox, faceMark } from "./crop.js";
import { $, confirm, fill, h, plural, text, toast } from "./dom.js";
import { command, debounced, sendPhoto, state } from "./server.js";

const AT_ONCE = 3; // uploads
const cards = new Map(); // by the photo's id
const uploads = { waiting: [], running: 0, total: 0, done: 0, refused: [] };
const captions = new Map(); // texts of caption files, by the stem of the photo's name

const fail = (error) => toast(error.message);
const change = (id, values) => command("change_photo", { id, ...values }).catch(fail);

// {====== uploads ======

function stem(name) {
  return name.replace(/\.[^.]*$/, "");
}

async function upload(file) {
  try {
    const { id } = await sendPhoto(file);
    const caption = captions.get(stem(file.name));
    if (caption) await change(id, { caption });
  } catch (error) {
    uploads.refused.push(`${file.name} ${error.message}`);
  }
}

async function work() {
  if (uploads.running >= AT_ONCE) return;
  const file = uploads.waiting.shift();
  if (!file) return;
  uploads.running += 1;
  await upload(file);
  uploads.running -= 1;
  uploads.done += 1;
  showCount();
  if (uploads.done === uploads.total) Object.assign(uploads, { total: 0, done: 0 });
  work();
}

async function take(files) {
  const list = [...files];
  for (const file of list.filter((one) => /\.(txt|caption)$/i.test(one.name))) {
    captions.set(stem(file.name), (await file.text()).trim());
  }
  const photos = list.filter((one) => !/\.(txt|caption|md|json|db)$/i.test(one.name) && !one.name.startsWith("."));
  photos.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  uploads.refused = [];
  uploads.waiting.push(...photos);
  uploads.total += photos.length;
  showCount();
  for (let i = 0; i < AT_ONCE; i += 1) work();
}

async function entriesOf(item) {
  const entry = item.webkitGetAsEntry && item.webkitGetAsEntry();
  if (!entry || entry.isFile) return [item.getAsFile()].filter(Boolean);
  const reader = entry.createReader(), found = [];
  for (;;) {
    const part = await new Promise((resolve) => { reader.readEntries(resolve, () => resolve([])); });
    if (part.length === 0) break;
    found.push(...part.filter((one) => one.isFile));
  }
  return Promise.all(found.map((one) => new Promise((resolve) => { one.file(resolve); })));
}

function prepareDrop() {
  let depth = 0;
  const mark = (by) => { depth = Math.max(0, depth + by); document.body.classList.toggle("dragging", depth > 0); };
  document.addEventListener("dragenter", (event) => { event.preventDefault(); mark(1); });
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    mark(-depth);
    const lists = await Promise.all([...event.dataTransfer.items].filter((item) => item.kind === "file").map(entriesOf));
    take(lists.flat());
  });
}

// }======

// {====== cards ======

function showBox(card, photo) {
  const used = photo.crop || photo.used;
  if (!used) return;
  if (card.box) card.box.update(used);
  else {
    card.box = cropBox(photo, used, (crop) => change(photo.id, { crop }));
    card.frame.append(card.box);
  }
}

function showFaces(card, photo) {
  const marks = photo.faces.map((face, index) => faceMark(photo, face, index + 1, () => change(photo.id, { crop: aroundFace(photo, face) })));
  fill(card.faces, photo.faces, () => marks);
}

function showFindings(card, photo) {
  const findings = photo.error ? [`cannot be used: it ${photo.error}`] : photo.findings;
  fill(card.findings, [findings, photo.crop !== undefined], () => [
    ...findings.map((finding) => h("li", { class: photo.error ? "bad" : "" }, finding)),
    photo.crop ? h("li", { class: "plain" }, h("button", { type: "button", class: "link", onclick: () => change(photo.id, { crop: false }) }, "Automatic crop")) : null,
  ]);
}

function newCard(photo) {
  const image = h("img", { alt: "", loading: "lazy", width: photo.width, height: photo.height });
  const card = { image, faces: h("div"), findings: h("ul", { class: "notes" }) };
  card.frame = h("div", { class: "frame" }, image, card.faces);
  card.frame.style.setProperty("--ratio", photo.width / photo.height);
  card.caption = h("textarea", { rows: "1", placeholder: "Caption", "aria-label": `Caption of ${photo.name}` });
  const sendCaption = debounced((caption) => change(photo.id, { caption }), 400);
  card.caption.addEventListener("input", () => sendCaption(card.caption.value));
  card.element = h("li", { class: "card" },
    h("div", { class: "stage" }, card.frame),
    h("div", { class: "row tight" }, h("p", { class: "name grow", title: photo.name }, photo.name),
      h("button", { type: "button", class: "remove", "aria-label": `Remove ${photo.name}`, onclick: () => command("remove_photos", { ids: [photo.id] }).catch(fail) }, "×")),
    card.findings, card.caption);
  return card;
}

function showCard(photo) {
  const card = cards.get(photo.id) || newCard(photo);
  cards.set(photo.id, card);
  if (photo.thumb && !card.image.src) card.image.src = `/thumb/${photo.id}`;
  showBox(card, photo);
  showFaces(card, photo);
  showFindings(card, photo);
  if (document.activeElement !== card.caption) card.caption.value = photo.caption || "";
  return card.element;
}

// }======

function showCount() {
  const count = state.setup ? state.setup.photos.length : 0;
  const busy = uploads.total > 0 ? `adding ${uploads.done} of ${uploads.total}…` : state.setup && state.setup.checking && count > 0 ? "checking…" : "";
  text("photos-count", [count > 0 ? plural(count, "photo") : "", busy].filter(Boolean).join(" · "));
  $("remove-all").hidden = count === 0;
  $("drop").classList.toggle("small", count > 0);
  text("drop-title", count > 0 ? "Drop more photos here" : "Drop 10 to 20 photos here");
  fill($("problems"), [state.setup && state.setup.problems, uploads.refused], () => [
    ...uploads.refused.map((line) => h("li", { class: "bad" }, line)),
    ...(state.setup ? state.setup.problems : []).map((line) => h("li", {}, line)),
  ]);
}

export function showPhotos() {
  const { photos } = state.setup;
  const elements = photos.map(showCard);
  const grid = $("grid");
  elements.forEach((element, index) => {
    if (grid.children[index] !== element) grid.insertBefore(element, grid.children[index] || null);
  });
  while (grid.children.length > elements.length) grid.lastChild.remove();
  const ids = new Set(photos.map((photo) => photo.id));
  for (const id of cards.keys()) if (!ids.has(id)) cards.delete(id);
  showCount();
}

function removeAll() {
  const ids = state.setup.photos.map((photo) => photo.id);
  confirm({
    title: "Remove all photos?", yes: "Remove",
    body: h("p", {}, `${plural(ids.length, "photo")}, with captions and crops. Your own files stay where they are.`),
    act: () => command("remove_photos", { ids }),
  });
}

export function preparePhotos() {
  prepareDrop();
  $("choose").onclick = () => $("files").click();
  $("choose-folder").onclick = () => $("folder").click();
  for (const id of ["files", "folder"]) {
    $(id).addEventListener("change", async () => { await take($(id).files); $(id).value = ""; });
  }
  $("remove-all").onclick = removeAll;
}
