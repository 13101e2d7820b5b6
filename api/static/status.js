// Keeps the status page new: asks once a second, and not at all while nobody looks.

const EVERY = 1000;
const AFTER_TROUBLE = 5000;

const pulse = document.getElementById("pulse");
const lists = [...document.querySelectorAll("[data-list]")];
let timer;
let tag;

function say(state, text) {
  if (pulse.dataset.pulse === state) return;
  pulse.dataset.pulse = state;
  pulse.textContent = text;
}

function tellTime(element, at) {
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  element.dateTime = at;
  element.title = when.toLocaleString();
  element.textContent = today
    ? when.toLocaleTimeString()
    : when.toLocaleString([], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Texts become text nodes, never markup: what platforms and people write is shown as it is.
function fill(element, row) {
  if (row.state !== undefined) element.dataset.state = row.state;
  for (const each of element.querySelectorAll("[data-text]")) {
    setText(each, String(row[each.dataset.text] ?? ""));
  }
  for (const each of element.querySelectorAll("[data-href]")) {
    const url = row[each.dataset.href];
    if (url) each.setAttribute("href", url);
    else each.removeAttribute("href");
  }
  for (const each of element.querySelectorAll("[data-time]")) {
    const at = row[each.dataset.time];
    if (each.dateTime !== at) tellTime(each, at);
  }
}

function show(list, rows) {
  const template = document.getElementById(`${list.dataset.list}-row`);
  const present = new Map([...list.children].map((element) => [element.dataset.key, element]));
  let place = list.firstElementChild;
  for (const row of rows) {
    let element = present.get(row.key);
    if (!element) {
      element = template.content.firstElementChild.cloneNode(true);
      element.dataset.key = row.key;
      element.classList.add("new");
    }
    present.delete(row.key);
    fill(element, row);
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
  for (const gone of present.values()) gone.remove();
}

async function look() {
  const answer = await fetch("status.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const seen = answer.headers.get("ETag");
  if (seen && seen === tag) return;
  const status = await answer.json();
  for (const element of document.querySelectorAll("[data-count]")) {
    const count = status.counts[element.dataset.count];
    element.dataset.value = count;
    setText(element, count.toLocaleString());
  }
  for (const list of lists) show(list, status[list.dataset.list]);
  tag = seen;
}

async function tick() {
  let pause = EVERY;
  try {
    await look();
    say("live", "live");
  } catch {
    say("lost", "not connected, trying again");
    pause = AFTER_TROUBLE;
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(tick, pause);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) tick();
});

for (const each of document.querySelectorAll("time[datetime]")) tellTime(each, each.dateTime);
tick();
