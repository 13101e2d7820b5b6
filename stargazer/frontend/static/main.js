// Opens the page for whoever came with a link, and closes it when the link's time is over.

import { ApiError, call, forgetToken, getToken, takeToken } from "./api.js";
import { find, make, makeFace } from "./dom.js";
import { Follow } from "./follow.js";
import { How } from "./how.js";
import { Messages } from "./messages.js";
import { State } from "./state.js";
import { LANGUAGES, choose, getLanguage, say } from "./texts.js";

const MINUTE = 60 * 1000;
const LASTING = 6000;
const tabs = [...document.querySelectorAll("[role=tab]")];

let state;
let views;
let validUntil;
let silence;

function tell(how, what, act) {
  const word = find("#word");
  const [text, button] = word.children;
  const isLost = how === "lost" || how === "refused";
  if (isLost && what.isOver) return close("over");
  word.dataset.how = how;
  const said = isLost ? say("not_saved", { why: explain(what) }) : what;
  if (how === "saving") text.textContent = said ? `${said} …` : say("saving");
  else if (how === "saved") text.textContent = said ? `${said} · ${say("saved")}` : say("undone");
  else text.textContent = said;
  button.hidden = !act || how === "saving";
  button.textContent = say(how === "lost" ? "try_again" : "undo");
  button.onclick = act ?? null;
  word.hidden = false;
  clearTimeout(silence);
  if (how === "saved") silence = setTimeout(() => (word.hidden = true), LASTING);
}

function explain(error) {
  return error.code === "unreachable" ? say("closed_trouble") : error.message;
}

function close(why, again) {
  if (why === "over") forgetToken();
  find("#open").hidden = true;
  find("#word").hidden = true;
  find("#closed").hidden = false;
  find("#closed-title").textContent = say(`closed_${why}`);
  find("#closed-text").textContent = say(`closed_${why}_text`);
  const button = find("#again");
  button.hidden = !again;
  button.onclick = again ?? null;
}

function showUser() {
  const { user } = state;
  const chat = user.name || `${user.im} ${user.im_payload}`;
  find("#chat").textContent = say("settings_of", { chat });
  const whose = find("#whose");
  whose.querySelector(".face")?.remove();
  whose.prepend(makeFace(chat, user.id));
  whose.hidden = false;
  const paused = find("#paused");
  paused.hidden = !user.paused;
  if (user.paused) paused.textContent = say("paused", { why: user.paused });
  showTime();
}

function showTime() {
  const left = Math.floor((validUntil - Date.now()) / MINUTE);
  if (validUntil <= Date.now()) return close("over");
  const span = say("minutes", { count: left });
  find("#lasts").textContent = left > 0 ? say("lasts", { span }) : say("lasts_hardly");
}

function draw() {
  views.follow.refresh();
  if (!find("#how").hidden) views.how.show();
}

function drawAll() {
  showUser();
  views.follow.show();
  showTab(tabs.find((tab) => tab.ariaSelected === "true") ?? tabs[0]);
}

function showTab(chosen) {
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    tab.ariaSelected = String(isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    find(`#${tab.getAttribute("aria-controls")}`).hidden = !isChosen;
  }
  if (chosen.id === "tab-how") views.how.show();
  if (chosen.id === "tab-messages") views.messages.show();
}

function listenToTabs() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => showTab(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      next.focus();
      showTab(next);
    });
  }
}

function listenToLanguage() {
  const select = find("#language");
  select.replaceChildren(
    ...Object.entries(LANGUAGES).map(([code, name]) => make("option", { value: code, lang: code }, name)),
  );
  select.addEventListener("change", () => {
    choose(select.value);
    if (!state) return;
    state.set({ language: select.value }, say("did_language"));
    drawAll();
  });
}

async function open() {
  find("#closed").hidden = true;
  try {
    const me = await call("authMe");
    const [catalogue, { groups }, { kinds }] = await Promise.all([
      call("getEntities"),
      call("getGroups"),
      call("getEventKinds"),
    ]);
    validUntil = me.valid_until * 1000;
    choose(me.user.settings.language);
    find("#language").value = getLanguage();
    state = new State(me.user, { entities: catalogue.entities, groups, kinds }, tell, draw);
    views = { follow: new Follow(state), how: new How(state), messages: new Messages(state) };
    find("#open").hidden = false;
    drawAll();
    setInterval(showTime, MINUTE / 4);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isOver) close("over");
    else close("trouble", open);
  }
}

// The other region takes the same link.
find("footer a")?.addEventListener("click", ({ currentTarget: link }) => {
  link.hash = getToken();
});

choose(...navigator.languages);
listenToTabs();
listenToLanguage();
find("#language").value = getLanguage();
takeToken();
if (getToken()) open();
else close("missing");

// A new link, opened in the same tab, is another page.
addEventListener("hashchange", () => takeToken() && location.reload());
