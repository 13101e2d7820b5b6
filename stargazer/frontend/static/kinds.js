// Which kinds of events are told: a box for each, by platform, folded until somebody wants it.

import { make } from "./dom.js";
import { getLanguage, say } from "./texts.js";

let numbers = 0;

// Of `platforms` alone, where they are given; an own choice can go back to what holds for all.
export function makeKinds(state, title, change, platforms = null, isOwn = false) {
  const summary = make("span", { class: "kinds-count" });
  const box = make(
    "details",
    { class: "kinds" },
    make("summary", {}, isOwn ? say("kinds") : title, isOwn ? make("span", { class: "unseen" }, title) : null, " ", summary),
  );
  const fill = () => {
    if (box.querySelector("fieldset")) return;
    box.append(makeBoxes(state, box, title, change, platforms, isOwn));
    showKinds(box, box.shown, box.isOwnChoice);
  };
  box.addEventListener("toggle", () => box.open && fill());
  box.platforms = platforms;
  return box;
}

function makeBoxes(state, box, title, change, platforms, isOwn) {
  const language = getLanguage();
  const wanted = state.kinds.filter(({ kind }) => !platforms || platforms.has(getPlatform(kind)));
  const boxes = wanted.map(({ kind, titles }) => {
    const input = make("input", { type: "checkbox", value: kind, id: `kind-${(numbers += 1)}` });
    input.addEventListener("change", () => {
      const kinds = new Set(box.shown);
      if (input.checked) kinds.add(kind);
      else kinds.delete(kind);
      change([...kinds]);
    });
    return make("label", { class: "kind" }, input, make("span", {}, titles[language] ?? titles.en));
  });
  const legend = make("legend", { class: "unseen" }, title);
  const back = isOwn
    ? make("button", { class: "plain back", type: "button", onclick: () => change(null) }, say("as_for_all"))
    : null;
  return make("fieldset", {}, legend, ...boxes, back);
}

export function showKinds(box, kinds, isOwnChoice) {
  box.shown = kinds;
  box.isOwnChoice = isOwnChoice;
  const { platforms } = box;
  const count = [...kinds].filter((kind) => !platforms || platforms.has(getPlatform(kind))).length;
  const text = say("kinds_count", { count });
  box.querySelector(".kinds-count").textContent = isOwnChoice ? `${text} · ${say("kinds_own")}` : text;
  for (const input of box.querySelectorAll("input")) input.checked = kinds.has(input.value);
  const back = box.querySelector(".back");
  if (back) back.hidden = !isOwnChoice;
}

function getPlatform(kind) {
  return kind.split("/")[0];
}
