// Moving house: an export to download, and a file taken over after its dry run was looked at.

import { ApiError } from "/settings/api.js";
import { make } from "/settings/dom.js";
import { explain } from "./app.js";
import { makeSelect } from "./forms.js";
import { makeTable, tellNumber } from "./tables.js";

const MEGABYTE = 1024 * 1024;
const LONGEST = 7 * MEGABYTE;
// Milliseconds for which an answer may be on its way.
const PATIENCE = 300000;
// What one answer has time for; a shell has all the time there is.
const BY_COMMAND = ["On the machine that Stargazer runs on it takes files of any size: ", make("code", {}, "stargazer import FILE --dry-run")];
const EXPORTS = [
  ["json", "Everything, for another Stargazer", "stargazer.jsonl"],
  ["opml", "The feeds, for any feed reader (OPML)", "stargazer.opml"],
];
const FORMATS = [
  ["auto", "What it looks like"],
  ["json", "An export of Stargazer"],
  ["opml", "OPML of a feed reader"],
  ["nbesf", "NBESF of nonebot-bison"],
  ["mongo", "The predecessor's documents (MongoDB extended JSON)"],
];
const WHAT = {
  group: ["Group", "Groups"],
  entity: ["VTuber", "VTubers"],
  task: ["Account", "Accounts"],
  user: ["Chat", "Chats"],
  waiting: ["Reminder", "Reminders"],
  line: ["Part of the file", "Parts of the file"],
};
// What becomes of a thing, before and after: in the table, and how much attention it wants.
const BECOMES = {
  added: ["would be added", "added", "good"],
  changed: ["would change", "changed", "good"],
  same: ["here already", "here already", ""],
  kept: ["another one here, and stays so", "another one here, and stayed so", "wait"],
  differs: ["with a difference", "with a difference", "wait"],
  skipped: ["left out", "left out", "bad"],
};

export const moving = {
  name: "moving",
  title: "Import and export",

  async show(root, { app }) {
    if (!app.mayChange) root.append(make("p", { class: "hint" }, `The account ${app.username} only reads. To export and import it needs admin:rw, as an export has all chats in it.`));
    root.append(makeExport(app), makeImport(app));
  },

  leave() {},
};

function makeExport(app) {
  const select = makeSelect(EXPORTS);
  const button = make("button", { class: "main", disabled: !app.mayChange, onclick: () => download(app, select.value, button) }, "Download");
  return make(
    "section",
    { class: "panel", "aria-labelledby": "export-title" },
    make("h2", { id: "export-title" }, "Export"),
    make("p", {}, "Who is watched and what was seen there, and the chats with what they subscribe to, in one file. Keep it to yourself: it says who hears what."),
    make("p", { class: "hint" }, "Addresses that are secrets (Discord, webhooks, Apprise) are encrypted in it: on another machine they can be read with the same STARGAZER_SECRET_KEY only. Accounts of the API and sent messages are not in it."),
    make("label", {}, "Form", select),
    make("div", { class: "buttons" }, button),
  );
}

async function download(app, format, button) {
  button.disabled = true;
  const data = await app.act("Export", app.call("exportData", { format }, PATIENCE));
  button.disabled = false;
  if (!data) return;
  const [, , name] = EXPORTS.find(([each]) => each === format);
  const url = URL.createObjectURL(new Blob([data.document], { type: "application/octet-stream" }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function makeImport(app) {
  const file = make("input", { type: "file", required: true });
  const format = makeSelect(FORMATS);
  const overwrite = make("input", { type: "checkbox" });
  const result = make("div", { class: "result" });
  const wrong = make("p", { class: "wrong", role: "alert" });
  const look = make("button", { class: "main", type: "submit", disabled: !app.mayChange }, "See what would change");
  const form = make(
    "form",
    {},
    make("label", {}, "File", file),
    make("label", {}, "It is", format),
    make("label", { class: "tick" }, overwrite, make("span", {}, "Where the file and what is here differ, take what the file has. Chats then hear what it says and nothing else.")),
    wrong,
    make("div", { class: "buttons" }, look),
  );
  // What was looked at is not what would be done any more.
  form.addEventListener("change", () => result.replaceChildren());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    result.replaceChildren();
    const text = await readFile(file.files[0], wrong);
    if (text === undefined) return;
    const params = { document: text, format: format.value, overwrite: overwrite.checked };
    const data = await run(app, look, wrong, { ...params, dry_run: true });
    if (data) result.replaceChildren(...makeResult(data, false, makeDoing(app, params, data, wrong, result)));
  });
  return make(
    "section",
    { class: "panel", "aria-labelledby": "import-title" },
    make("h2", { id: "import-title" }, "Import"),
    make("p", {}, "From another Stargazer, a feed reader (OPML), nonebot-bison (NBESF) or Stargazer's predecessor. Nothing that is here is removed; a file may be imported again."),
    form,
    result,
  );
}

async function readFile(file, wrong) {
  const command = [" ", ...BY_COMMAND.map((each) => (typeof each === "string" ? each : each.cloneNode(true)))];
  wrong.replaceChildren();
  if (file.size > LONGEST) {
    wrong.replaceChildren("This file is too long for this page.", ...command);
    return undefined;
  }
  const text = await file.text();
  if (text.includes("\0")) {
    wrong.replaceChildren("This is no text. If it is a dump of MongoDB or compressed, unpack it.", ...command);
    return undefined;
  }
  return text;
}

async function run(app, button, wrong, params) {
  const said = params.dry_run ? "Looking at the file" : "Import";
  button.disabled = true;
  app.say(`${said} …`, "saving");
  try {
    const data = await app.call("importData", params, PATIENCE);
    app.say(`${said}: done`);
    return data;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    app.say(`${said}: not done`, "lost");
    wrong.replaceChildren(tellWrong(error, params.dry_run));
    return undefined;
  } finally {
    button.disabled = false;
  }
}

function tellWrong(error, isDry) {
  if (error.code === "invalid_document") return `Nothing is changed, as the file is wrong. ${error.message}`;
  if (error.code !== "unreachable") return explain(error);
  if (isDry) return "No answer came in time. A large file is imported on the command line.";
  return "No answer came in time; it may still be going on. Look at the file again in a minute: what is here already is not added twice.";
}

function makeDoing(app, params, data, wrong, result) {
  const changes = countChanges(data);
  if (!changes) return make("p", {}, "There is nothing to import: all of it is here already, or left out.");
  const button = make("button", { class: "main", onclick: doIt }, `Import ${tellNumber(changes)} ${changes === 1 ? "thing" : "things"}`);
  async function doIt() {
    const question = `Import ${tellNumber(changes)} ${changes === 1 ? "thing" : "things"} into this Stargazer?`;
    if (!(await app.confirm(question, "Import"))) return;
    const done = await run(app, button, wrong, params);
    if (done) result.replaceChildren(...makeResult(done, true, null));
  }
  return make("div", { class: "buttons" }, button);
}

function makeResult(data, isDone, doing) {
  const nothing = isDone ? "Nothing has changed." : "Nothing would change.";
  const word = (outcome) => BECOMES[outcome]?.[isDone ? 1 : 0] ?? outcome;
  const mark = (outcome) => make("span", { class: BECOMES[outcome]?.[2] ?? "" }, word(outcome));
  return [
    make("h3", {}, isDone ? "What has changed" : "What would change"),
    make("p", {}, `The file is ${data.format}.`),
    makeTable(
      "How much becomes of what",
      [["What"], ["Becomes"], ["How many", true]],
      sortCounts(data.counts).map(({ what, outcome, count }) => [WHAT[what]?.[count === 1 ? 0 : 1] ?? what, mark(outcome), count]),
      nothing,
    ),
    doing,
    data.changes.length ? make("h3", {}, "One by one") : null,
    data.changes.length
      ? makeTable(
          "What becomes of each thing",
          [["Name"], ["What"], ["Becomes"], ["Details"]],
          data.changes.map(({ what, name, outcome, detail }) => [name, WHAT[what]?.[0] ?? what, mark(outcome), detail]),
        )
      : null,
    data.left_off ? make("p", { class: "hint" }, `And ${tellNumber(data.left_off)} more. All of them: `, make("code", {}, "stargazer import FILE --dry-run --verbose")) : null,
  ].filter((each) => each !== null);
}

function sortCounts(counts) {
  const order = [Object.keys(WHAT), Object.keys(BECOMES)];
  const place = ({ what, outcome }) => 100 * order[0].indexOf(what) + order[1].indexOf(outcome);
  return [...counts].sort((one, other) => place(one) - place(other));
}

function countChanges({ counts }) {
  return counts.filter(({ outcome }) => outcome === "added" || outcome === "changed").reduce((sum, { count }) => sum + count, 0);
}
