// Lets an operator in, shows the page that the address names, and keeps trying when nobody answers.

import { find, make } from "/settings/dom.js";
import { App, isAway } from "./app.js";
import { listenToDialogs } from "./dialogs.js";
import { views } from "./views.js";

const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30000;

const app = new App(views.map(({ name }) => name));
let shown;
let turn = 0;

function readAddress() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name = "", ...rest] = path.split("/").filter(Boolean).map(decode);
  return { name, path: rest, query: new URLSearchParams(query) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function drawPages() {
  find("#pages").replaceChildren(
    ...views.map(({ name, title }) => make("li", {}, make("a", { href: `#/${name}`, data: { page: name } }, title))),
  );
}

function markPage(name) {
  for (const link of document.querySelectorAll("#pages a")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// Gives the number of what comes next, by which that knows when it is left in its turn.
async function leave() {
  turn += 1;
  const mine = turn;
  const left = shown;
  shown = undefined;
  app.stopTimers();
  await left?.leave?.();
  return mine;
}

// What is drawn after the reader has gone on lands in an element that nobody sees.
async function show({ keepFocus = false } = {}) {
  const mine = await leave();
  if (mine !== turn) return;
  const { name, path, query } = readAddress();
  const view = views.find((each) => each.name === name);
  if (!view) return location.replace(`#/${views[0].name}`);
  if (!app.may("admin:ro")) return showForbidden();
  const main = find("#main");
  markPage(name);
  closeMenu();
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const root = make("div", { class: `view view-${name}` });
    main.replaceChildren(app.makeHeading(view.title), root);
    if (!keepFocus) main.focus({ preventScroll: true });
    scrollTo(0, 0);
    shown = view;
    try {
      return await view.show(root, { path, query, app });
    } catch (error) {
      if (mine !== turn) return;
      if (!isAway(error)) return showError(root, error);
      root.replaceChildren(make("p", { class: "empty" }, "This will be here as soon as Stargazer answers."));
      await new Promise((done) => setTimeout(done, pause));
      if (mine !== turn) return;
    }
  }
}

function showError(root, error) {
  root.replaceChildren(
    make(
      "div",
      { class: "panel" },
      make("p", {}, error.code === "permission_denied" ? "Your account may not see this." : error.message),
      make("div", { class: "buttons" }, make("button", { class: "plain", onclick: () => show() }, "Try again")),
    ),
  );
  // What we have not thought of belongs to whoever looks for it.
  if (!error.code) throw error;
}

function showForbidden() {
  const add = `stargazer auth add ${app.username} admin:ro …`;
  find("#main").replaceChildren(
    app.makeHeading("Not for this account"),
    make(
      "div",
      { class: "panel" },
      make("p", {}, `The account ${app.username} may not read what is for operators.`),
      make("p", {}, "Sign out and sign in with another one, or give it the permission, with all others that it needs, where Stargazer runs: ", make("code", {}, add)),
    ),
  );
}

function closeMenu() {
  find("#menu").ariaExpanded = "false";
}

function listen() {
  find("#menu").addEventListener("click", ({ currentTarget: menu }) => {
    menu.ariaExpanded = String(menu.ariaExpanded !== "true");
  });
  find("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    find("#main").focus();
  });
  find("#sign-out").addEventListener("click", () => {
    app.signOut();
    location.reload();
  });
  addEventListener("hashchange", () => show());
}

async function open() {
  drawPages();
  listenToDialogs();
  await app.ensureSignedIn();
  find("#me").textContent = `${app.username}${app.mayChange ? "" : " (reads only)"}`;
  find("#nav").hidden = false;
  find("#menu").hidden = false;
  listen();
  await show({ keepFocus: true });
}

open();
