// Forms that say next to each field what is wrong with it, in the API's own words.

import { ApiError } from "/settings/api.js";
import { make } from "/settings/dom.js";
import { explain } from "./app.js";

let numbers = 0;

// `path` is what the API calls the field; what it says of this, or of a part of it, is shown here.
export function makeField(label, input, { path = "", hint = "" } = {}) {
  const id = (input.id ||= `field-${(numbers += 1)}`);
  const wrong = make("p", { class: "wrong", id: `${id}-wrong`, data: { path } });
  const said = hint ? make("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  input.setAttribute("aria-describedby", [said && said.id, wrong.id].filter(Boolean).join(" "));
  return make("div", { class: "field" }, make("label", { for: id }, label), input, said, wrong);
}

export function makeSelect(options, value, properties = {}) {
  return make(
    "select",
    properties,
    ...options.map(([key, text]) => make("option", { value: key, selected: key === value }, text)),
  );
}

// What was wrong with no field in particular is said at `form`'s end.
export function makeForm(send, ...children) {
  const rest = make("p", { class: "wrong", role: "alert", data: { rest: "yes" } });
  const form = make("form", { class: "form", noValidate: true }, ...children, rest);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button[type=submit]")];
    for (const button of buttons) button.disabled = true;
    clearProblems(form);
    try {
      await send(form);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblems(form, error);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
  return form;
}

// Does what a form is for. What went wrong is for the form to say, at its fields.
export async function submit(app, said, promise) {
  app.say(`${said} …`, "saving");
  try {
    const data = await promise;
    app.say(`${said}: done`);
    return data;
  } catch (error) {
    app.say(`${said}: not done. The form says why.`, "lost");
    throw error;
  }
}

export function clearProblems(form) {
  for (const each of form.querySelectorAll(".wrong[data-path], .wrong[data-rest]")) each.textContent = "";
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
}

// Each sentence begins with the path of what it is about, between back quotes.
export function splitProblems(error) {
  return explain(error)
    .split(/ (?=`[\w.[\]-]+`: )/)
    .map((text) => {
      const [, path = "", said = text] = text.match(/^`([\w.[\]-]+)`: ([\s\S]*)$/) ?? [];
      return { path, said };
    });
}

export function showProblems(form, error) {
  let first;
  for (const { path, said } of splitProblems(error)) {
    const places = [...form.querySelectorAll(".wrong[data-path]")].filter(({ dataset }) => dataset.path && (path === dataset.path || path.startsWith(`${dataset.path}.`)));
    const place = places.sort((one, other) => other.dataset.path.length - one.dataset.path.length)[0];
    const shown = place ?? form.querySelector(".wrong[data-rest]");
    if (!shown.textContent.includes(tidy(said))) shown.textContent = `${shown.textContent} ${tidy(said)}`.trim();
    const input = place && form.querySelector(`[aria-describedby~="${place.id}"]`);
    input?.setAttribute("aria-invalid", "true");
    first ??= input;
  }
  first?.focus();
}

// What pydantic says before what we say.
export function tidy(said) {
  const text = said.replace(/^Value error, /, "");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
