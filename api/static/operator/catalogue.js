// Who is watched, in which groups, and which kinds of events there are: read once, for a while.

import { make } from "/settings/dom.js";
import { makeHaystack, sortByName, tellName, tellOtherName } from "/settings/names.js";

const LANGUAGE = "en";
// Whom an event is about that is about nobody who is watched: what a chat is told of its own messages.
const NOBODY = "00000000-0000-0000-0000-000000000000";
const OWN_KINDS = { "stargazer/missed": "What a chat missed", "stargazer/digest": "Told together after quiet hours" };
const LASTING = 60000;

let kept;
let readAt = 0;

// All pages of a list.
export async function readAll(app, method, field, params = {}) {
  const all = [];
  let cursor;
  do {
    const page = await app.call(method, { ...params, limit: 500, ...(cursor && { cursor }) });
    all.push(...page[field]);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

// Whoever has changed something asks for it anew.
export async function readCatalogue(app, { fresh = false } = {}) {
  if (kept && !fresh && Date.now() - readAt < LASTING) return kept;
  const [{ entities }, groups, { kinds }] = await Promise.all([
    app.call("getEntities"),
    readAll(app, "getGroups", "groups"),
    app.call("getEventKinds"),
  ]);
  kept = new Catalogue(entities, groups, kinds);
  readAt = Date.now();
  return kept;
}

export class Catalogue {
  constructor(entities, groups, kinds) {
    this.entities = sortByName(entities, (each) => tellName(each.meta.name, LANGUAGE), LANGUAGE);
    this.groups = sortByName(groups, (each) => tellName(each.name, LANGUAGE), LANGUAGE);
    this.kinds = kinds;
    this.entityById = new Map(entities.map((each) => [each.id, each]));
    this.groupById = new Map(groups.map((each) => [each.id, each]));
    this.titles = new Map(kinds.map(({ kind, titles }) => [kind, titles[LANGUAGE]]));
  }

  tellEntity(id) {
    if (id === NOBODY) return "Stargazer";
    const entity = this.entityById.get(id);
    return entity ? tellName(entity.meta.name, LANGUAGE) : "somebody who was removed";
  }

  // A link to somebody who is watched; of all others the name.
  makeEntity(id) {
    const name = this.tellEntity(id);
    return this.entityById.has(id) ? make("a", { href: `#/entities/${id}`, dir: "auto" }, name) : make("span", {}, name);
  }

  tellOther(entity) {
    return tellOtherName(entity.meta.name, LANGUAGE);
  }

  tellGroup(id) {
    const group = this.groupById.get(id);
    return group ? tellName(group.name, LANGUAGE) : "a group that was removed";
  }

  // Of a kind that is not ours, its name.
  tellKind(kind) {
    return this.titles.get(kind) ?? OWN_KINDS[kind] ?? kind ?? "an event that was removed";
  }

  makeHaystack(entity) {
    return makeHaystack(entity.meta.name, this.groupById.get(entity.meta.group)?.name);
  }

  // The entities with this name, however it is spelt.
  findByName(name) {
    return this.entities.find((each) => Object.values(each.meta.name.name).includes(name));
  }
}
