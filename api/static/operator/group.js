// One group: its names and members; and adding one.

import { make } from "/settings/dom.js";
import { readCatalogue } from "./catalogue.js";
import { makeForm, submit } from "./forms.js";
import { makeNames } from "./naming.js";
import { makeButton, makeButtons, makeLink, makePanel, showAgain } from "./parts.js";
import { tellCount } from "./words.js";

export async function showNewGroup(root, app) {
  app.setTitle("Add a group");
  const save = async (name) => {
    const added = await submit(app, "Adding", app.call("newGroup", { name }));
    await readCatalogue(app, { fresh: true });
    app.go(`#/entities/group/${added.id}`);
  };
  root.append(makeLink("#/entities", "All VTubers"), makePanel("The group", app.mayChange ? makeNaming(null, "Add", save) : make("p", {}, "Your account may only look.")));
}

export async function showGroup(root, app, id) {
  const [catalogue, { followers }] = await Promise.all([readCatalogue(app, { fresh: true }), app.call("getFollowers", { about: id })]);
  const group = catalogue.groupById.get(id);
  if (!group) return void root.append(makeLink("#/entities", "All VTubers"), make("p", { class: "empty" }, "There is no such group, or it was removed."));
  app.setTitle(catalogue.tellGroup(id));
  const members = catalogue.entities.filter((each) => each.meta.group === id);
  const save = async (name) => {
    await submit(app, "Saving", app.call("updateGroup", { group_id: id, name }));
    showAgain();
  };
  const add = makeButtons(app, makeButton("Add a VTuber to it", () => app.go(`#/entities/new?group=${id}`)));
  root.append(
    makeLink("#/entities", "All VTubers"),
    makePanel(
      "Members",
      make("p", { class: "hint" }, `${tellCount(members.length, "VTuber")}; ${tellCount(followers, "chat")} ${followers === 1 ? "follows" : "follow"} the whole group.`),
      make("ol", { class: "rows" }, ...members.map((each) => make("li", {}, makeLink(`#/entities/${each.id}`, catalogue.tellEntity(each.id))))),
      ...[add].filter(Boolean),
    ),
    ...(app.mayChange ? [makePanel("Names", makeNaming(group.name, "Save", save)), makePanel("Remove", makeRemoval(app, id, catalogue, members, followers))] : []),
  );
}

function makeNaming(name, button, save) {
  const names = makeNames(name, "name");
  const send = async () => {
    const given = names.read();
    if (given) await save(given);
  };
  return makeForm(send, names.element, make("div", { class: "buttons" }, make("button", { type: "submit", class: "main" }, button)));
}

function makeRemoval(app, id, catalogue, members, followers) {
  if (members.length) return make("p", {}, "A group can be removed once nobody belongs to it: give its members another group, or none, first.");
  const name = catalogue.tellGroup(id);
  const remove = async () => {
    if (!(await app.confirm(`Remove the group ${name}? ${tellCount(followers, "chat")} that chose it will follow it no more.`, "Remove"))) return;
    if (!(await app.act(`Removing ${name}`, app.call("delGroup", { group_id: id })))) return;
    await readCatalogue(app, { fresh: true });
    app.go("#/entities");
  };
  return makeButtons(app, makeButton(`Remove ${name}`, remove, "danger"));
}
