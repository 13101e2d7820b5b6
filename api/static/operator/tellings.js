// How platforms, budgets and troubles are told, on whichever page.

import { make } from "/settings/dom.js";
import { makeTable, tellNumber } from "./tables.js";
import { makeTime, tellSpan } from "./times.js";

const NAMES = {
  youtube: "YouTube",
  twitter: "X (Twitter)",
  bilibili: "bilibili posts",
  bililive: "bilibili live",
  twitch: "Twitch",
  feed: "Feeds",
  telegram: "Telegram",
  discord: "Discord",
  qq: "QQ",
  webhook: "Webhooks",
  apprise: "Apprise",
  web: "Web inbox",
};
const PAGES = {
  sources: "Look at the sources",
  workers: "Look at the workers",
  dead: "Look at the dead letters",
  entities: "Look at the account",
};
const GONE = "gone:";

export function tellName(kind) {
  return NAMES[kind] ?? kind;
}

// Gives [how bad it is, what is said]: its class is a colour, and the words say the same.
export function tellState(source) {
  if (!source.accounts) return ["", source.paused ? "paused by hand" : "nothing to watch"];
  if (source.missing) return ["bad", "not set up"];
  if (!source.workers) return ["bad", "nobody watches it"];
  if (source.alarms.some(({ key }) => !key.startsWith(GONE))) return ["bad", "alarm"];
  if (source.paused_until) return ["wait", "left alone for now"];
  if (source.failures) return ["wait", "did not answer"];
  if (source.failing > source.gone) return ["wait", "some cannot be read"];
  return ["good", "works"];
}

export function makeState([severity, said]) {
  return make("span", { class: `state ${severity}` }, said);
}

export function tellLate(seconds) {
  return seconds < 1 ? "–" : tellSpan(seconds);
}

const UNITS = { mills: (amount) => `$${(amount / 1000).toFixed(2)}` };

export function tellAmount(amount, unit) {
  return UNITS[unit]?.(amount) ?? `${tellNumber(amount)} ${unit}`;
}

export function makeBudgets(budgets, caption = "Quotas and budgets") {
  return makeTable(
    caption,
    [["What"], ["Used", true], ["Of", true], ["Share"], ["Begins anew"]],
    budgets.map(({ name, unit, spent, limit, resets_at }) => [
      name,
      tellAmount(spent, unit),
      limit ? tellAmount(limit, unit) : "no limit",
      limit ? makeMeter(spent / limit, `${name}: share that is used`) : "–",
      makeTime(resets_at, { brief: true }),
    ]),
    "Nothing that is watched or translated has a budget.",
  );
}

export function makeMeter(share, label) {
  const meter = make("meter", { max: 1, low: 0.8, high: 0.9, optimum: 0, value: Math.min(share, 1), "aria-label": label });
  return make("span", { class: "meter" }, meter, `${Math.round(share * 100)} %`);
}

// What is between backticks is code.
function markCode(text) {
  return text.split("`").map((part, position) => (position % 2 ? make("code", {}, part) : part));
}

// `pages` are those that there are.
export function makeTrouble({ severity, what, todo, page }, pages) {
  return make(
    "li",
    { class: `trouble-entry ${severity}` },
    make("strong", { dir: "auto" }, what),
    make("span", {}, " ", ...markCode(todo), " "),
    makeLink(page, pages),
  );
}

// `page` may have more behind its name, such as the id of an account.
function makeLink(page, pages) {
  const [name] = page.split("/");
  return pages.includes(name) ? make("a", { href: `#/${page}` }, PAGES[name]) : null;
}

export function makeAlarm({ key, kind, reason, todo, raised_at, ended_at }, pages) {
  const isGone = key.startsWith(GONE);
  return make(
    "li",
    { class: `alarm ${ended_at ? "" : isGone ? "wait" : "bad"}` },
    make("p", {}, make("strong", { dir: "auto" }, `${kind ? `${tellName(kind)}: ` : ""}${reason}`)),
    ended_at ? null : make("p", {}, ...markCode(todo), " ", isGone ? makeLink(`entities/task/${key.slice(GONE.length)}`, pages) : null),
    make("p", { class: "hint" }, "since ", makeTime(raised_at), ...(ended_at ? [", until ", makeTime(ended_at)] : [])),
  );
}

export function makeSection(title, ...children) {
  return make("section", { class: "panel" }, make("h2", {}, title), ...children);
}
