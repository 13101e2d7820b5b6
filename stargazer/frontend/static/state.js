// What the page knows: who is watched, what is chosen, and how each change is saved and undone.

import { Saver, Wish } from "./wish.js";

export class State {
  constructor(user, { entities, groups, kinds }, tell, draw) {
    this.user = user;
    this.settings = user.settings;
    this.wish = Wish.read(user.event_filter);
    this.entities = entities;
    this.groups = new Map(groups.map((group) => [group.id, group.name]));
    this.kinds = kinds;
    this.usualKinds = kinds.filter(({ usual }) => usual).map(({ kind }) => kind);
    this.draw = draw;
    this.tell = tell;
    this.saver = new Saver(tell);
  }

  // Changes the wish, draws it, and saves it.
  change(make, said) {
    const before = this.wish.copy();
    make(this.wish);
    // Who begins to follow without a word on what to tell is told of what most people want.
    if (before.followsNobody && !this.wish.followsNobody && this.wish.kinds.size === 0) {
      this.wish.kinds = new Set(this.usualKinds);
    }
    this.draw();
    this.saver.save({ event_filter: this.wish.write() }, said, () => this.restore(before));
  }

  restore(before) {
    this.wish = before.copy();
    this.draw();
    this.saver.save({ event_filter: this.wish.write() }, null);
  }

  // Changes settings and saves them.
  set(changes, said) {
    const before = Object.fromEntries(Object.keys(changes).map((name) => [name, this.settings[name]]));
    this.settings = { ...this.settings, ...changes };
    this.saver.save(changes, said, () => {
      this.set(before, null);
      this.draw();
    });
  }
}
