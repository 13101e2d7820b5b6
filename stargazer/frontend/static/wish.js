// What the subscriber chooses: changed here at once, saved behind it, and undone by one tap.
//
// A change is a function that makes the next wish of the present one. While one is being saved the
// next ones gather; what is sent is always the whole of the newest wish.

import { call } from "./api.js";

const toList = (set) => [...set].sort();

function isOfWords({ none_of: words, ...rest }) {
  const isSaid = (value) => (Array.isArray(value) ? value.length > 0 : value !== null);
  return words?.length > 0 && !Object.values(rest).some(isSaid);
}

export class Wish {
  constructor({ entities, groups, without_entities, kinds, kinds_by_entity, rules }) {
    this.entities = new Set(entities);
    this.groups = new Set(groups);
    this.without = new Set(without_entities);
    this.kinds = new Set(kinds);
    this.own = new Map(Object.entries(kinds_by_entity).map(([id, own]) => [id, new Set(own)]));
    this.rules = rules;
  }

  static read(filter) {
    return new Wish(filter);
  }

  write() {
    return {
      entities: toList(this.entities),
      groups: toList(this.groups),
      without_entities: toList(this.without),
      kinds: toList(this.kinds),
      kinds_by_entity: Object.fromEntries([...this.own].map(([id, own]) => [id, toList(own)])),
      rules: this.rules,
    };
  }

  copy() {
    return new Wish(this.write());
  }

  // Words that keep out whatever has them, of everybody and everything; other rules stay as they are.
  get words() {
    return this.rules.find(isOfWords)?.none_of ?? [];
  }

  setWords(words) {
    const others = this.rules.filter((rule) => !isOfWords(rule));
    this.rules = words.length ? [...others, { none_of: words }] : others;
  }

  get followsNobody() {
    return this.entities.size === 0 && this.groups.size === 0;
  }

  follows(entity) {
    if (this.entities.has(entity.id)) return true;
    return this.groups.has(entity.meta.group) && !this.without.has(entity.id);
  }

  getKinds(entity) {
    return this.own.get(entity.id) ?? this.kinds;
  }

  setEntity(entity, isOn) {
    const byGroup = this.groups.has(entity.meta.group);
    if (isOn) {
      this.without.delete(entity.id);
      if (!byGroup) this.entities.add(entity.id);
      return;
    }
    this.entities.delete(entity.id);
    this.own.delete(entity.id);
    if (byGroup) this.without.add(entity.id);
  }

  setGroup(group, members, isOn) {
    for (const entity of members) {
      this.entities.delete(entity.id);
      this.without.delete(entity.id);
      if (!isOn) this.own.delete(entity.id);
    }
    if (isOn) this.groups.add(group);
    else this.groups.delete(group);
  }

  setOwn(entity, kinds) {
    if (kinds === null) this.own.delete(entity.id);
    else this.own.set(entity.id, new Set(kinds));
  }
}

export class Saver {
  constructor(tell) {
    this.tell = tell;
    this.pending = null;
    this.isBusy = false;
  }

  // Tells that it is saving, saved, or not saved.
  save(params, said, undo) {
    this.pending = { params: { ...this.pending?.params, ...params }, said, undo };
    if (!this.isBusy) this.work();
  }

  get isIdle() {
    return !this.isBusy && this.pending === null;
  }

  async work() {
    this.isBusy = true;
    while (this.pending) {
      const { params, said, undo } = this.pending;
      this.pending = null;
      this.tell("saving", said);
      try {
        await call("updateSetting", params);
        if (!this.pending) this.tell("saved", said, undo);
      } catch (error) {
        // What was chosen since then goes with it, once somebody asks to try again.
        const rest = this.pending?.params ?? {};
        this.pending = null;
        const again = () => this.save({ ...params, ...rest }, said, undo);
        // What is refused once is refused again.
        if (error.isRefused && undo) this.tell("refused", error, undo);
        else this.tell("lost", error, again);
      }
    }
    this.isBusy = false;
  }
}
