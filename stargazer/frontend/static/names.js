// Names in the reader's language, and finding them in whatever script they are typed.

import { romanise } from "./romaji.js";

const KATAKANA = /[\u30a1-\u30f6]/g;
const TO_HIRAGANA = 0x60;
const ACCENTS = /[\u0300-\u036f]/g;
const UNHEARD = /[\s\u30fb\uff65.,'’`´~〜_\-‐–—]/g;

export function tellName(name, language) {
  const base = language.split("-")[0];
  return name.name[language] ?? name.name[base] ?? name.name[name.default_language];
}

// Its own name where that is another one.
export function tellOtherName(name, language) {
  const told = tellName(name, language);
  const others = [name.name[name.default_language], name.name.en, ...Object.values(name.name)];
  return others.find((each) => each && each !== told) ?? "";
}

// Width, case, accents, kana and what is between the letters do not matter.
export function fold(text) {
  return text
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - TO_HIRAGANA))
    .replace(UNHEARD, "");
}

// All names, as they are written and in Latin letters.
export function makeHaystack(...names) {
  const all = names.filter(Boolean).flatMap((name) => Object.values(name.name)).map(fold);
  return [...all, ...all.map(romanise)].join("\n");
}

// Each word of the question has to be somewhere in a name.
export function matches(haystack, question) {
  const words = question.split(/\s+/).map(fold);
  return words.every((word) => haystack.includes(word) || haystack.includes(romanise(word)));
}

export function groupBy(items, getKey) {
  const groups = new Map();
  for (const item of items) {
    const key = getKey(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function sortByName(items, getName, language) {
  const order = new Intl.Collator(language).compare;
  return [...items].sort((one, other) => order(getName(one), getName(other)));
}
