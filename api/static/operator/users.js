// The chats that subscribe: finding one, what it hears, and what became of its messages.

import { make } from "/settings/dom.js";
import { findUsers } from "./finding.js";
import { makeField, makeSelect } from "./forms.js";
import { makeBadge, makeLink, Pages } from "./parts.js";
import { makeTime } from "./times.js";
import { showUser } from "./user.js";
import { IMS, tellCount, tellIm, tellUser } from "./words.js";

const PAGE = 50;
const PAUSE = 300;

export const users = {
  name: "users",
  title: "Users",

  async show(root, { path, query, app }) {
    if (path.length) return showUser(root, app, path[0]);
    const chosen = { text: query.get("text") ?? "", im: query.get("im") ?? "", paused: query.get("paused") ?? "" };
    const read = async (cursor) => {
      const paused = { yes: true, no: false }[chosen.paused];
      const { users: items, next } = await findUsers(app, { ...chosen, text: chosen.text.trim(), paused }, PAGE, cursor);
      return { items, next };
    };
    const pages = new Pages(read, drawUser, "No chat is like this.");
    const change = (name, value) => {
      chosen[name] = value;
      const left = new URLSearchParams(Object.entries(chosen).filter(([, each]) => each));
      history.replaceState(null, "", `#/users${left.size ? `?${left}` : ""}`);
      return pages.change();
    };
    root.append(makeFilters(chosen, change), pages.element);
    await pages.begin();
  },

  leave() {},
};

function makeFilters(chosen, change) {
  let timer;
  const text = make("input", { type: "search", value: chosen.text, autocomplete: "off" });
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => text.isConnected && change("text", text.value), PAUSE);
  });
  const select = (name, options) => makeSelect(options, chosen[name], { onchange: ({ target }) => change(name, target.value) });
  return make(
    "form",
    { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    makeField("Find", text, { hint: "A part of the name, or the whole id or URL at the chat app." }),
    makeField("Chat app", select("im", [["", "any"], ...Object.entries(IMS)])),
    makeField("Sent to", select("paused", [["", "all"], ["no", "those that are not paused"], ["yes", "paused ones"]])),
  );
}

function drawUser(user) {
  const follows = [user.entities && tellCount(user.entities, "VTuber"), user.groups && tellCount(user.groups, "group")].filter(Boolean);
  return make(
    "li",
    {},
    make("p", { class: "what" }, makeLink(`#/users/${user.id}`, tellUser(user)), user.paused && makeBadge("paused", "wait")),
    user.paused ? make("p", { class: "why" }, user.paused) : null,
    make("p", { class: "hint" }, `${tellIm(user.im)} ${user.im_payload} · follows ${follows.join(" and ") || "nobody"} · since `, makeTime(user.created_at, { brief: true })),
  );
}
