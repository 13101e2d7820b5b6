// A form for names in several languages, of which one is the default.

import { make } from "/settings/dom.js";
import { makeButton } from "./parts.js";

const LANGUAGE = /^[a-z]{2}(-[A-Za-z]{2,4})?$/;
const USUAL = ["ja", "en", "zh"];

let numbers = 0;

// `path` is where the API speaks of the names. `read()` gives them as the API takes them.
export function makeNames(name, path) {
  const rows = make("div", { class: "names" });
  const group = `default-${(numbers += 1)}`;
  const wrong = make("p", { class: "wrong", id: `${group}-wrong`, role: "alert", data: { path } });
  const add = (language, text, isDefault) => {
    const row = makeRow(group, language, text, isDefault, () => {
      const wasDefault = row.querySelector("[type=radio]").checked;
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      if (wasDefault && next) next.querySelector("[type=radio]").checked = true;
      (next ?? fieldset).querySelector("input, button").focus();
    });
    rows.append(row);
    return row;
  };
  const more = makeButton("Another language", () => {
    const used = new Set([...rows.querySelectorAll("[name=language]")].map((each) => each.value));
    add(USUAL.find((each) => !used.has(each)) ?? "", "", !rows.children.length).querySelector("[name=language]").focus();
  });
  const fieldset = make("fieldset", { class: "field" }, make("legend", {}, "Names"), rows, make("p", { class: "hint" }, "By language, such as ja, en or zh-Hans. The default one is told to readers of all others."), wrong, make("div", { class: "buttons" }, more));
  fieldset.setAttribute("aria-describedby", wrong.id);
  const given = Object.entries(name?.name ?? { ja: "" });
  for (const [language, text] of given) add(language, text, language === (name?.default_language ?? "ja"));
  return { element: fieldset, read: () => readNames(rows, wrong) };
}

function makeRow(group, language, text, isDefault, remove) {
  return make(
    "div",
    { class: "name" },
    make("input", { type: "text", name: "language", value: language, maxLength: 8, "aria-label": "Language", autocapitalize: "none", spellcheck: false }),
    make("input", { type: "text", name: "name", value: text, maxLength: 200, "aria-label": "Name", dir: "auto", autocomplete: "off" }),
    make("label", { class: "default" }, make("input", { type: "radio", name: group, checked: isDefault }), " default"),
    makeButton("Remove", remove),
  );
}

// Gives undefined, and says why, where two names have one language or none is left: as an object, the
// API would never hear of that. All else it says itself.
function readNames(rows, wrong) {
  const given = [...rows.children].map((row) => ({
    language: row.querySelector("[name=language]").value.trim(),
    name: row.querySelector("[name=name]").value.trim(),
    isDefault: row.querySelector("[type=radio]").checked,
  }));
  const languages = given.map((each) => each.language);
  const problem = findProblem(given, languages);
  wrong.textContent = problem;
  if (problem) return undefined;
  const name = Object.fromEntries(given.map((each) => [each.language, each.name]));
  return { name, default_language: given.find((each) => each.isDefault).language };
}

function findProblem(given, languages) {
  if (!given.length) return "A name in one language at least is needed.";
  if (given.some((each) => !each.name || !each.language)) return "Each name needs its language, and each language its name.";
  const double = languages.find((each, position) => languages.indexOf(each) !== position);
  if (double) return `There are two names in ${double}.`;
  const strange = languages.find((each) => !LANGUAGE.test(each));
  if (strange) return `“${strange}” is no language: two letters, such as ja, with a dash and more where needed, such as zh-Hans.`;
  return given.some((each) => each.isDefault) ? "" : "Say which name is the default.";
}
