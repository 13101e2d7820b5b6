// Who is watched: everybody by groups, with their accounts and how watching these goes.

import { make } from "/settings/dom.js";
import { matches } from "/settings/names.js";
import { readAll, readCatalogue } from "./catalogue.js";
import { showEntity, showNewEntity } from "./entity.js";
import { makeField } from "./forms.js";
import { showGroup, showNewGroup } from "./group.js";
import { makeBadge, makeButton, makeButtons, makeLink } from "./parts.js";
import { showTask } from "./task.js";
import { sortTasks, tellAccount, tellCount, tellPlatform } from "./words.js";

export const entities = {
  name: "entities",
  title: "VTubers",

  async show(root, { path: [first, second], query, app }) {
    if (first === "new") return showNewEntity(root, app, query.get("group") ?? "");
    if (first === "group") return second === "new" ? showNewGroup(root, app) : showGroup(root, app, second);
    if (first === "task") return showTask(root, app, second);
    if (first) return showEntity(root, app, first);
    return showAll(root, app, query.get("find") ?? "");
  },

  leave() {},
};

async function showAll(root, app, text) {
  const [catalogue, tasks] = await Promise.all([readCatalogue(app, { fresh: true }), readAll(app, "getTasks", "tasks")]);
  const watched = groupTasks(tasks);
  const count = make("p", { class: "hint", role: "status" });
  const list = make("div", {});
  const input = make("input", { type: "search", value: text, autocomplete: "off" });
  const draw = () => {
    const wanted = input.value.trim();
    history.replaceState(null, "", `#/entities${wanted ? `?find=${encodeURIComponent(wanted)}` : ""}`);
    const found = catalogue.entities.filter((each) => isLike(each, wanted, catalogue, watched));
    count.textContent = tellFound(found, tasks, catalogue);
    list.replaceChildren(...makeGroups(app, found, catalogue, watched, !wanted));
  };
  input.addEventListener("input", draw);
  const buttons = makeButtons(
    app,
    makeButton("Add a VTuber", () => app.go("#/entities/new"), "main"),
    makeButton("Add a group", () => app.go("#/entities/group/new")),
  );
  root.append(
    make("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() }, makeField("Find", input, { hint: "A name in any language, a group, or an account." })),
    ...[buttons].filter(Boolean),
    count,
    list,
  );
  draw();
}

function groupTasks(tasks) {
  const groups = new Map();
  for (const task of tasks) groups.set(task.entity_id, [...(groups.get(task.entity_id) ?? []), task]);
  return groups;
}

function isLike(entity, wanted, catalogue, watched) {
  if (!wanted || matches(catalogue.makeHaystack(entity), wanted)) return true;
  const own = watched.get(entity.id) ?? [];
  return own.some((task) => Object.values(task.params).some((each) => each.toLowerCase().includes(wanted.toLowerCase())));
}

function tellFound(found, tasks, catalogue) {
  const all = catalogue.entities.length;
  if (!all) return "Nobody is watched yet.";
  if (found.length < all) return `${found.length} of ${tellCount(all, "VTuber")}`;
  return `${tellCount(all, "VTuber")} in ${tellCount(catalogue.groups.length, "group")}, with ${tellCount(tasks.length, "account")}`;
}

// A group without members is there as well, unless somebody is looked for.
function makeGroups(app, found, catalogue, watched, withEmpty) {
  const groups = [...catalogue.groups.map((group) => [group.id, catalogue.tellGroup(group.id)]), [null, "In no group"]];
  return groups
    .map(([id, name]) => [id, name, found.filter((each) => each.meta.group === id)])
    .filter(([id, , members]) => members.length || (withEmpty && id))
    .map(([id, name, members]) =>
      make(
        "section",
        { class: "panel" },
        make("h2", {}, id ? makeLink(`#/entities/group/${id}`, name) : name, " ", make("span", { class: "hint" }, String(members.length))),
        members.length ? make("ol", { class: "rows members" }, ...members.map((each) => makeMember(each, catalogue, watched))) : make("p", { class: "hint" }, "Nobody belongs to it."),
      ),
    );
}

function makeMember(entity, catalogue, watched) {
  const accounts = sortTasks(watched.get(entity.id) ?? []);
  return make(
    "li",
    {},
    make("p", { class: "what" }, makeLink(`#/entities/${entity.id}`, catalogue.tellEntity(entity.id)), make("span", { class: "hint", dir: "auto" }, catalogue.tellOther(entity))),
    accounts.length
      ? make("ul", { class: "accounts" }, ...accounts.map((task) => make("li", {}, makeAccount(task))))
      : make("p", { class: "hint" }, "No account is watched."),
  );
}

function makeAccount(task) {
  const [text, how] = tellWatching(task);
  const link = makeLink(`#/entities/task/${task.id}`, tellPlatform(task.kind));
  link.title = tellAccount(task);
  return make("span", { class: "account" }, link, how ? makeBadge(text, how) : null);
}

// How watching an account goes: in short, and how that looks; nothing where all is well.
export function tellWatching(task) {
  if (task.paused) return ["paused", "wait"];
  if (task.gone) return ["gone", "bad"];
  if (task.failures) return [task.failures > 1 ? `failed ${task.failures} times` : "failed", "bad"];
  return task.looked_at ? ["watched", ""] : ["not looked at yet", "wait"];
}
