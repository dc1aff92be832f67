// The crop box of a photo: the user moves it with the pointer or the arrow keys, and resizes it at its corner or with + and -.

import { h } from "./dom.js";

const STEP = 0.02; // of the photo's shorter side, for a key
const LEAST = 0.15; // the smallest box, likewise

function clamp(value, least, most) {
  return Math.max(least, Math.min(value, most));
}

function position(element, photo, box) {
  element.style.left = `${(100 * box.x) / photo.width}%`;
  element.style.top = `${(100 * box.y) / photo.height}%`;
  element.style.width = `${(100 * box.width) / photo.width}%`;
  element.style.height = `${(100 * box.height) / photo.height}%`;
}

// The box with another side, around the same centre or corner, within the photo.
function sized(photo, box, side, keepCorner) {
  const shorter = Math.min(photo.width, photo.height);
  const width = clamp(side, shorter * LEAST, keepCorner ? Math.min(photo.width - box.x, photo.height - box.y) : shorter);
  const x = keepCorner ? box.x : box.x + (box.width - width) / 2;
  const y = keepCorner ? box.y : box.y + (box.height - width) / 2;
  return shifted(photo, { x, y, width, height: width }, 0, 0);
}

function shifted(photo, box, dx, dy) {
  return { ...box, x: clamp(box.x + dx, 0, photo.width - box.width), y: clamp(box.y + dy, 0, photo.height - box.height) };
}

/** The largest square around a face. */
export function aroundFace(photo, face) {
  const side = Math.min(photo.width, photo.height);
  const box = { x: face.x + face.width / 2 - side / 2, y: face.y + face.height / 2 - side / 2, width: side, height: side };
  return shifted(photo, box, 0, 0);
}

/** The element for a photo's box; `changed(box)` is called at the end of each change. */
export function cropBox(photo, initial, changed) {
  let box = { ...initial };
  const handle = h("span", { class: "handle", "aria-hidden": "true" });
  const element = h("div", {
    class: "crop", tabindex: "0", role: "group", "aria-roledescription": "crop box",
    "aria-label": `Crop of ${photo.name}. Arrow keys move it, plus and minus resize it.`,
  }, handle);
  position(element, photo, box);

  const show = (next) => { box = next; position(element, photo, box); };

  element.addEventListener("pointerdown", (event) => {
    const frame = element.parentElement.getBoundingClientRect();
    const scale = photo.width / frame.width;
    const from = { x: event.clientX, y: event.clientY, box };
    const resizes = event.target === handle;
    event.preventDefault();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    element.classList.add("moving");
    const move = (now) => {
      const dx = (now.clientX - from.x) * scale, dy = (now.clientY - from.y) * scale;
      show(resizes ? sized(photo, from.box, from.box.width + Math.max(dx, dy), true) : shifted(photo, from.box, dx, dy));
    };
    const end = () => {
      element.classList.remove("moving");
      element.removeEventListener("pointermove", move);
      if (box !== from.box) changed(box);
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", end, { once: true });
  });

  let waiting;
  element.addEventListener("keydown", (event) => {
    const step = Math.min(photo.width, photo.height) * STEP;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const grows = { "+": 2 * step, "=": 2 * step, "-": -2 * step };
    if (moves[event.key]) show(shifted(photo, box, ...moves[event.key]));
    else if (grows[event.key]) show(sized(photo, box, box.width + grows[event.key], false));
    else return;
    event.preventDefault();
    clearTimeout(waiting);
    waiting = setTimeout(() => { waiting = undefined; changed(box); }, 400);
  });
  element.update = (next) => { if (!waiting && !element.classList.contains("moving")) show({ ...next }); };
  return element;
}

/** Marks a face; choosing it puts the crop around it. */
export function faceMark(photo, face, number, choose) {
  const element = h("button", { type: "button", class: "face", "aria-label": `Crop ${photo.name} around face ${number}`, onclick: choose });
  position(element, photo, face);
  return element;
}
