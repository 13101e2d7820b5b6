// Times in the reader's zone, with how long ago that is, which is kept true while it is on screen.

import { make } from "/settings/dom.js";

const STEPS = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86400, 3600, "hour"],
  [86400 * 60, 86400, "day"],
  [Infinity, 86400 * 30, "month"],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function tellAgo(at, now = Date.now()) {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "now";
  const [, unit, name] = STEPS.find(([limit]) => size < limit);
  return relative.format(Math.trunc(seconds / unit), name);
}

export function tellClock(at, now = Date.now()) {
  return Math.abs(now - at) < 43200000 ? clock.format(at) : day.format(at);
}

// A span for people: `1.2 s`, `3 min`, `2 h`, `5 days`.
export function tellSpan(seconds) {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

// `when` is what the API gives: RFC 3339, or UNIX seconds; null makes a dash.
export function makeTime(when, { brief = false } = {}) {
  if (when === null || when === undefined) return make("span", { class: "hint" }, "–");
  const at = typeof when === "number" ? when * 1000 : Date.parse(when);
  const time = make("time", { dateTime: new Date(at).toISOString(), title: new Date(at).toLocaleString() });
  if (brief) time.dataset.brief = "yes";
  fill(time);
  return time;
}

export function renewTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) fill(time);
}

function fill(time) {
  const at = Date.parse(time.dateTime);
  const ago = tellAgo(at);
  const text = time.dataset.brief ? ago : `${tellClock(at)} (${ago})`;
  if (time.textContent !== text) time.textContent = text;
}
