// What messages look like, and what became of the last ones.

import { ApiError, call } from "./api.js";
import { find, make } from "./dom.js";
import { tellName } from "./names.js";
import { getLanguage, say, sayTime } from "./texts.js";

const LATEST = 20;
const WHEN = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };

export class Messages {
  constructor(state) {
    this.state = state;
  }

  // Asks anew each time, as both follow from what was chosen meanwhile.
  async show() {
    const previews = make("div", { class: "bubbles" });
    const history = make("ol", { class: "history" });
    const again = make("button", { class: "plain", type: "button", onclick: () => this.show() }, say("reload"));
    find("#messages").replaceChildren(
      make("section", { class: "panel" }, make("h2", {}, say("history")), make("p", { class: "hint" }, say("history_hint")), history, again),
      make("section", { class: "panel" }, make("h2", {}, say("previews")), make("p", { class: "hint" }, say("previews_hint")), previews),
    );
    try {
      const [told, shown] = await Promise.all([
        call("getDeliveries", { limit: LATEST, explain: true }),
        call("getPreviews"),
      ]);
      history.replaceChildren(...told.deliveries.map((each) => this.makeDelivery(each)));
      if (!told.deliveries.length) history.replaceWith(make("p", { class: "hint" }, say("history_none")));
      previews.replaceChildren(...shown.previews.map((each) => makeBubble(each)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state.tell("lost", error, () => this.show());
    }
  }

  makeDelivery({ state, kind, entity_id: entity, created_at: at, headline, sentence }) {
    const known = this.state.entities.find((each) => each.id === entity);
    const name = known ? tellName(known.meta.name, getLanguage()) : "";
    const when = sayTime(new Date(at), this.state.settings.timezone, WHEN);
    return make(
      "li",
      { data: { state } },
      make("p", { class: "what", dir: "auto" }, headline || [name, kind].filter(Boolean).join(" · ")),
      make("p", { class: "hint" }, make("span", { class: "state" }, say(`state_${state}`)), ` · ${when}`),
      make("p", { class: "why", dir: "auto" }, sentence),
    );
  }
}

function makeBubble({ kind, headline, lines, url }) {
  return make(
    "article",
    { class: "bubble", data: { kind } },
    make("p", { class: "headline", dir: "auto" }, headline),
    ...lines.map((line) => make("p", { dir: "auto" }, line)),
    url ? make("p", { class: "link" }, url) : null,
  );
}
