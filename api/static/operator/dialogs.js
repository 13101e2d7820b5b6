// The two questions that stop everything else: who are you, and do you mean it.

import { ApiError, callWith } from "/settings/api.js";
import { find } from "/settings/dom.js";

const WRONG = {
  wrong_credentials: "No account has this name and this password.",
  permission_denied: "This account may not call the API.",
  unreachable: "Stargazer's web process does not answer. Try again in a moment.",
  unavailable: "Stargazer's database does not answer. Try again in a moment.",
};

let answer = () => {};
let isSignedIn = true;

export function listenToDialogs() {
  const confirm = find("#confirm");
  confirm.addEventListener("close", () => answer(confirm.returnValue === "yes"));
  const signIn = find("#sign-in");
  // There is nothing behind it to go back to.
  signIn.addEventListener("cancel", (event) => event.preventDefault());
  signIn.addEventListener("close", () => isSignedIn || signIn.showModal());
}

// Gives a Promise of whether the operator means it.
export function askFor(text, yes) {
  const confirm = find("#confirm");
  find("#confirm-text").textContent = text;
  find("#confirm-yes").textContent = yes;
  confirm.returnValue = "no";
  confirm.showModal();
  return new Promise((done) => (answer = done));
}

// Gives a Promise of the login: its token, name and permissions. It asks until one is right.
export function askToSignIn(why) {
  const dialog = find("#sign-in");
  const form = dialog.querySelector("form");
  const wrong = find("#sign-in-wrong");
  if (why) find("#sign-in-why").textContent = why;
  isSignedIn = false;
  dialog.showModal();
  return new Promise((done) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const { username, password } = Object.fromEntries(new FormData(form));
      const button = form.querySelector("button");
      button.disabled = true;
      wrong.textContent = "";
      try {
        const login = await callWith("", "login", { username, password });
        isSignedIn = true;
        dialog.close();
        done({ username, token: login.token, permissions: login.permissions });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        wrong.textContent = WRONG[error.code] ?? error.message;
        form.password.focus();
        form.password.select();
      } finally {
        button.disabled = false;
        if (isSignedIn) form.password.value = "";
      }
    };
  });
}
