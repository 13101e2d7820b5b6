// How it goes with each platform, what is wrong there, and what to do about it.

import { make } from "/settings/dom.js";
import { Slot } from "./slots.js";
import { tellNumber } from "./tables.js";
import { makeAlarm, makeBudgets, makeSection, makeState, tellLate, tellName, tellState } from "./tellings.js";
import { makeTime } from "./times.js";

const PAUSE = 10000;

export const sources = {
  name: "sources",
  title: "Sources",

  async show(root, { app }) {
    const platforms = new Slot(drawPlatforms);
    const alarms = new Slot((all) => drawAlarms(all, app.pages));
    await app.poll(PAUSE, async () => {
      const [{ sources: found }, all] = await Promise.all([app.call("getSources"), listAlarms(app)]);
      platforms.set(found);
      alarms.set(all);
      if (!root.childElementCount) root.append(alarms.element, platforms.element);
    });
  },
};

async function listAlarms(app) {
  const alarms = [];
  let cursor;
  do {
    const page = await app.call("getAlarms", { limit: 200, ...(cursor && { cursor }) });
    alarms.push(...page.alarms);
    cursor = page.next_cursor;
  } while (cursor);
  return alarms;
}

// What wants somebody first, what nobody watches last.
function bySeverity(one, other) {
  const order = ["bad", "wait", "good", ""];
  return order.indexOf(tellState(one)[0]) - order.indexOf(tellState(other)[0]);
}

function drawAlarms(alarms, pages) {
  const draw = (alarm) => makeAlarm(alarm, pages);
  const last = alarms.filter(({ ended_at }) => !ended_at);
  const over = alarms.filter(({ ended_at }) => ended_at).sort((one, other) => Date.parse(other.ended_at) - Date.parse(one.ended_at));
  return makeSection(
    last.length ? `Alarms that last: ${last.length}` : "Alarms",
    last.length ? make("ul", { class: "alarms" }, ...last.map(draw)) : make("p", {}, "None lasts."),
    over.length ? make("details", {}, make("summary", {}, `Over: ${over.length}`), make("ul", { class: "alarms" }, ...over.map(draw))) : null,
  );
}

function drawPlatforms(found) {
  const unused = found.filter(({ accounts, paused }) => !accounts && !paused);
  return [
    ...found.filter((source) => !unused.includes(source)).sort(bySeverity).map(drawPlatform),
    unused.length ? make("p", { class: "hint" }, `Nothing to watch: ${unused.map(({ kind }) => tellName(kind)).join(", ")}.`) : null,
  ];
}

function drawPlatform(source) {
  const said = tellTodo(source);
  return make(
    "section",
    { class: "panel" },
    make("div", { class: "platform-head" }, make("h2", {}, tellName(source.kind)), makeState(tellState(source))),
    said && make("p", {}, said),
    make("dl", { class: "facts" }, ...listFacts(source).map(([name, ...value]) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value)))),
    source.push_problem && source.accounts ? make("p", { class: "hint" }, `${source.push_problem}.`) : null,
    source.budgets.length && source.accounts ? makeBudgets(source.budgets, `What may be used of ${tellName(source.kind)}`) : null,
  );
}

function tellTodo(source) {
  if (!source.accounts) return "";
  if (source.missing) return `Nothing is watched: ${source.missing}. Set that, and start Stargazer again.`;
  if (!source.workers) return `Start the process sources, or another worker for the queue ${source.kind}.`;
  if (source.paused_until) return "It has had enough of us, and is asked again by itself.";
  if (source.failures) return "It is tried again by itself. If that lasts, there will be an alarm.";
  if (source.failing > source.gone) return "Each account that cannot be read is tried again by itself, after growing pauses.";
  return "";
}

function listFacts(source) {
  const facts = [["Accounts", tellNumber(source.accounts)]];
  if (source.paused) facts.push(["Paused by hand", tellNumber(source.paused)]);
  if (source.failing) facts.push(["Not readable", tellNumber(source.failing)]);
  if (source.gone) facts.push(["Not there any more", tellNumber(source.gone)]);
  if (!source.accounts) return facts;
  facts.push(["Workers", tellNumber(source.workers)], ["Latest is late by", tellLate(source.overdue)], ["Last answered", makeTime(source.succeeded_at)]);
  if (source.paused_until) facts.push(["Left alone since", makeTime(source.paused_since)], ["Asked again", makeTime(source.paused_until)]);
  if (source.failures) facts.push(["Failures in a row", tellNumber(source.failures)]);
  if (source.last_error) facts.push([source.failures ? "Why" : "Last trouble, over now", make("span", { dir: "auto" }, source.last_error), " ", makeTime(source.failed_at, { brief: true })]);
  const leases = Object.entries(source.leases ?? {});
  if (leases.length) facts.push(["Subscriptions at hubs", leases.map(([state, count]) => `${tellNumber(count)} ${state}`).join(", ")]);
  return facts;
}
