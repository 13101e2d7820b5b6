// Who watches how much; a worker is drained before its machine is taken away.

import { make } from "/settings/dom.js";
import { Slot } from "./slots.js";
import { makeTable } from "./tables.js";
import { makeMeter, makeSection, makeState, tellLate, tellName } from "./tellings.js";
import { makeTime } from "./times.js";

const PAUSE = 5000;

export const workers = {
  name: "workers",
  title: "Workers",

  async show(root, { app }) {
    if (!app.may("coordinator:ro")) {
      root.append(makeForbidden(app));
      return;
    }
    const refresh = async () => {
      const found = await app.call("getWorkers");
      who.set(found.workers);
      what.set(found.kinds);
    };
    const change = async (worker, drained) => {
      const [method, said] = drained ? ["undrainWorker", `Giving ${worker} accounts again`] : ["drainWorker", `Draining ${worker}`];
      await app.act(said, app.call(method, { worker }));
      await refresh();
    };
    const who = new Slot((data) => drawWorkers(data, app.may("coordinator:rw") && change));
    const what = new Slot(drawKinds);
    await app.poll(PAUSE, async () => {
      await refresh();
      if (!root.childElementCount) {
        root.append(makeSection("Who is there", who.element), makeSection("What is watched", what.element));
      }
    });
  },
};

function makeForbidden(app) {
  return make(
    "div",
    { class: "panel" },
    make("p", {}, "Your account may not read what is the coordinator's. How many accounts each worker watches is in the overview."),
    make("p", {}, "To drain workers, sign in with an account that has ", make("code", {}, "coordinator:rw"), "; give it all that it needs where Stargazer runs: ", make("code", {}, `stargazer auth add ${app.username} admin:rw api:rw coordinator:rw`)),
  );
}

function drawWorkers(workers, change) {
  const count = (tasks) => Object.values(tasks).reduce((sum, each) => sum + each, 0);
  const all = workers.reduce((sum, { tasks }) => sum + count(tasks), 0);
  const columns = [["Worker"], ["State"], ["Accounts", true], ["Share"], ["In hand", true], ["Weight", true], ["Of each platform"], ["Since"], ["Version"]];
  if (change) columns.push([make("span", { class: "unseen" }, "Change")]);
  return [
    makeTable(
      "Workers",
      columns,
      workers.map((each) => {
        const own = count(each.tasks);
        const meter = all ? makeMeter(own / all, `share of ${each.worker}`) : "–";
        if (all) meter.classList.add("even");
        const kinds = Object.entries(each.tasks).filter(([, tasks]) => tasks).map(([kind, tasks]) => `${tellName(kind)} ${tasks}`).join(", ");
        const cells = [each.worker, makeState(tellPresence(each)), own, meter, each.in_hand, each.weight, kinds || "–", makeTime(each.started_at, { brief: true }), each.version];
        if (change) cells.push(makeButton(each, change));
        return cells;
      }),
      "No worker is there that watches sources. Start the process sources of the Procfile: make run does, and on another machine its line in the Procfile.",
    ),
    make("p", { class: "hint" }, "One that is drained is given nothing more: its accounts go to the others at the next tick, and it can be stopped without anything being late."),
  ];
}

function tellPresence({ there, drained }) {
  if (!there) return ["wait", drained ? "gone, and drained" : "gone"];
  return drained ? ["wait", "drained"] : ["good", "there"];
}

function makeButton({ worker, drained }, change) {
  const said = drained ? "Undrain" : "Drain";
  return make("button", { class: "plain", "aria-label": `${said} ${worker}`, onclick: () => change(worker, drained) }, said);
}

function drawKinds(kinds) {
  return makeTable(
    "What is watched",
    [["Platform"], ["Accounts", true], ["Watched by nobody", true], ["Latest is late by", true]],
    kinds.map(({ kind, tasks, unassigned, overdue }) => [
      tellName(kind),
      tasks,
      unassigned ? make("strong", { class: "bad" }, String(unassigned)) : 0,
      tellLate(overdue),
    ]),
    "Nothing yet; the coordinator has not placed any account.",
  );
}
