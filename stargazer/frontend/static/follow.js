// Whom to hear of: everybody as cards, by agency, found as one types.

import { find, make, makeFace, makeSwitch } from "./dom.js";
import { makeKinds, showKinds } from "./kinds.js";
import { groupBy, makeHaystack, matches, sortByName, tellName, tellOtherName } from "./names.js";
import { getLanguage, say } from "./texts.js";

const PLACES = {
  youtube: "YouTube",
  twitter: "X",
  bilibili: "bilibili",
  bililive: "bilibili live",
  twitch: "Twitch",
  feed: "RSS",
};
const ALONE = "";

export class Follow {
  constructor(state) {
    this.state = state;
    find("#search").addEventListener("input", () => this.filter());
    find("#only").addEventListener("change", () => this.filter());
  }

  // Draws all of it; what was searched for and what is unfolded stays.
  show() {
    const { entities, groups } = this.state;
    const language = getLanguage();
    const byGroup = groupBy(entities, (entity) =>
      groups.has(entity.meta.group) ? entity.meta.group : ALONE,
    );
    const nameOf = (id) => (id === ALONE ? say("without_agency") : tellName(groups.get(id), language));
    const ids = sortByName([...byGroup.keys()].filter(Boolean), nameOf, language);
    if (byGroup.has(ALONE)) ids.push(ALONE);
    this.cards = new Map();
    this.sections = new Map();
    const sections = ids.map((id) => this.makeSection(id, nameOf(id), byGroup.get(id)));
    find("#groups").replaceChildren(...sections);
    find("#everybody").replaceChildren(this.makeEverybody());
    this.refresh();
    this.filter();
  }

  makeEverybody() {
    const { state } = this;
    this.all = makeSwitch(say("everybody"), false, (isOn) => this.followAll(isOn));
    this.kindsOfAll = makeKinds(state, say("kinds_for_all"), (kinds) =>
      state.change((wish) => (wish.kinds = new Set(kinds)), say("did_kinds")),
    );
    return make("div", { class: "panel everybody" }, this.all, this.kindsOfAll);
  }

  followAll(isOn) {
    const { groups, entities } = this.state;
    const members = groupBy(entities, (entity) => entity.meta.group);
    this.state.change((wish) => {
      for (const id of groups.keys()) wish.setGroup(id, members.get(id) ?? [], isOn);
      for (const entity of entities) wish.setEntity(entity, isOn);
    }, say(isOn ? "did_follow_all" : "did_unfollow_all"));
  }

  makeSection(id, name, members) {
    const { state } = this;
    const heading = `group-${id || "alone"}`;
    const count = make("span", { class: "hint" });
    const toggle = id
      ? makeSwitch(say("whole_agency"), false, (isOn) =>
          state.change(
            (wish) => wish.setGroup(id, members, isOn),
            say(isOn ? "did_follow" : "did_unfollow", { name }),
          ),
        )
      : null;
    if (toggle) toggle.title = say("whole_agency_hint");
    const language = getLanguage();
    const sorted = sortByName(members, (entity) => tellName(entity.meta.name, language), language);
    const list = make("ul", { class: "cards" }, ...sorted.map((entity) => this.makeCard(entity)));
    const title = make("h2", { id: heading, dir: "auto" }, name);
    const head = make("div", { class: "group-head" }, title, count, toggle);
    const section = make("section", { class: "group", "aria-labelledby": heading }, head, list);
    this.sections.set(id, { section, count, toggle, members });
    return section;
  }

  makeCard(entity) {
    const { state } = this;
    const language = getLanguage();
    const name = tellName(entity.meta.name, language);
    const other = tellOtherName(entity.meta.name, language);
    const input = make("input", { type: "checkbox", role: "switch" });
    input.addEventListener("change", () =>
      state.change(
        (wish) => wish.setEntity(entity, input.checked),
        say(input.checked ? "did_follow" : "did_unfollow", { name }),
      ),
    );
    const names = make(
      "span",
      { class: "names" },
      make("span", { class: "first", dir: "auto" }, name),
      other ? make("span", { class: "second", dir: "auto" }, other) : null,
    );
    const who = make("label", { class: "who" }, makeFace(name, entity.id), names, input);
    const kinds = [...new Set(entity.tasks.map((task) => task.kind))];
    const places = make(
      "p",
      { class: "places" },
      ...kinds.map((kind) => make("span", { data: { kind } }, PLACES[kind] ?? kind)),
    );
    const own = make("div", { class: "own" });
    const card = make("li", { class: "card" }, who, make("div", { class: "foot" }, places, own));
    const haystack = makeHaystack(entity.meta.name, state.groups.get(entity.meta.group));
    this.cards.set(entity.id, { card, input, own, haystack, entity, name });
    return card;
  }

  // Brings what is drawn up to the present wish.
  refresh() {
    const { wish, entities } = this.state;
    let chosen = 0;
    for (const { card, input, own, entity, name } of this.cards.values()) {
      const isOn = wish.follows(entity);
      chosen += isOn;
      input.checked = isOn;
      card.classList.toggle("on", isOn);
      if (!isOn) own.replaceChildren();
      else if (!own.firstChild) own.append(this.makeOwn(entity, name));
      else showKinds(own.firstChild, wish.getKinds(entity), wish.own.has(entity.id));
    }
    for (const { count, toggle, members, section } of this.sections.values()) {
      const on = members.filter((entity) => wish.follows(entity)).length;
      count.textContent = `${on} / ${members.length}`;
      section.classList.toggle("on", on > 0);
      if (!toggle) continue;
      const input = toggle.querySelector("input");
      input.checked = wish.groups.has(members[0].meta.group);
      input.indeterminate = !input.checked && on > 0;
    }
    const input = this.all.querySelector("input");
    input.checked = chosen === entities.length && chosen > 0;
    input.indeterminate = chosen > 0 && !input.checked;
    showKinds(this.kindsOfAll, wish.kinds, false);
    const values = { chosen, all: entities.length };
    find("#count").textContent = say(chosen ? "followed" : "nothing_followed", values);
  }

  makeOwn(entity, name) {
    const { state } = this;
    const platforms = new Set(entity.tasks.map((task) => task.kind));
    const change = (kinds) =>
      state.change((wish) => wish.setOwn(entity, kinds), say("did_kinds_of", { name }));
    const { wish } = state;
    const kinds = makeKinds(state, say("kinds_of", { name }), change, platforms, true);
    showKinds(kinds, wish.getKinds(entity), wish.own.has(entity.id));
    return kinds;
  }

  filter() {
    const question = find("#search").value.trim();
    const only = find("#only").checked;
    const { wish } = this.state;
    let found = 0;
    for (const { card, haystack, entity } of this.cards.values()) {
      const isThere = (!only || wish.follows(entity)) && matches(haystack, question);
      card.hidden = !isThere;
      found += isThere;
    }
    for (const { section, members } of this.sections.values()) {
      section.hidden = members.every((entity) => this.cards.get(entity.id).card.hidden);
    }
    const nothing = find("#nothing");
    nothing.hidden = found > 0;
    const key = this.cards.size === 0 ? "nobody" : question ? "nothing_found" : "nothing_followed";
    nothing.textContent = say(key, { question });
  }
}
