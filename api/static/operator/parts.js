// What the pages of this kind are made of: panels, facts, badges, lists that go on.

import { ApiError } from "/settings/api.js";
import { make } from "/settings/dom.js";
import { explain } from "./app.js";

let numbers = 0;

export function makePanel(title, ...children) {
  const id = `panel-${(numbers += 1)}`;
  return make("section", { class: "panel", "aria-labelledby": id }, make("h2", { id }, title), ...children);
}

// `facts` are [name, text or element or a list of both]; what is null or undefined is left out.
export function makeFacts(facts) {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make(
    "dl",
    { class: "known" },
    ...shown.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, ...[value].flat()))),
  );
}

// Puts other things into a place, and the keyboard to the first of them if it was there.
export function fill(place, ...children) {
  const wasThere = place.contains(document.activeElement);
  place.replaceChildren(...children);
  if (wasThere) place.querySelector("button, a")?.focus();
}

// Shows the page anew, with what has changed.
export function showAgain() {
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function makeBadge(text, how = "") {
  return make("span", { class: `badge ${how}` }, text);
}

export function makeLink(hash, text) {
  return make("a", { href: hash, dir: "auto" }, text);
}

// To a page elsewhere, which hears nothing of where the reader comes from.
export function makeOutLink(url, text = url) {
  if (!/^https?:\/\//.test(url ?? "")) return text;
  return make("a", { href: url, target: "_blank", rel: "noreferrer noopener", dir: "auto" }, text);
}

export function makeButton(text, act, how = "plain") {
  return make("button", { class: how, type: "button", onclick: act }, text);
}

// Buttons that change something are for those who may.
export function makeButtons(app, ...buttons) {
  const shown = buttons.filter(Boolean);
  return app.mayChange && shown.length ? make("div", { class: "buttons" }, ...shown) : null;
}

// A list that is read page by page. `read` gives {items, next} of a cursor; `draw` an `li` of an item.
// A page may be empty before the end: then the next one is read as well.
export class Pages {
  constructor(read, draw, nothing) {
    this.read = read;
    this.draw = draw;
    this.list = make("ol", { class: "rows" });
    this.nothing = make("p", { class: "hint", hidden: true }, nothing);
    this.more = makeButton("Show more", () => this.goOn());
    this.more.hidden = true;
    this.wrong = make("p", { class: "wrong", role: "alert" });
    this.status = make("p", { class: "unseen", role: "status" });
    this.element = make("div", { class: "pages" }, this.list, this.nothing, this.wrong, this.more, this.status);
    this.pages = 0;
    this.turn = 0;
  }

  // From the newest, or the first, on. While nothing answers, what is there stays.
  async begin() {
    const page = await this.fill();
    if (!page) return;
    this.lay(page.items);
    this.end(page, 1);
  }

  // What is there already and has not changed stays where it is, with the keyboard in it.
  lay(items) {
    const rows = [...this.list.children];
    const kept = new Map(rows.map((row) => [row.shown, row]));
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    for (const [position, item] of items.entries()) {
      const shown = JSON.stringify(item);
      const row = kept.get(shown) ?? this.draw(item);
      kept.delete(shown);
      row.shown = shown;
      const there = this.list.children[position];
      if (there !== row) this.list.insertBefore(row, there ?? null);
    }
    while (this.list.children.length > items.length) this.list.lastChild.remove();
    if (focused < 0 || this.list.contains(document.activeElement)) return;
    this.list.children[Math.min(focused, items.length - 1)]?.querySelector("button, a")?.focus();
  }

  // Because the reader wants to see others: what goes wrong is said where they would be.
  async change() {
    this.wrong.textContent = "";
    try {
      await this.begin();
      const count = this.list.children.length;
      this.status.textContent = `${count} shown${this.next ? ", and there are more" : ""}`;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.wrong.textContent = explain(error);
    }
  }

  // Again, unless the reader has gone on to later pages.
  async renew() {
    if (this.pages <= 1) await this.begin();
  }

  async goOn() {
    this.more.disabled = true;
    this.wrong.textContent = "";
    try {
      const page = await this.fill(this.next);
      if (!page) return;
      const rows = page.items.map(this.draw);
      this.list.append(...rows);
      this.end(page, this.pages + 1);
      rows[0]?.querySelector("a, button")?.focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.wrong.textContent = explain(error);
    } finally {
      this.more.disabled = false;
    }
  }

  // Gives undefined when it was asked for something else meanwhile.
  async fill(cursor) {
    const mine = (this.turn += 1);
    let page = { items: [], next: cursor };
    this.list.ariaBusy = "true";
    try {
      do {
        page = await this.read(page.next);
        if (mine !== this.turn) return undefined;
      } while (!page.items.length && page.next);
    } finally {
      if (mine === this.turn) this.list.ariaBusy = null;
    }
    return page;
  }

  end(page, pages) {
    this.next = page.next;
    this.pages = pages;
    this.more.hidden = !page.next;
    this.nothing.hidden = this.list.children.length > 0;
  }
}

// `items` of what a method answers, and its cursor.
export function readPage(app, method, field, params, limit = 50) {
  return async (cursor) => {
    const page = await app.call(method, { ...params, limit, ...(cursor && { cursor }) });
    return { items: page[field], next: page.next_cursor };
  };
}
