// What happened, newest first; and the whole way of one event.

import { find, make } from "/settings/dom.js";
import { readCatalogue } from "./catalogue.js";
import { showEvent } from "./event.js";
import { makeField, makeSelect } from "./forms.js";
import { makeBadge, makeLink, Pages, readPage } from "./parts.js";
import { makeTime } from "./times.js";
import { EVENT_STATES, tellCount, tellPlatform } from "./words.js";

const PAUSE = 10000;
const SUGGESTIONS = "everybody-known";
const FILTERS = ["kind", "entity", "state", "since", "until"];

export const events = {
  name: "events",
  title: "Events",

  async show(root, { path, query, app }) {
    if (path.length) return showEvent(root, app, path[0]);
    const catalogue = await readCatalogue(app);
    const chosen = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
    const read = (cursor) => readPage(app, "getEvents", "events", toParams(chosen))(cursor);
    const pages = new Pages(read, (each) => drawEvent(catalogue, each), "Nothing of this kind has happened yet.");
    const change = (name, value) => {
      chosen[name] = value;
      const left = new URLSearchParams(Object.entries(chosen).filter(([, each]) => each));
      history.replaceState(null, "", `#/events${left.size ? `?${left}` : ""}`);
      return pages.change();
    };
    const isOpen = matchMedia("(width >= 40rem)").matches || FILTERS.some((name) => chosen[name]);
    const filters = make("details", { class: "narrow", open: isOpen }, make("summary", {}, "Narrow it down"), makeFilters(catalogue, chosen, change));
    root.append(filters, pages.element);
    await app.poll(PAUSE, () => pages.renew());
  },

  leave() {},
};

function makeFilters(catalogue, chosen, change) {
  const kinds = catalogue.kinds.map(({ kind, titles }) => [kind, `${tellPlatform(kind.split("/")[0])}: ${titles.en}`]);
  const states = Object.entries(EVENT_STATES).map(([key, [text]]) => [key, text]);
  const select = (name, first, options) =>
    makeSelect([["", first], ...options], chosen[name], { onchange: ({ target }) => change(name, target.value) });
  const time = (name) =>
    make("input", { type: "datetime-local", value: toLocal(chosen[name]), onchange: ({ target }) => change(name, target.value && new Date(target.value).toISOString()) });
  return make(
    "form",
    { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    makeField("About", makeWho(catalogue, chosen.entity, (id) => change("entity", id))),
    makeField("What", select("kind", "anything", kinds)),
    makeField("How far", select("state", "any", states)),
    makeField("From", time("since")),
    makeField("Until", time("until")),
    makeSuggestions(catalogue),
  );
}

// A field in which the name of somebody is typed, with suggestions.
function makeWho(catalogue, id, change) {
  const input = make("input", { type: "search", autocomplete: "off", placeholder: "everybody", value: id && catalogue.tellEntity(id) });
  input.setAttribute("list", SUGGESTIONS);
  input.addEventListener("change", () => {
    const entity = catalogue.findByName(input.value.trim());
    const wrong = find(`#${input.id}-wrong`);
    wrong.textContent = entity || !input.value.trim() ? "" : "Nobody of this name is watched.";
    if (!wrong.textContent) change(entity?.id ?? "");
  });
  return input;
}

function makeSuggestions(catalogue) {
  const names = new Set(catalogue.entities.flatMap((each) => Object.values(each.meta.name.name)));
  return make("datalist", { id: SUGGESTIONS }, ...[...names].map((name) => make("option", { value: name })));
}

function toLocal(iso) {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return "";
  return new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function toParams({ entity, ...others }) {
  const given = { ...others, entity_id: entity };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
}

export function drawEvent(catalogue, event, { withName = true } = {}) {
  const [state, , how] = EVENT_STATES[event.state] ?? [event.state, "", ""];
  const told = event.state === "done" ? tellCount(event.deliveries, "chat") : null;
  const name = withName ? [catalogue.makeEntity(event.entity_id), " · "] : [];
  return make(
    "li",
    {},
    make("p", { class: "what" }, makeLink(`#/events/${event.id}`, catalogue.tellKind(event.kind)), makeBadge(state, how), told && make("span", { class: "count" }, told)),
    event.title ? make("p", { class: "why", dir: "auto" }, event.title) : null,
    make("p", { class: "hint" }, ...name, tellPlatform(event.kind.split("/")[0]), " · ", makeTime(event.known_at)),
  );
}
