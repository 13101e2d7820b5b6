// One chat: what it hears and how, what became of its messages, and what may be done about it.

import { make } from "/settings/dom.js";
import { readCatalogue } from "./catalogue.js";
import { makeDeliveries } from "./deliveries.js";
import { fill, makeBadge, makeButton, makeButtons, makeFacts, makeLink, makePanel } from "./parts.js";
import { makeTime } from "./times.js";
import { tellFilter, tellIm, tellSettings, tellUser } from "./words.js";

export async function showUser(root, app, id) {
  const catalogue = await readCatalogue(app);
  const head = make("div", {});
  const draw = async () => {
    const user = await app.call("getUser", { user_id: id });
    app.setTitle(tellUser(user));
    fill(
      head,
      makePanel("The chat", makeChat(user), makeActions(app, user, draw)),
      makePanel("What it hears", ...tellFilter(user.event_filter, catalogue).map((said) => make("p", { dir: "auto" }, said))),
      makePanel("How", makeFacts(tellSettings(user.settings, catalogue))),
    );
  };
  const deliveries = makeDeliveries(app, catalogue, { user_id: id });
  root.append(makeLink("#/users", "All users"), head, deliveries.panel);
  await Promise.all([draw(), deliveries.begin()]);
}

function makeChat(user) {
  return makeFacts([
    ["Name", user.name && make("span", { dir: "auto" }, user.name)],
    ["Chat app", tellIm(user.im)],
    ["Its id there", make("code", {}, user.im_payload)],
    ["State", user.paused ? [makeBadge("paused", "wait"), ` ${user.paused}, since `, makeTime(user.paused_at)] : makeBadge("is sent to", "good")],
    ["Added", makeTime(user.created_at)],
    ["Id", make("code", {}, user.id)],
  ]);
}

function makeActions(app, user, draw) {
  const ref = { user_id: user.id };
  const box = make("div", {});
  const run = async (said, method) => (await app.act(said, app.call(method, ref))) && draw();
  const pause = async () => {
    const question = `Send nothing to ${tellUser(user)} until you resume it? What comes meanwhile is not sent later; the chat is told how many messages it missed.`;
    if (await app.confirm(question, "Pause it")) await run("Pausing", "pauseUser");
  };
  const link = async () => {
    const session = await app.act("Making a link", app.call("newSession", ref));
    if (session) box.replaceChildren(makeSession(app, session));
  };
  const forget = async () => {
    const question = `Forget ${tellUser(user)}? What it has chosen, its links, and what is about to be sent to it are lost. What was sent stays in the ledger.`;
    if (!(await app.confirm(question, "Forget it"))) return;
    if (await app.act("Forgetting it", app.call("delUser", ref))) app.go("#/users");
  };
  const buttons = makeButtons(
    app,
    makeButton("Make a link to its settings", link),
    user.paused ? makeButton("Resume", () => run("Resuming", "resumeUser")) : makeButton("Pause", pause),
    // Bots may, and so do accounts that may do what bots do.
    app.may("api:rw") && makeButton("Forget", forget, "danger"),
  );
  return make("div", { class: "way" }, buttons, box);
}

// Whoever has it may change what the chat hears, for a while.
function makeSession(app, { url, valid_until: until }) {
  const field = make("input", { type: "text", readOnly: true, value: url, "aria-label": "Link to the chat's settings", onfocus: () => field.select() });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      app.say("Copied");
    } catch {
      // A browser lets no page do that which did not come over HTTPS.
      field.focus();
      app.say("Your browser does not let this page copy. The link is selected: copy it with the keyboard.", "lost");
    }
  };
  return make(
    "div",
    { class: "session" },
    field,
    make("div", { class: "buttons" }, makeButton("Copy", copy)),
    make("p", { class: "hint" }, "Whoever opens it may change what this chat hears. It ends ", makeTime(until), ". It is shown only now."),
  );
}
