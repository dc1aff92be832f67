// Builds elements. Text goes into text nodes and attributes only, so it is never read as HTML.

/** h("button", { class: "quiet", onclick: f }, "Save", child) */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

export function text(id, value) {
  const element = $(id);
  if (element.textContent !== value) element.textContent = value;
}

/** Replaces the children only if `key` has changed: focus and selection stay. */
export function fill(element, key, build) {
  const mark = JSON.stringify(key);
  if (element.filledWith === mark) return;
  element.filledWith = mark;
  element.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
}

export function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

export function duration(seconds) {
  if (seconds === undefined || seconds === null) return "";
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

export function when(seconds) {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

let hiding;

export function toast(message) {
  text("toast", message);
  $("toast").classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => $("toast").classList.remove("shown"), 5000);
}

/** Asks before something that costs money or cannot be undone. `act` may throw: then the dialog stays. */
export function confirm({ title, body, yes, act }) {
  const dialog = $("confirm");
  text("confirm-title", title);
  $("confirm-body").replaceChildren(...[body].flat(Infinity));
  text("confirm-error", "");
  text("confirm-yes", yes);
  $("confirm-yes").disabled = false;
  $("confirm-no").onclick = () => dialog.close();
  $("confirm-yes").onclick = async () => {
    $("confirm-yes").disabled = true;
    try {
      await act();
      dialog.close();
    } catch (error) {
      text("confirm-error", error.message);
    }
    $("confirm-yes").disabled = false;
  };
  dialog.showModal();
}
