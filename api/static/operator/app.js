// What a view may do: call the API as the account that signed in, say what it does, ask, go on.

import { ApiError, callWith } from "/settings/api.js";
import { find, make } from "/settings/dom.js";
import { askFor, askToSignIn } from "./dialogs.js";
import { renewTimes } from "./times.js";

const KEPT = "stargazer.operator";
const LASTING = 6000;
const RENEWED = 15000;
const AWAY = ["unreachable", "unreadable", "unavailable"];

// Whether it is worth trying again: the API, or what it needs, does not answer now.
export function isAway(error) {
  return error instanceof ApiError && (AWAY.includes(error.code) || error.status >= 500);
}

// A token that is unknown or over; an account that may not do this is another matter.
function isSignedOut(error) {
  return error.status === 401 || error.code === "wrong_credentials";
}

export class App {
  #login = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  #signingIn;
  #stops = new Set();
  #silence;
  #heading;

  // `pages` are the names of those that there are, to which others may lead.
  constructor(pages) {
    this.pages = pages;
    setInterval(renewTimes, RENEWED);
    find("#word button").addEventListener("click", () => (find("#word").hidden = true));
  }

  get username() {
    return this.#login?.username ?? "";
  }

  get mayChange() {
    return this.may("admin:rw");
  }

  // A permission such as `coordinator:rw`; who may write may read.
  may(permission) {
    const [component, level] = permission.split(":");
    const has = this.#login?.permissions?.[component];
    return has === "rw" || (has !== undefined && has === level);
  }

  // Gives the data. When the login is over the operator signs in, with all that is on the screen
  // left as it is, and the call goes on.
  async call(method, params = {}, patience = undefined) {
    await this.ensureSignedIn();
    const { token } = this.#login;
    try {
      const data = await callWith(token, method, params, patience);
      this.#tellTrouble("");
      return data;
    } catch (error) {
      if (isAway(error)) this.#tellTrouble(explain(error));
      else this.#tellTrouble("");
      if (!isSignedOut(error)) throw error;
      // Another call may have met the same, and have a new token already.
      if (this.#login?.token === token) this.signOut();
      return this.call(method, params, patience);
    }
  }

  async ensureSignedIn() {
    if (this.#login) return;
    this.#signingIn ??= askToSignIn(this.#heading ? "Your login is over. What you see stays as it is." : "");
    this.#login = await this.#signingIn;
    this.#signingIn = undefined;
    sessionStorage.setItem(KEPT, JSON.stringify(this.#login));
  }

  signOut() {
    this.#login = null;
    sessionStorage.removeItem(KEPT);
  }

  // Says that it is being done, that it is done, or what went wrong; gives undefined after that.
  async act(said, promise) {
    this.say(`${said} …`, "saving");
    try {
      const data = await promise;
      this.say(`${said}: done`, "saved");
      return data ?? {};
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.say(`${said}: not done. ${explain(error)}`, "lost");
      return undefined;
    }
  }

  say(text, how = "saved") {
    const word = find("#word");
    const [span, button] = word.children;
    clearTimeout(this.#silence);
    word.dataset.how = how;
    word.hidden = false;
    span.textContent = text;
    button.hidden = how !== "lost";
    if (how === "saved") this.#silence = setTimeout(() => (word.hidden = true), LASTING);
  }

  confirm(text, yes = "Do it") {
    return askFor(text, yes);
  }

  go(hash) {
    location.hash = hash.startsWith("#") ? hash : `#${hash}`;
  }

  // Makes the heading of what is shown from now on.
  makeHeading(title) {
    this.#heading = make("h1", {});
    this.setTitle(title);
    return this.#heading;
  }

  setTitle(title) {
    this.#heading.textContent = title;
    document.title = `${title} · Stargazer`;
  }

  // Runs it now and again, so long after each has ended, while the tab is seen and until the view is
  // left; the first one throws, and for what comes after it an outage is only said.
  async poll(pause, run) {
    let timer;
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      this.#stops.delete(stop);
    };
    const again = async () => {
      timer = undefined;
      try {
        await run();
      } catch (error) {
        if (!isAway(error)) this.say(explain(error), "lost");
      }
      plan();
    };
    const plan = () => {
      if (!isStopped && !document.hidden && timer === undefined) timer = setTimeout(again, pause);
    };
    const look = () => {
      clearTimeout(timer);
      timer = undefined;
      if (!isStopped && !document.hidden) again();
    };
    this.#stops.add(stop);
    await run();
    if (isStopped) return;
    document.addEventListener("visibilitychange", look);
    plan();
  }

  stopTimers() {
    for (const stop of [...this.#stops]) stop();
  }

  #tellTrouble(text) {
    const trouble = find("#trouble");
    if (trouble.textContent !== text) trouble.textContent = text;
    trouble.hidden = !text;
  }
}

export function explain(error) {
  if (error.code === "unreachable") return "Stargazer's web process does not answer. This page goes on trying.";
  if (error.code === "unavailable") return "Stargazer's database or its Redis does not answer. This page goes on trying.";
  if (error.code === "permission_denied") return "Your account may not do this.";
  if (isAway(error)) return `Stargazer's answer is an error (${error.status}); its log says why. This page goes on trying.`;
  return error.message;
}
