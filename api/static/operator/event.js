// One event: who saw it, what was done with it, and what became of it for each chat.

import { make } from "/settings/dom.js";
import { readCatalogue } from "./catalogue.js";
import { makeDeliveries } from "./deliveries.js";
import { makeField, makeForm } from "./forms.js";
import { makeBadge, makeFacts, makeLink, makeOutLink, makePanel } from "./parts.js";
import { makeTable } from "./tables.js";
import { makeTime, tellSpan } from "./times.js";
import { findUsers } from "./finding.js";
import { EVENT_STATES, tellAccount, tellIm, tellPlatform, tellStep, tellUser, tellWitness } from "./words.js";

export async function showEvent(root, app, id) {
  const [event, catalogue] = await Promise.all([app.call("getEvent", { event_id: id }), readCatalogue(app)]);
  app.setTitle(`${catalogue.tellEntity(event.entity_id)}: ${catalogue.tellKind(event.kind)}`);
  const deliveries = makeDeliveries(app, catalogue, { event_id: id }, event.deliveries_by_state);
  root.append(
    makeLink("#/events", "All events"),
    makePanel("What happened", makeWhat(event, catalogue)),
    makePanel("Its way", makeWay(event)),
    event.sightings.length ? makePanel("Who saw it", makeSightings(event)) : "",
    deliveries.panel,
    makePanel("Why does a chat not have it?", makeWhy(app, id)),
    makePanel("All that is known of it", makeDetails(event)),
  );
  await deliveries.begin();
}

function makeWhat(event, catalogue) {
  const late = (Date.parse(event.known_at) - Date.parse(event.happened_at)) / 1000;
  return makeFacts([
    ["Who", catalogue.makeEntity(event.entity_id)],
    ["What", event.title && make("span", { dir: "auto" }, event.title)],
    ["Where", event.url && makeOutLink(event.url)],
    ["Happened", makeTime(event.happened_at)],
    ["Known here", [makeTime(event.known_at), late >= 0 ? `, ${tellSpan(late)} later` : ""]],
    ["Account", tellTask(event)],
  ]);
}

function tellTask({ task, task_id: id }) {
  if (task) return makeLink(`#/entities/task/${task.id}`, `${tellPlatform(task.kind)} ${tellAccount(task)}`);
  return id ? "one that is not watched any more" : "none: somebody else's program, or Stargazer itself, told it";
}

function makeWay(event) {
  const [state, meaning, how] = EVENT_STATES[event.state] ?? [event.state, "", ""];
  const times = event.publications > 1 ? ` (${event.publications} times, for it got lost on its way)` : "";
  const steps = [
    make("li", {}, makeTime(event.known_at), " It was written down."),
    ...event.steps.map(({ at, by, what, detail }) => make("li", {}, makeTime(at), ` ${by} ${tellStep(what)}${detail ? `: ${detail}` : ""}`)),
  ];
  return make(
    "div",
    { class: "way" },
    make("p", {}, makeBadge(state, how), ` ${meaning}`),
    event.tags.length ? make("p", {}, `Still to treat it: ${[...event.tags].reverse().join(", ")}.`) : null,
    event.dead_letter_id ? make("p", {}, makeLink("#/dead", "To the dead letters")) : null,
    make("ol", { class: "steps" }, ...steps),
    event.published_at ? make("p", { class: "hint" }, "Last handed on ", makeTime(event.published_at), times) : null,
  );
}

function makeSightings({ sightings }) {
  const first = Date.parse(sightings[0].at);
  const rows = sightings.map(({ at, witness, state }) => [
    tellWitness(witness),
    state,
    makeTime(at),
    Date.parse(at) === first ? "first" : `${tellSpan((Date.parse(at) - first) / 1000)} later`,
  ]);
  return makeTable("When each saw it", [["By"], ["As"], ["When"], ["After", true]], rows);
}

function makeDetails({ id, source_id: source, fields, translations }) {
  const texts = Object.entries(translations).flatMap(([language, by]) =>
    Object.entries(by).map(([pointer, text]) => [language, pointer.slice(1), make("span", { dir: "auto" }, text)]),
  );
  return make(
    "div",
    { class: "way" },
    makeFacts([
      ["Id", make("code", {}, id)],
      ["Its platform's id", source && make("code", {}, source)],
    ]),
    texts.length ? make("h3", {}, "Translations") : null,
    texts.length ? makeTable("Translations", [["Language"], ["Of"], ["Text"]], texts) : null,
    make("details", {}, make("summary", {}, "Its fields"), make("pre", { tabIndex: 0 }, JSON.stringify(fields, null, 2))),
  );
}

// Of a chat that has no delivery, too.
function makeWhy(app, event) {
  const input = make("input", { type: "search", name: "who", autocomplete: "off", required: true });
  const answer = make("ul", { class: "rows", "aria-live": "polite" });
  const ask = async () => {
    answer.replaceChildren();
    const text = input.value.trim();
    if (!text) return;
    const { users } = await findUsers(app, { text }, 10);
    const told = await Promise.all(users.map(async (user) => [user, await app.call("explainDelivery", { event_id: event, user_id: user.id, language: "en" })]));
    if (!told.length) answer.append(make("li", {}, "No chat is called so, or has this id."));
    answer.append(
      ...told.map(([user, { sentence }]) =>
        make("li", {}, make("p", { class: "what" }, makeLink(`#/users/${user.id}`, tellUser(user))), make("p", { class: "hint" }, tellIm(user.im)), make("p", { class: "why" }, sentence)),
      ),
    );
  };
  const field = makeField("A chat", input, { hint: "A part of its name, or its whole id at the chat app." });
  return make("div", {}, makeForm(ask, field, make("div", { class: "buttons" }, make("button", { type: "submit", class: "plain" }, "Explain"))), answer);
}
