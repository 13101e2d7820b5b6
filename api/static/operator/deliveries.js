// Deliveries: to whom or of what, what became of each and why, and sending one once more.

import { make } from "/settings/dom.js";
import { makeBadge, makeButton, makeLink, makePanel, Pages, readPage } from "./parts.js";
import { makeTime } from "./times.js";
import { DELIVERY_STATES, tellCount, tellIm, tellUser } from "./words.js";

const EXPLAINED = { explain: true, language: "en" };
const PAGE = 25;
const WAITED = 2000;

// `about` is {user_id} or {event_id}; the rows of one tell of the other.
export function makeDeliveries(app, catalogue, about, counts = {}) {
  const names = new Map();
  let state = "";
  const read = async (cursor) => {
    const asked = { ...about, ...EXPLAINED, ...(state && { state }) };
    const page = await readPage(app, "getDeliveries", "deliveries", asked, PAGE)(cursor);
    if (about.event_id) await readNames(app, page.items, names);
    return page;
  };
  const pages = new Pages(read, (each) => drawDelivery(app, catalogue, about, names, each, pages), "There are none.");
  const choose = (chosen) => {
    state = chosen;
    for (const button of choices.children) button.ariaPressed = String(button.dataset.state === chosen);
    return pages.change();
  };
  const choices = make(
    "div",
    { class: "choices", role: "group", "aria-label": "Which deliveries" },
    makeChoice("All", "", choose),
    ...Object.entries(DELIVERY_STATES).map(([key, [text]]) => {
      const count = counts[key];
      return makeChoice(count === undefined ? text : `${text} ${count.toLocaleString("en")}`, key, choose);
    }),
  );
  const panel = makePanel("Deliveries", choices, pages.element);
  return { panel, begin: () => choose("") };
}

function makeChoice(text, state, choose) {
  return make("button", { type: "button", class: "choice", data: { state }, "aria-pressed": "false", onclick: () => choose(state) }, text);
}

// Chats that were removed have no name any more.
async function readNames(app, deliveries, names) {
  const ids = [...new Set(deliveries.map((each) => each.user_id))].filter((id) => !names.has(id));
  await Promise.all(
    ids.map(async (id) => {
      try {
        names.set(id, tellUser(await app.call("getUser", { user_id: id })));
      } catch (error) {
        if (error.code !== "user_not_found") throw error;
        names.set(id, "a chat that was removed");
      }
    }),
  );
}

function drawDelivery(app, catalogue, about, names, delivery, pages) {
  const { event_id: event, user_id: user, state, kind, entity_id: entity } = delivery;
  const [text, how] = DELIVERY_STATES[state] ?? [state, ""];
  const link = about.user_id
    ? makeLink(`#/events/${event}`, delivery.headline || `${catalogue.tellEntity(entity)}: ${catalogue.tellKind(kind)}`)
    : makeLink(`#/users/${user}`, names.get(user) ?? user);
  const attempts = delivery.history.length ? makeHistory(delivery) : null;
  return make(
    "li",
    {},
    make("p", { class: "what" }, link, makeBadge(text, how)),
    make("p", { class: "why", dir: "auto" }, delivery.sentence),
    make("p", { class: "hint" }, tellIm(delivery.im), " · ", makeTime(delivery.created_at)),
    attempts,
    app.mayChange ? makeResend(app, delivery, pages) : null,
  );
}

function makeHistory({ attempts, history }) {
  const steps = history.map(({ at, code, detail }) => make("li", {}, makeTime(at), ` ${code}${detail ? `: ${detail}` : ""}`));
  const title = `What came before (${tellCount(attempts, "attempt")} since it was opened)`;
  return make("details", { class: "hint" }, make("summary", {}, title), make("ol", { class: "steps" }, ...steps));
}

function makeResend(app, { event_id: event, user_id: user, state }, pages) {
  const questions = {
    sent: "This chat has this message already. Send it once more? It will be there twice.",
    unknown: "The chat app did not answer, and may have shown it. Send it once more? It may be there twice.",
  };
  const resend = async () => {
    if (questions[state] && !(await app.confirm(questions[state], "Send again"))) return;
    const force = state === "sent" || state === "pending";
    const done = await app.act("Sending it again", app.call("resendDelivery", { event_id: event, user_id: user, force }));
    if (!done) return;
    await pages.begin();
    // It takes a moment to arrive.
    setTimeout(() => pages.element.isConnected && pages.renew(), WAITED);
  };
  return make("div", { class: "buttons" }, makeButton(state === "pending" ? "Try now" : "Send again", resend));
}
