// Starts the page: the tabs, and what is shown when the state changes.

import { $, text } from "./dom.js";
import { chooseModel, prepareImages, showGallery, showGenerate, showModels } from "./images.js";
import { preparePhotos, showPhotos } from "./photos.js";
import { listen } from "./server.js";
import { prepareSession, showSession } from "./session.js";
import { prepareTrain, showRunning, showTrain } from "./train.js";
import { generateButton, prepareTrainings, showTrainings } from "./trainings.js";

const TABS = ["train", "images", "trainings"];

function open(name) {
  for (const tab of TABS) {
    $(tab).hidden = tab !== name;
    $(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    $(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
  }
  history.replaceState(null, "", `/#/${name}`); // the address has no token from here on
}

function prepareTabs() {
  TABS.forEach((tab, index) => {
    const button = $(`tab-${tab}`);
    button.onclick = () => open(tab);
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = TABS[(index + step + TABS.length) % TABS.length];
      open(next);
      $(`tab-${next}`).focus();
    });
  });
  const wanted = location.hash.slice(2);
  open(TABS.includes(wanted) ? wanted : TABS[0]);
}

const SHOW = {
  facts: [showTrain, showModels],
  session: [showSession, showTrain, showGenerate, showTrainings],
  setup: [showPhotos, showTrain],
  trainings: [() => showRunning(generateButton), showModels, showTrainings],
  models: [showModels, showTrainings],
  gallery: [showGallery],
};

prepareTabs();
prepareSession();
preparePhotos();
prepareTrain();
prepareImages();
prepareTrainings((model) => {
  open("images");
  chooseModel(model);
});
listen((section) => SHOW[section].forEach((show) => show()), (online) => {
  document.body.classList.toggle("lost", !online);
  if (!online) text("account-text", "The playground was stopped");
});
