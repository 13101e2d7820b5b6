// Whether all is well, and what to do when it is not: one call, asked again while the tab is seen.

import { make } from "/settings/dom.js";
import { isAway } from "./app.js";
import { makeAges, makeColumns } from "./charts.js";
import { Slot } from "./slots.js";
import { makeTable, tellNumber } from "./tables.js";
import { makeBudgets, makeMeter, makeSection, makeState, makeTrouble, tellLate, tellName, tellState } from "./tellings.js";
import { makeTime, tellSpan } from "./times.js";

const PAUSE = 5000;
const MOST = 1000;
const UNKNOWN = "Nobody can tell while Redis is away.";

export const overview = {
  name: "overview",
  title: "Overview",

  async show(root, { app }) {
    const slots = makeSlots(app.pages);
    const at = make("p", { class: "hint as-of" });
    let version;
    await app.poll(PAUSE, async () => {
      let answer;
      try {
        answer = await app.call("getOverview", version ? { version } : {});
      } catch (error) {
        if (isAway(error)) slots.headline.element.classList.add("old");
        throw error;
      }
      version = answer.version;
      slots.headline.element.classList.remove("old");
      at.replaceChildren("As of ", makeTime(answer.at));
      if (answer.overview) {
        fill(slots, answer.overview);
        // There is nothing yet to be seen in most of it.
        root.classList.toggle("is-new", !answer.overview.counts.tasks && !answer.overview.counts.events);
      }
      if (!root.childElementCount) root.append(...lay(slots), at);
    });
  },
};

function makeSlots(pages) {
  return {
    headline: new Slot((data) => drawHeadline(data, pages), { class: "headline", role: "status" }),
    numbers: new Slot(drawNumbers),
    charts: new Slot(drawCharts, { class: "charts" }),
    sources: new Slot(drawSources),
    outcomes: new Slot(drawOutcomes),
    queues: new Slot(drawQueues),
    workers: new Slot(drawWorkers),
    budgets: new Slot((budgets) => makeBudgets(budgets)),
    paused: new Slot((data) => drawPaused(data, pages)),
  };
}

function fill(slots, data) {
  const { troubles, counts, minutes, age, sources, queues, workers, kinds } = data;
  slots.headline.set({ troubles, counts, said: tellHour(data), hasWorkers: workers === null || workers.some(({ there }) => there) });
  slots.numbers.set({ counts, hour: minutes && sumUp(minutes), age, queues });
  slots.charts.set(minutes);
  slots.sources.set(sources && { sources, events: data.events });
  slots.outcomes.set(data.outcomes);
  slots.queues.set(queues);
  slots.workers.set(workers && { workers, kinds });
  slots.budgets.set([...(sources ?? []).filter(({ accounts }) => accounts).flatMap(({ budgets }) => budgets), ...data.budgets]);
  slots.paused.set({ count: counts.paused, paused: data.paused });
}

function lay(slots) {
  return [
    slots.headline.element,
    slots.numbers.element,
    slots.charts.element,
    makeSection("Sources", slots.sources.element),
    make(
      "div",
      { class: "pair" },
      makeSection("Workers", slots.workers.element),
      makeSection("Chat apps, within the last hour", slots.outcomes.element),
    ),
    make(
      "div",
      { class: "pair" },
      makeSection("Queues", slots.queues.element),
      makeSection("Chats that are paused", slots.paused.element),
    ),
    makeSection("Quotas and budgets", slots.budgets.element),
  ];
}

function sumUp(minutes) {
  const sum = (name) => minutes.reduce((total, minute) => total + minute[name], 0);
  return { events: sum("events"), sent: sum("sent"), lost: sum("lost"), dropped: sum("dropped") };
}

function tellHour({ minutes, age }) {
  if (!minutes) return "";
  const { events, sent } = sumUp(minutes);
  if (!events && !sent) return "Nothing has happened within the last hour.";
  const pace = age.p50 === null ? "" : `; of late half of them were in the chat within ${tellSpan(age.p50)}`;
  return `${tellNumber(events)} events and ${tellNumber(sent)} messages within the last hour${pace}.`;
}

function drawHeadline({ troubles, counts, said, hasWorkers }, pages) {
  const isNew = !counts.tasks || !counts.users;
  if (isNew && !troubles.some(({ severity }) => severity === "bad")) return drawFirstSteps(counts, hasWorkers, pages);
  const [first, ...others] = troubles;
  if (!first) return [make("h2", { class: "good" }, "All is well."), make("p", {}, said)];
  const wrong = troubles.filter(({ severity }) => severity === "bad").length;
  const title = wrong
    ? `Not all is well: ${wrong === 1 ? "this wants" : `${wrong} things want`} somebody to act.`
    : "It works. This passes by itself, or can wait:";
  return [
    make("h2", { class: first.severity }, title),
    make("ul", { class: "troubles" }, ...[first, ...others].map((trouble) => makeTrouble(trouble, pages))),
  ];
}

function drawFirstSteps(counts, hasWorkers, pages) {
  const link = (page, text) => (pages.includes(page) ? make("a", { href: `#/${page}` }, text) : text);
  const api = make("a", { href: "/docs" }, "API");
  return [
    make("h2", {}, counts.tasks ? "Nobody is told of anything yet." : "Nothing is watched yet."),
    make(
      "ol",
      { class: "steps" },
      counts.tasks
        ? make("li", { class: "done" }, `Done: ${tellNumber(counts.tasks)} accounts are watched.`)
        : make("li", {}, link("entities", "Add whom to watch"), ", with their accounts: by ", make("code", {}, "stargazer entity add"), " where Stargazer runs, or by ", make("code", {}, "newEntity"), " of the ", api, "."),
      counts.users
        ? make("li", { class: "done" }, `Done: ${tellNumber(counts.users)} chats subscribe.`)
        : make("li", {}, "Let a chat subscribe: say ", make("code", {}, "/start"), " to your bot there, or use ", make("code", {}, "addUser"), " of the API."),
      hasWorkers ? null : make("li", {}, "Start the workers: ", make("code", {}, "make run"), " starts all there are."),
      make("li", {}, "Then come back: what happens is seen here by itself."),
    ),
  ];
}

function tellUpTo(count) {
  return count >= MOST ? `${tellNumber(MOST)} or more` : tellNumber(count);
}

function drawNumbers({ counts, hour, age, queues }) {
  const waiting = queues?.reduce((sum, queue) => sum + queue.waiting, 0);
  const numbers = [
    ["Events, last hour", hour ? tellNumber(hour.events) : "?"],
    ["Messages sent, last hour", hour ? tellNumber(hour.sent) : "?"],
    ["Not sent, last hour", hour ? tellNumber(hour.lost) : "?", hour?.lost ? "wait" : ""],
    ["Half told within", age.p50 === null ? "–" : tellSpan(age.p50)],
    ["99 % told within", age.p99 === null ? "–" : tellSpan(age.p99)],
    ["Still to be sent", tellUpTo(counts.pending)],
    ["Waiting in queues", waiting === undefined ? "?" : tellNumber(waiting)],
    ["Failed, ever", tellUpTo(counts.failed)],
    ["Outcome unknown, ever", tellUpTo(counts.unknown)],
    ["Dead letters", tellUpTo(counts.dead_letters), counts.dead_letters ? "wait" : ""],
    ["Watched", tellNumber(counts.entities)],
    ["Their accounts", tellNumber(counts.tasks)],
    ["Chats", tellNumber(counts.users)],
  ];
  return make("dl", { class: "numbers" }, ...numbers.map(([name, value, kind]) => make("div", {}, make("dt", {}, name), make("dd", { class: kind }, value))));
}

function drawCharts(minutes) {
  if (!minutes) return make("p", { class: "hint" }, UNKNOWN);
  const pick = (name) => minutes.map((minute) => minute[name]);
  return [
    makeColumns("Events", minutes, [["new", "told", pick("events")]]),
    makeColumns("Messages", minutes, [
      ["sent", "told", pick("sent")],
      ["not sent", "lost", pick("lost")],
      ["dropped", "dropped", pick("dropped")],
    ]),
    makeAges("From source to chat", minutes),
  ];
}

function drawSources(data) {
  if (!data) return make("p", { class: "hint" }, UNKNOWN);
  const counted = (kind) => Object.entries(data.events ?? {}).reduce((sum, [name, count]) => sum + (name.startsWith(`${kind}/`) ? count : 0), 0);
  return makeTable(
    "Sources",
    [["Platform"], ["State"], ["Accounts", true], ["Not readable", true], ["Workers", true], ["Late by", true], ["Events, last hour", true], ["Last answered"]],
    data.sources.map((source) => [
      tellName(source.kind),
      makeState(tellState(source)),
      source.accounts,
      source.failing,
      source.workers,
      source.accounts ? tellLate(source.overdue) : "–",
      counted(source.kind),
      makeTime(source.succeeded_at, { brief: true }),
    ]),
  );
}

function drawOutcomes(outcomes) {
  if (!outcomes) return make("p", { class: "hint" }, UNKNOWN);
  return makeTable(
    "What became of messages within the last hour",
    [["Chat app"], ["Sent", true], ["Failed", true], ["Unknown", true], ["Dropped", true]],
    outcomes.map(({ im, sent, failed, unknown, dropped }) => [tellName(im), sent, failed, unknown, dropped]),
    "Nobody was to be told of anything within the last hour.",
  );
}

function drawQueues(queues) {
  if (!queues) return make("p", { class: "hint" }, "Nobody can tell while the broker is away.");
  const full = queues.filter(({ waiting }) => waiting).sort((one, other) => other.waiting - one.waiting);
  const empty = queues.filter(({ waiting }) => !waiting).map(({ queue }) => queue);
  return [
    full.length ? makeTable("Queues", [["Queue"], ["Waiting", true]], full.map(({ queue, waiting }) => [queue, waiting])) : null,
    empty.length ? make("p", { class: "hint" }, `Empty: ${empty.join(", ")}.`) : null,
  ];
}

function drawWorkers(data) {
  if (!data) return make("p", { class: "hint" }, UNKNOWN);
  const count = (tasks) => Object.values(tasks).reduce((sum, each) => sum + each, 0);
  const all = data.workers.reduce((sum, { tasks }) => sum + count(tasks), 0);
  const unassigned = data.kinds.filter((kind) => kind.unassigned);
  return [
    makeTable(
      "Workers",
      [["Worker"], ["State"], ["Accounts", true], ["Share"], ["In hand", true]],
      data.workers.map(({ worker, there, drained, tasks, in_hand }) => [
        worker,
        makeState(there ? (drained ? ["wait", "drained"] : ["good", "there"]) : ["wait", "gone"]),
        count(tasks),
        all ? makeMeterOfShare(count(tasks) / all, worker) : "–",
        in_hand,
      ]),
      "No worker that watches sources is there. Start the process sources.",
    ),
    unassigned.length
      ? make("p", { class: "bad" }, `Watched by nobody: ${unassigned.map((kind) => `${tellNumber(kind.unassigned)} of ${tellName(kind.kind)}`).join(", ")}.`)
      : null,
  ];
}

function makeMeterOfShare(share, worker) {
  const meter = makeMeter(share, `share of ${worker}`);
  meter.classList.add("even");
  return meter;
}

function drawPaused({ count, paused }, pages) {
  return [
    makeTable(
      "Chats that are paused",
      [["Chat"], ["Why"], ["Since"]],
      paused.map(({ id, im, name, reason, since }) => [
        pages.includes("users") ? make("a", { href: `#/users/${id}`, dir: "auto" }, name || id) : make("span", { dir: "auto" }, name || id),
        `${tellName(im)}: ${reason}`,
        makeTime(since, { brief: true }),
      ]),
      "None.",
    ),
    count > paused.length ? make("p", { class: "hint" }, `${tellUpTo(count)} in all.`) : null,
  ];
}
