// One account that is watched: how that goes, what is expected of it, and what it told.

import { make } from "/settings/dom.js";
import { readCatalogue } from "./catalogue.js";
import { tellWatching } from "./entities.js";
import { makeTaskButtons } from "./entity.js";
import { drawEvent } from "./events.js";
import { makeField, makeForm, submit } from "./forms.js";
import { fill, makeBadge, makeFacts, makeLink, makeOutLink, makePanel, Pages } from "./parts.js";
import { makeTable } from "./tables.js";
import { makeTime, tellSpan } from "./times.js";
import { findAccountPage, tellAccount, tellCount, tellPlatform } from "./words.js";

const PAGE = 20;
const PAUSE = 10000;

export async function showTask(root, app, id) {
  const catalogue = await readCatalogue(app);
  const head = make("div", {});
  let shown = "";
  const draw = (history) => {
    // It is nearer each time; what is being filled in stays.
    const key = JSON.stringify({ ...history, due_in: Math.round(history.due_in / 30) });
    if (key === shown || head.querySelector("details[open]")) return;
    shown = key;
    app.setTitle(`${tellPlatform(history.task.kind)} ${tellAccount(history.task)}`);
    const buttons = makeTaskButtons(app, history.task, redraw, () => app.go(`#/entities/${history.task.entity_id}`));
    fill(
      head,
      makePanel("The account", makeAccount(history, catalogue), buttons, app.mayChange ? makeChange(app, history.task, redraw) : null),
      ...(history.broadcasts.length ? [makePanel("What is expected", makeBroadcasts(history))] : []),
    );
  };
  const read = async (cursor, limit = PAGE) => {
    const history = await app.call("getTaskHistory", { task_id: id, limit, ...(cursor && { cursor }) });
    draw(history);
    return { items: history.events, next: history.next_cursor };
  };
  const told = new Pages(read, (each) => drawEvent(catalogue, each, { withName: false }), "It has told nothing yet: what was there before it was added is history.");
  // Whoever reads what it told long ago stays there.
  const look = () => (told.pages > 1 ? read(undefined, 1) : told.begin());
  const redraw = () => {
    shown = "";
    for (const details of head.querySelectorAll("details")) details.open = false;
    return look();
  };
  root.append(makeLink("#/entities", "All VTubers"), head, makePanel("What it told", told.element));
  await app.poll(PAUSE, look);
}

function makeAccount({ task, worker, due_in: due, lease, missing, ...rest }, catalogue) {
  const [state, how] = tellWatching(task);
  const page = findAccountPage(task);
  return makeFacts([
    ["Whose", catalogue.makeEntity(task.entity_id)],
    ["Page", page && makeOutLink(page)],
    ["State", makeBadge(state, how || "good")],
    ["Needs", missing && make("span", { class: "bad" }, `It is not watched, for ${missing}.`)],
    ["Last looked at", [makeTime(task.looked_at), task.looked_at ? "" : " never with success"]],
    ["Last failure", task.failed_at && [makeTime(task.failed_at), task.last_error ? `: ${task.last_error}` : ", and it is over"]],
    ["In a row", task.failures ? `${tellCount(task.failures, "failure")}${task.paused_until ? "; tried again " : ""}` : null],
    ["Left alone until", task.paused_until && makeTime(task.paused_until)],
    ["It is there", rest.confirmed_at && ["its platform said so ", makeTime(rest.confirmed_at)]],
    ["Read otherwise", rest.fallback_at && makeTime(rest.fallback_at)],
    ["Its platform", rest.platform_paused_until && ["is left alone until ", makeTime(rest.platform_paused_until), `: ${rest.platform_error ?? ""}`]],
    ["Looked at next", task.paused ? null : tellDue(due)],
    ["By", task.paused ? null : (worker ?? "nobody: no worker serves this platform")],
    ["Pushed by", lease && tellLease(lease)],
    ["Watched since", makeTime(task.created_at)],
    ["Id", make("code", {}, task.id)],
  ]);
}

function tellDue(due) {
  if (due === null) return "not planned yet; that is put right within a minute";
  if (due > 0) return `in ${tellSpan(due)}`;
  return due < -30 ? `it is ${tellSpan(-due)} late` : "now";
}

function tellLease({ hub, state, expires_at: expires, renew_at: renew, last_error: error }) {
  const problem = error ? `: ${error}` : "";
  if (state === "verified") return [`${hub}, until `, makeTime(expires), ", renewed ", makeTime(renew), problem];
  if (state === "pending") return [`${hub}, asked and not answered yet`, problem];
  return [make("span", { class: "bad" }, `${hub}: ${state}`), problem, ", asked again ", makeTime(renew)];
}

function makeBroadcasts({ broadcasts }) {
  const rows = broadcasts.map((each) => [
    make("span", { dir: "auto" }, each.title || each.source_id),
    each.state === "unknown" ? "only its feed has it" : each.state,
    makeTime(each.started_at ?? each.scheduled_at),
    makeTime(each.seen_at),
  ]);
  return makeTable("Coming streams", [["What"], ["State"], ["Start"], ["First seen"]], rows);
}

function makeChange(app, task, draw) {
  const [name] = Object.keys(task.params);
  const input = make("input", { type: "text", value: task.params[name], autocomplete: "off", spellcheck: false });
  const save = async () => {
    const question = `Watch ${input.value.trim()} in place of ${tellAccount(task)}? What is there already is not told, and what is known of the coming streams of ${tellAccount(task)} is lost.`;
    if (!(await app.confirm(question, "Watch it instead"))) return;
    await submit(app, "Changing", app.call("updateTask", { task_id: task.id, params: { [name]: input.value.trim() } }));
    await draw();
  };
  const field = makeField("The account that is watched instead", input, { path: `params.${name}`, hint: "Its address, its name or its id." });
  const buttons = make("div", { class: "buttons" }, make("button", { type: "submit", class: "main" }, "Change"));
  return make("details", {}, make("summary", {}, "Watch another account instead"), makeForm(save, field, buttons));
}
