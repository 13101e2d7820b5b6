// Adding accounts by pasting their addresses: each is looked up first, and what is watched already said.

import { ApiError } from "/settings/api.js";
import { make } from "/settings/dom.js";
import { tellName } from "/settings/names.js";
import { makeField, splitProblems, tidy } from "./forms.js";
import { makeBadge, makeButton, makeLink } from "./parts.js";
import { tellAccount, tellPlatform } from "./words.js";

const MOST = 50;
// Who posts on bilibili often streams there, under the same number.
const BESIDE = { bilibili: "bililive", bililive: "bilibili" };

// `owner` is the id of who is to have them, if there is one. `read()` looks up what is pasted and gives
// the accounts that are chosen, or undefined while something is wrong.
export function makeAdding(app, owner = null) {
  const input = make("textarea", { rows: 4, spellcheck: false, autocapitalize: "none", placeholder: "https://www.youtube.com/@name\nhttps://x.com/name" });
  const field = makeField("Accounts", input, { path: "tasks", hint: "The addresses of their pages, one a line: YouTube, X, bilibili, Twitch, or a feed." });
  const rows = make("ul", { class: "rows", "aria-live": "polite" });
  let looked = "";
  let found = [];
  const look = async () => {
    looked = input.value;
    const lines = [...new Set(looked.split(/\s+/).filter(Boolean))];
    const wrong = field.querySelector(".wrong");
    wrong.textContent = lines.length > MOST ? `At most ${MOST} at once, please.` : "";
    found = [];
    rows.replaceChildren();
    if (lines.length > MOST) return;
    // One after the other, as some cost a question to a platform.
    for (const line of lines) {
      const waiting = make("li", {}, `Looking up ${line} …`);
      rows.append(waiting);
      const accounts = await lookUp(app, line, owner, found);
      if (looked !== input.value) return;
      found.push(...accounts);
      waiting.replaceWith(...accounts.map((each) => each.row));
    }
  };
  const read = async () => {
    const isNew = looked !== input.value;
    if (isNew) await look();
    const wrong = field.querySelector(".wrong");
    if (found.some((each) => each.isWrong)) wrong.textContent = "Correct what could not be found, or take it out.";
    // Nobody shall believe that what was left out was added.
    else if (isNew && found.some((each) => each.isKnown)) wrong.textContent = "Some of these are watched already, as said below. Choose, and add again.";
    if (wrong.textContent) return undefined;
    return found.filter((each) => each.box?.checked).map(({ kind, params }) => ({ kind, params }));
  };
  const clear = () => {
    input.value = looked = "";
    found = [];
    rows.replaceChildren();
  };
  const button = makeButton("Look them up", look);
  return { element: make("div", { class: "way" }, field, make("div", { class: "buttons" }, button), rows), read, clear };
}

async function lookUp(app, address, owner, before) {
  let account;
  try {
    account = await app.call("resolveAccount", { address });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const said = splitProblems(error).map((each) => tidy(each.said)).join(" ");
    return [{ isWrong: true, row: make("li", {}, make("p", { dir: "ltr" }, address), make("p", { class: "wrong" }, said)) }];
  }
  const accounts = [makeChoice(account, owner, before, true)];
  const beside = BESIDE[account.kind];
  if (beside) {
    const other = await app.call("resolveAccount", { kind: beside, params: account.params });
    accounts.push(makeChoice(other, owner, [...before, ...accounts], false));
  }
  return accounts;
}

// What its owner has already cannot be chosen; what somebody else has can, as two may share an account.
function makeChoice({ kind, params, watched_by: watchers }, owner, before, isChosen) {
  const isOwn = watchers.some((each) => each.entity_id === owner);
  const isTwice = before.some((each) => each.kind === kind && tellAccount(each) === tellAccount({ kind, params }));
  const others = watchers.filter((each) => each.entity_id !== owner);
  const box = make("input", { type: "checkbox", checked: isChosen && !watchers.length && !isTwice, disabled: isOwn || isTwice });
  const row = make(
    "li",
    {},
    make("label", { class: "pick" }, box, make("span", {}, `${tellPlatform(kind)} ${tellAccount({ kind, params })} `, isOwn ? makeBadge("watched already", "good") : null, isTwice ? makeBadge("twice", "wait") : null)),
    others.length ? make("p", { class: "hint" }, "Watched already, for ", ...others.flatMap((each, position) => [position ? ", " : "", tellWatcher(each)])) : null,
  );
  return { kind, params, box, row, isKnown: isChosen && !box.checked };
}

function tellWatcher({ entity_id: id, meta }) {
  return makeLink(`#/entities/${id}`, meta ? tellName(meta.name, "en") : "somebody who was removed");
}
