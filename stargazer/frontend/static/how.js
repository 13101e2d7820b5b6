// How and when to hear of it: time zone, translation, quiet hours, mute.

import { find, make, makeSwitch } from "./dom.js";
import { makeKinds, showKinds } from "./kinds.js";
import { say, sayTime } from "./texts.js";

const HOUR = 3600 * 1000;
const SPANS = [1, 8, 24];
const UNTIL = { weekday: "short", hour: "2-digit", minute: "2-digit" };
const USUAL_NIGHT = { start: "23:00", end: "07:00" };
const FALLBACK_ZONES = ["UTC", "Asia/Tokyo", "Asia/Shanghai", "Europe/Berlin", "America/New_York"];

export class How {
  constructor(state) {
    this.state = state;
  }

  show() {
    const { settings } = this.state;
    find("#how").replaceChildren(
      this.makeZone(settings),
      this.makeTranslate(settings),
      this.makeQuiet(settings),
      this.makeMute(settings),
      this.makeWords(),
      ...this.makeOwnOfApp(settings),
    );
  }

  set(changes, said) {
    this.state.set(changes, said);
    this.show();
  }

  makeZone({ timezone }) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const all = Intl.supportedValuesOf?.("timeZone") ?? FALLBACK_ZONES;
    const zones = new Set(["UTC", ...all, timezone].sort());
    const change = (zone) => this.set({ timezone: zone }, say("did_timezone", { zone }));
    const select = make(
      "select",
      { id: "timezone", onchange: () => change(select.value) },
      ...[...zones].map((zone) => make("option", { value: zone, selected: zone === timezone }, zone)),
    );
    const button =
      here && here !== timezone && zones.has(here)
        ? make("button", { class: "plain", type: "button", onclick: () => change(here) }, say("timezone_here", { zone: here }))
        : null;
    return makePanel("timezone", make("label", { for: "timezone" }, say("timezone")), select, button);
  }

  makeTranslate({ translate }) {
    const change = (isOn) =>
      this.set({ translate: isOn }, say(isOn ? "did_translate" : "did_not_translate"));
    return makePanel("translate", makeSwitch(say("translate"), translate, change));
  }

  makeQuiet({ quiet_hours: hours, waking_kinds: waking }) {
    const tell = ({ start, end }) =>
      say("did_quiet", { start: start.slice(0, 5), end: end.slice(0, 5) });
    const change = (changed) => {
      // Hours that end when they begin would be all of the day, which is what mute is for.
      if (changed.start && changed.end && changed.start.slice(0, 5) !== changed.end.slice(0, 5)) {
        this.set({ quiet_hours: changed }, tell(changed));
      }
    };
    const toggle = makeSwitch(say("quiet"), hours !== null, (isOn) =>
      this.set(
        { quiet_hours: isOn ? USUAL_NIGHT : null },
        isOn ? tell(USUAL_NIGHT) : say("did_not_quiet"),
      ),
    );
    if (hours === null) return makePanel("quiet", toggle);
    const makeTime = (name) =>
      make(
        "label",
        { class: "time" },
        make("span", {}, say(`quiet_${name === "start" ? "from" : "to"}`)),
        make("input", {
          type: "time",
          value: hours[name].slice(0, 5),
          required: true,
          onchange: (event) => change({ ...hours, [name]: event.target.value }),
        }),
      );
    const kinds = makeKinds(this.state, say("waking"), (chosen) => {
      this.state.set({ waking_kinds: chosen.sort() }, say("did_waking"));
      showKinds(kinds, new Set(chosen), false);
    });
    showKinds(kinds, new Set(waking), false);
    const times = make("div", { class: "times" }, makeTime("start"), makeTime("end"));
    return makePanel("quiet", toggle, times, kinds);
  }

  makeWords() {
    const { state } = this;
    const area = make("textarea", { id: "words", rows: 3, value: state.wish.words.join("\n") });
    area.addEventListener("change", () => {
      const words = area.value.split(/[\n,、,]/).map((word) => word.trim()).filter(Boolean);
      state.change((wish) => wish.setWords([...new Set(words)]), say("did_words"));
    });
    return makePanel("words", make("label", { for: "words" }, say("words")), area);
  }

  // What one chat app can do and another cannot.
  makeOwnOfApp({ edit_live: editLive, mention }) {
    const { im, im_payload: address } = this.state.user;
    if (im === "telegram") {
      const change = (isOn) =>
        this.set({ edit_live: isOn }, say(isOn ? "did_edit_live" : "did_not_edit_live"));
      return [makePanel("edit_live", makeSwitch(say("edit_live"), editLive, change))];
    }
    if (im === "qq" && address.startsWith("group:")) {
      const change = (isOn) =>
        this.set({ mention: isOn ? "all" : "" }, say(isOn ? "did_mention" : "did_not_mention"));
      return [makePanel("mention", makeSwitch(say("mention"), mention === "all", change))];
    }
    return [];
  }

  makeMute({ muted_until: until }) {
    const end = until === null ? null : new Date(until);
    const time = (at) => sayTime(at, this.state.settings.timezone, UNTIL);
    const title = make("h2", {}, say("mute"));
    if (end !== null && end > new Date()) {
      const button = make(
        "button",
        { class: "plain", type: "button", onclick: () => this.set({ muted_until: null }, say("did_unmute")) },
        say("unmute"),
      );
      return makePanel("mute", title, make("p", {}, say("muted_until", { time: time(end) })), button);
    }
    const mute = (hours) => {
      const at = new Date(Date.now() + hours * HOUR);
      this.set({ muted_until: at.toISOString() }, say("did_mute", { time: time(at) }));
    };
    const buttons = SPANS.map((count) =>
      make("button", { class: "plain", type: "button", onclick: () => mute(count) }, say("mute_for", { count })),
    );
    return makePanel("mute", title, make("div", { class: "buttons" }, ...buttons));
  }
}

function makePanel(name, ...children) {
  return make("section", { class: `panel ${name}` }, ...children, make("p", { class: "hint" }, say(`${name}_hint`)));
}
