// What things are called for people: platforms, chat apps, states, and what a chat has chosen.

export const PLATFORMS = {
  youtube: "YouTube",
  twitter: "X",
  bilibili: "bilibili posts",
  bililive: "bilibili live",
  twitch: "Twitch",
  feed: "Feed",
  stargazer: "Stargazer",
};

export const IMS = {
  telegram: "Telegram",
  discord: "Discord",
  qq: "QQ",
  webhook: "Webhook",
  apprise: "Apprise",
  web: "Web inbox",
};

// [in short, what it means, how it looks]
export const EVENT_STATES = {
  open: ["on its way", "It is being treated, or about to be given to all who want it.", "wait"],
  held: ["held", "A middleware keeps it until later, such as a reminder until its time.", "wait"],
  away: ["away", "It is with somebody else's middleware, which has ten minutes to send it back.", "wait"],
  done: ["told", "It was given to all who wanted it; below is what became of each.", "good"],
  stale: ["too late", "It was no news any more when it was ready, so nobody was told.", "bad"],
  swallowed: ["ended", "A middleware ended it: nobody is told.", "wait"],
  dead: ["stuck", "It could not go on, and waits among the dead letters for you to decide.", "bad"],
};

export const DELIVERY_STATES = {
  pending: ["waits", "wait"],
  sent: ["sent", "good"],
  failed: ["failed", "bad"],
  dropped: ["not sent", ""],
  unknown: ["unclear", "wait"],
};

const WITNESSES = {
  push: "A hub pushed it",
  feed: "The feed had it",
  uploads: "The channel's list of uploads had it",
  videos: "We asked for it",
};

export function tellWitness(witness) {
  return WITNESSES[witness] ?? witness;
}

const STEPS = {
  treated: "treated it",
  held: "holds it",
  released: "let it go on",
  swallowed: "ended it",
  replaced: "put another one in its place",
  cancelled: "cancelled it",
  failed: "failed, and let it go on as it was",
  sent_away: "has it, elsewhere",
  dead: "could not let it go on",
  retried: "sent it on again",
};

export function tellStep(what) {
  return STEPS[what] ?? what;
}

// In the same order everywhere.
export function sortTasks(tasks) {
  const order = Object.keys(PLATFORMS);
  return [...tasks].sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
}

const PAGES = {
  youtube: ({ channel_id: id }) => `https://www.youtube.com/channel/${id}`,
  twitter: ({ id }) => `https://x.com/${id}`,
  bilibili: ({ uid }) => `https://space.bilibili.com/${uid}`,
  bililive: ({ uid }) => `https://space.bilibili.com/${uid}`,
  twitch: ({ login }) => `https://www.twitch.tv/${login}`,
  feed: ({ url }) => url,
};

export function tellPlatform(kind) {
  return PLATFORMS[kind] ?? kind;
}

export function tellAccount({ kind, params }) {
  const name = Object.values(params).join(" ");
  return ["twitter", "twitch"].includes(kind) ? `@${name}` : name;
}

export function findAccountPage({ kind, params }) {
  return PAGES[kind]?.(params) ?? "";
}

export function tellIm(im) {
  return IMS[im] ?? im;
}

export function tellUser({ name, im, im_payload: address }) {
  return name || `${tellIm(im)} ${address}`;
}

export function tellCount(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function tellList(items, most = 12) {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest.toLocaleString("en")} more`;
  return new Intl.ListFormat("en").format(shown);
}

// A filter in sentences.
export function tellFilter(filter, catalogue) {
  const entity = (id) => catalogue.tellEntity(id);
  const kinds = (list) => (list.length ? tellList(list.map((kind) => tellKindFully(kind, catalogue)), 30) : "nothing");
  const said = [];
  if (filter.entities.length) said.push(`Follows ${tellList(filter.entities.map(entity))}.`);
  if (filter.groups.length) {
    const without = filter.without_entities.length ? `, but not ${tellList(filter.without_entities.map(entity))}` : "";
    said.push(`Follows everybody of ${tellList(filter.groups.map((id) => catalogue.tellGroup(id)))}${without}.`);
  }
  if (!said.length) return ["Follows nobody, and so hears nothing."];
  said.push(`Hears of: ${kinds(filter.kinds)}.`);
  for (const [id, own] of Object.entries(filter.kinds_by_entity)) said.push(`Of ${entity(id)} instead: ${kinds(own)}.`);
  return [...said, ...filter.rules.map((rule) => tellRule(rule, catalogue))];
}

function tellKindFully(kind, catalogue) {
  return `${catalogue.tellKind(kind)} (${tellPlatform(kind.split("/")[0])})`;
}

export function tellRule(rule, catalogue) {
  const either = new Intl.ListFormat("en", { type: "disjunction" });
  const quote = (words) => either.format(words.map((word) => `“${word}”`));
  const conditions = [
    rule.any_of.length && `it says ${quote(rule.any_of)}`,
    rule.none_of.length && `it does not say ${quote(rule.none_of)}`,
    rule.languages.length && `it is in ${either.format(rule.languages)}`,
    rule.media !== null && `it has ${rule.media ? "" : "no "}pictures or videos`,
    rule.shorts !== null && `it is ${rule.shorts ? "" : "not "}a Short`,
  ].filter(Boolean);
  const about = rule.entities.length ? ` of ${tellList(rule.entities.map((id) => catalogue.tellEntity(id)))}` : "";
  const what = rule.kinds.length ? tellList(rule.kinds.map((kind) => tellKindFully(kind, catalogue))) : "Anything";
  return `${what}${about} only if ${conditions.join(", and ")}.`;
}

// Settings as [name, what is chosen].
export function tellSettings(settings, catalogue) {
  const { quiet_hours: quiet, silent_kinds: silent, muted_until: muted } = settings;
  const kinds = (list) => (list.length ? tellList(list.map((kind) => tellKindFully(kind, catalogue)), 30) : "none");
  return [
    ["Language", settings.language],
    ["Time zone", settings.timezone],
    ["Translations", settings.translate ? "wanted" : "not wanted"],
    ["Quiet hours", quiet ? `${quiet.start.slice(0, 5)} to ${quiet.end.slice(0, 5)}` : "none"],
    ["Told even then", quiet ? kinds(settings.waking_kinds) : null],
    ["Muted until", muted && Date.parse(muted) > Date.now() ? new Date(muted).toLocaleString() : null],
    ["Without a sound", silent ? kinds(silent) : "the usual kinds"],
    ["Called at a start", { "": "nobody", all: "everybody" }[settings.mention] ?? `role ${settings.mention}`],
    ["“Is live” becomes “has ended”", settings.edit_live ? "yes" : "no"],
  ];
}
