// Tables, which scroll within a box of their own where the screen is narrow.

import { make } from "/settings/dom.js";

// `columns` are [title, is it a number]; each row is a list of texts, elements, or lists of both.
// The first cell of a row is its heading. `nothing` is what is said of no rows.
export function makeTable(caption, columns, rows, nothing = "There is nothing.") {
  if (!rows.length) return make("p", { class: "hint" }, nothing);
  const table = make(
    "table",
    {},
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, ...columns.map(([title, isNumber]) => make("th", { scope: "col", class: isNumber && "number" }, title)))),
    make("tbody", {}, ...rows.map((cells) => makeRow(cells, columns))),
  );
  return make("div", { class: "box", tabIndex: 0, role: "region", "aria-label": caption }, table);
}

function makeRow(cells, columns) {
  return make(
    "tr",
    {},
    ...cells.map((cell, position) => {
      const properties = { class: columns[position][1] && "number" };
      const tag = position ? "td" : "th";
      if (!position) properties.scope = "row";
      return make(tag, properties, ...[cell].flat().map((each) => (typeof each === "number" ? tellNumber(each) : each)));
    }),
  );
}

const numbers = new Intl.NumberFormat("en");

export function tellNumber(number) {
  return numbers.format(number);
}
