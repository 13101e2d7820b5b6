// What could not go on, and why: sent on once that is put right, or dropped.

import { make } from "/settings/dom.js";
import { makeTime } from "./times.js";

const AT_ONCE = 50;

export const dead = {
  name: "dead",
  title: "Dead letters",

  async show(root, { app }) {
    const list = make("div");
    const more = make("button", { class: "plain", onclick: () => add() }, "More");
    const nothing = make("p", { class: "empty" }, "There are none: all that came in has gone on.");
    let cursor;
    const look = () => (nothing.hidden = Boolean(list.childElementCount) || Boolean(cursor));
    const add = async () => {
      const page = await app.call("getDeadLetters", { limit: AT_ONCE, ...(cursor && { cursor }) });
      cursor = page.next_cursor;
      list.append(...page.dead_letters.map((letter) => makeLetter(letter, app, look)));
      more.hidden = !cursor;
      look();
    };
    await add();
    const about = make("p", { class: "hint about" }, "Events that a middleware could not let pass, and what was sent to us that is no event. Put right what is said, then send it on again.");
    root.append(about, list, nothing, more);
  },
};

function makeLetter(letter, app, look) {
  const params = { dead_letter_id: letter.id };
  const leave = () => {
    const next = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    look();
    (next?.querySelector("button") ?? document.querySelector("#main")).focus();
  };
  const retry = async () => {
    if (await app.act("Sending it on again", app.call("retryDeadLetter", params))) leave();
  };
  const drop = async () => {
    const what = letter.event_id ? "Its event stays in the record, and nobody is told of it." : "What was sent to us is forgotten.";
    if (!(await app.confirm(`Drop this dead letter? ${what}`, "Drop it"))) return;
    if (await app.act("Dropping it", app.call("dropDeadLetter", params))) leave();
  };
  const link = app.pages.includes("events") && letter.event_id ? make("a", { href: `#/events/${letter.event_id}` }, "Look at the event") : null;
  const card = make(
    "section",
    { class: "panel letter", "aria-label": `Stopped at ${letter.by}` },
    make("p", {}, make("strong", { dir: "auto" }, letter.reason)),
    make("p", { class: "hint" }, "stopped at ", make("code", {}, letter.by), ", ", makeTime(letter.created_at)),
    letter.event_id ? make("p", { class: "hint" }, "event ", make("code", {}, letter.event_id), " ", link) : null,
    letter.body === null ? null : make("details", {}, make("summary", {}, "What was sent to us"), make("pre", { dir: "auto" }, letter.body)),
    app.mayChange ? make("div", { class: "buttons" }, make("button", { class: "plain", onclick: retry }, "Send it on again"), make("button", { class: "danger", onclick: drop }, "Drop")) : null,
  );
  return card;
}
