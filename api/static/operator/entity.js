// One VTuber: names, group, accounts; and adding one.

import { make } from "/settings/dom.js";
import { makeAdding } from "./adding.js";
import { readAll, readCatalogue } from "./catalogue.js";
import { tellWatching } from "./entities.js";
import { drawEvent } from "./events.js";
import { clearProblems, makeField, makeForm, makeSelect, submit } from "./forms.js";
import { makeNames } from "./naming.js";
import { fill, makeBadge, makeButton, makeButtons, makeFacts, makeLink, makeOutLink, makePanel, Pages, readPage, showAgain } from "./parts.js";
import { makeTime } from "./times.js";
import { findAccountPage, sortTasks, tellAccount, tellCount, tellPlatform } from "./words.js";

const LATEST = 10;

export async function showNewEntity(root, app, group) {
  const catalogue = await readCatalogue(app, { fresh: true });
  app.setTitle("Add a VTuber");
  const meta = makeMeta(catalogue, { group });
  const adding = makeAdding(app);
  const save = async (form) => {
    const chosen = meta.read();
    const tasks = await adding.read();
    if (!chosen || !tasks) return;
    clearProblems(form);
    const added = await submit(app, "Adding", app.call("newEntity", { meta: chosen, tasks }));
    await readCatalogue(app, { fresh: true });
    app.go(`#/entities/${added.id}`);
  };
  const button = make("button", { type: "submit", class: "main" }, "Add");
  root.append(
    makeLink("#/entities", "All VTubers"),
    makePanel("Who", app.mayChange ? makeForm(save, meta.element, adding.element, make("div", { class: "buttons" }, button)) : make("p", {}, "Your account may only look.")),
  );
}

function makeMeta(catalogue, { name, group }) {
  const names = makeNames(name, "meta.name");
  const groups = [["", "none"], ...catalogue.groups.map((each) => [each.id, catalogue.tellGroup(each.id)])];
  const select = makeSelect(groups, group ?? "");
  const read = () => {
    const given = names.read();
    return given && { name: given, ...(select.value && { group: select.value }) };
  };
  return { element: make("div", { class: "form" }, names.element, makeField("Group", select, { path: "meta.group" })), read };
}

export async function showEntity(root, app, id) {
  const [catalogue, entity, followers] = await Promise.all([
    readCatalogue(app, { fresh: true }),
    app.call("getEntity", { entity_id: id }),
    app.call("getFollowers", { about: id }),
  ]);
  app.setTitle(catalogue.tellEntity(id));
  const accounts = make("div", {});
  const draw = async () => fill(accounts, makeAccounts(app, await readAll(app, "getTasks", "tasks", { entity_id: id }), draw));
  const latest = new Pages(readPage(app, "getEvents", "events", { entity_id: id }, LATEST), (each) => drawEvent(catalogue, each, { withName: false }), "Nothing has happened yet.");
  root.append(
    makeLink("#/entities", "All VTubers"),
    makePanel("Who", makeWho(entity, catalogue, followers), app.mayChange ? makeEditing(app, entity, catalogue) : ""),
    makePanel("Accounts", accounts, app.mayChange ? makeAddition(app, id, draw) : ""),
    makePanel("What happened", latest.element),
    ...[app.mayChange ? makePanel("Remove", makeRemoval(app, entity, catalogue, followers)) : null].filter(Boolean),
  );
  await Promise.all([draw(), latest.begin()]);
}

function makeWho({ id, meta }, catalogue, { followers }) {
  const names = Object.entries(meta.name.name).map(([language, name]) => make("span", { class: "in", dir: "auto" }, `${name} (${language}${language === meta.name.default_language ? ", default" : ""})`));
  return makeFacts([
    ["Names", names],
    ["Group", meta.group ? makeLink(`#/entities/group/${meta.group}`, catalogue.tellGroup(meta.group)) : "none"],
    ["Chosen by", `${tellCount(followers, "chat")}, beside those that follow the group`],
    ["Id", make("code", {}, id)],
  ]);
}

function makeEditing(app, entity, catalogue) {
  const meta = makeMeta(catalogue, { name: entity.meta.name, group: entity.meta.group });
  const save = async () => {
    const chosen = meta.read();
    if (!chosen) return;
    await submit(app, "Saving", app.call("updateEntity", { entity_id: entity.id, meta: chosen }));
    showAgain();
  };
  const buttons = make("div", { class: "buttons" }, make("button", { type: "submit", class: "main" }, "Save"));
  return make("details", {}, make("summary", {}, "Change names or group"), makeForm(save, meta.element, buttons));
}

function makeAccounts(app, tasks, draw) {
  if (!tasks.length) return make("p", { class: "hint" }, "No account is watched.");
  return make("ol", { class: "rows" }, ...sortTasks(tasks).map((task) => makeAccount(app, task, draw)));
}

function makeAccount(app, task, draw) {
  const [text, how] = tellWatching(task);
  const page = findAccountPage(task);
  return make(
    "li",
    {},
    make("p", { class: "what" }, makeLink(`#/entities/task/${task.id}`, `${tellPlatform(task.kind)} ${tellAccount(task)}`), makeBadge(text, how || "good")),
    task.last_error && !task.paused ? make("p", { class: "why" }, task.last_error) : null,
    make("p", { class: "hint" }, "looked at ", makeTime(task.looked_at), ...(page ? [" · ", makeOutLink(page, "its page")] : [])),
    makeTaskButtons(app, task, draw),
  );
}

// `draw` shows what is true then; `leave` is for who has no more to show of a Task that is gone.
export function makeTaskButtons(app, task, draw, leave = draw) {
  const what = `${tellPlatform(task.kind)} ${tellAccount(task)}`;
  const pause = async (paused) => {
    const said = `${paused ? "Pausing" : "Resuming"} ${what}`;
    const question = `Do not look at ${what} until you resume it? What happens there meanwhile is told to nobody, later neither.`;
    if (paused && !(await app.confirm(question, "Pause it"))) return;
    if (await app.act(said, app.call("updateTask", { task_id: task.id, paused }))) await draw();
  };
  const remove = async () => {
    const question = `Watch ${what} no more? What is known of its coming streams is lost. What it has told stays.`;
    if (!(await app.confirm(question, "Remove it"))) return;
    if (await app.act(`Removing ${what}`, app.call("delTask", { task_id: task.id }))) await leave();
  };
  return makeButtons(
    app,
    task.paused ? makeButton("Resume", () => pause(false)) : makeButton("Pause", () => pause(true)),
    makeButton("Remove", remove, "danger"),
  );
}

function makeAddition(app, id, draw) {
  const adding = makeAdding(app, id);
  const add = async () => {
    const tasks = await adding.read();
    if (!tasks?.length) return;
    try {
      for (const task of tasks) await submit(app, `Adding ${tellPlatform(task.kind)} ${tellAccount(task)}`, app.call("addTask", { entity_id: id, ...task }));
      adding.clear();
    } finally {
      await draw();
    }
  };
  const buttons = make("div", { class: "buttons" }, make("button", { type: "submit", class: "main" }, "Add what is chosen"));
  return make("details", {}, make("summary", {}, "Add accounts"), makeForm(add, adding.element, buttons));
}

function makeRemoval(app, { id, tasks }, catalogue, { followers }) {
  const name = catalogue.tellEntity(id);
  const remove = async () => {
    const question = `Remove ${name}? ${tellCount(tasks.length, "account")} will not be watched any more, and ${tellCount(followers, "chat")} that chose ${name} will have to choose again if you add ${name} later. What has happened stays.`;
    if (!(await app.confirm(question, "Remove"))) return;
    if (!(await app.act(`Removing ${name}`, app.call("delEntity", { entity_id: id })))) return;
    await readCatalogue(app, { fresh: true });
    app.go("#/entities");
  };
  return makeButtons(app, makeButton(`Remove ${name}`, remove, "danger"));
}
