// Charts of the last hour, a minute to a column: SVG with a sentence for who does not see it.

import { make } from "/settings/dom.js";
import { tellNumber } from "./tables.js";
import { tellSpan } from "./times.js";

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 60;
const STEP = 6;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
// Each line of the scale of ages, in seconds.
const AGES = [0.1, 1, 10, 60, 600, 3600, 21600, 86400];

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function makeTitle(text) {
  return draw("title", {}, text);
}

// Columns of numbers on top of each other. `series` are [name, its class, the numbers].
export function makeColumns(title, minutes, series) {
  const totals = minutes.map((_, at) => series.reduce((sum, [, , numbers]) => sum + numbers[at], 0));
  const top = Math.max(...totals);
  const columns = minutes.flatMap((minute, at) => {
    let bottom = HEIGHT;
    const said = series.map(([name, , numbers]) => `${tellNumber(numbers[at])} ${name}`).join(", ");
    return series.flatMap(([, kind, numbers]) => {
      if (!numbers[at]) return [];
      const height = Math.max((HEIGHT * numbers[at]) / top, 1);
      bottom -= height;
      const shape = { class: kind, x: at * STEP, y: Math.max(bottom, 0), width: STEP - 1, height };
      return [draw("rect", shape, makeTitle(`${clock.format(Date.parse(minute.at))}: ${said}`))];
    });
  });
  const sums = series.map(([name, , numbers]) => `${tellNumber(numbers.reduce((sum, each) => sum + each, 0))} ${name}`);
  const said = `${sums.join(", ")} within the last hour`;
  const alternative = top ? `${title}: ${said}, at most ${tellNumber(top)} in a minute` : `${title}: nothing within the last hour`;
  return makeFigure(title, top ? said : "nothing within the last hour", alternative, minutes, columns, top && tellNumber(top), series);
}

// How old the news was when it was told: half of it, and nearly all, on a scale by powers.
export function makeAges(title, minutes) {
  const ages = minutes.flatMap(({ p50, p99 }) => (p50 === null ? [] : [p50, p99]));
  const highest = AGES.find((age) => age >= Math.max(...ages, 10)) ?? AGES.at(-1);
  const place = (age) => {
    const share = Math.log(Math.max(age, AGES[0]) / AGES[0]) / Math.log(highest / AGES[0]);
    return HEIGHT * (1 - Math.min(share, 1));
  };
  const lines = AGES.filter((age) => age > AGES[0] && age < highest).map((age) =>
    draw("line", { class: "grid", x1: 0, x2: minutes.length * STEP, y1: place(age), y2: place(age) }, makeTitle(tellSpan(age))),
  );
  const marks = minutes.flatMap(({ at, p50, p99 }, position) => {
    if (p50 === null) return [];
    const said = `${clock.format(Date.parse(at))}: half within ${tellSpan(p50)}, 99 % within ${tellSpan(p99)}`;
    const shape = { x: position * STEP, width: STEP - 1 };
    const span = { y: place(p99), height: Math.max(place(p50) - place(p99), 1) };
    return [
      draw("rect", { class: "span", ...shape, ...span }, makeTitle(said)),
      draw("rect", { class: "half", ...shape, y: place(p50) - 1, height: 2 }, makeTitle(said)),
    ];
  });
  const worst = minutes.reduce((most, { p99 }) => Math.max(most, p99 ?? 0), 0);
  const said = worst ? `in the worst minute 99 % within ${tellSpan(worst)}` : "nothing was sent within the last hour";
  return makeFigure(title, said, `${title}, minute by minute over the last hour: ${said}`, minutes, [...lines, ...marks], tellSpan(highest), [
    ["half of it", "half"],
    ["up to 99 %", "span"],
  ]);
}

function makeFigure(title, said, alternative, minutes, shapes, top, legend) {
  const width = minutes.length * STEP - 1;
  const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": alternative }, ...shapes);
  const names = legend.length > 1 ? legend.map(([name, kind]) => make("span", { class: `key ${kind}` }, name)) : [];
  return make(
    "figure",
    { class: "chart" },
    make("figcaption", {}, make("strong", {}, title), make("span", { class: "hint" }, said)),
    make("div", { class: "plot" }, make("span", { class: "top hint", "aria-hidden": "true" }, String(top || "")), svg),
    make(
      "div",
      { class: "axis hint", "aria-hidden": "true" },
      make("span", {}, clock.format(Date.parse(minutes[0].at))),
      make("span", { class: "legend" }, ...names),
      make("span", {}, "now"),
    ),
  );
}
