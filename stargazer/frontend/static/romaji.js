// How kana is written in Latin letters (Hepburn), so that either finds the other.

const ROWS = {
  "": "あいうえお",
  k: "かきくけこ",
  s: "さしすせそ",
  t: "たちつてと",
  n: "なにぬねの",
  h: "はひふへほ",
  m: "まみむめも",
  r: "らりるれろ",
  g: "がぎぐげご",
  z: "ざじずぜぞ",
  d: "だぢづでど",
  b: "ばびぶべぼ",
  p: "ぱぴぷぺぽ",
};
const OTHERS = { し: "shi", ち: "chi", つ: "tsu", ふ: "fu", じ: "ji", ぢ: "ji", づ: "zu", や: "ya", ゆ: "yu", よ: "yo", わ: "wa", を: "o", ん: "n", ゔ: "vu" };
const SMALL = { ゃ: "ya", ゅ: "yu", ょ: "yo", ぁ: "a", ぃ: "i", ぅ: "u", ぇ: "e", ぉ: "o" };
const LETTERS = new Map(
  Object.entries(ROWS).flatMap(([consonant, row]) => [...row].map((kana, vowel) => [kana, consonant + "aiueo"[vowel]])),
);
for (const [kana, letters] of Object.entries(OTHERS)) LETTERS.set(kana, letters);

// Of hiragana; all else stays. Long vowels are as short as most names are written.
export function romanise(text) {
  let written = "";
  let isDoubled = false;
  for (const kana of text) {
    const small = SMALL[kana];
    let letters = LETTERS.get(kana) ?? small ?? kana;
    if (small && /[a-z][iue]$/.test(written)) {
      // きゃ is kya, しゃ is sha, ふぁ is fa.
      written = written.slice(0, -1);
      if (small.startsWith("y") && /(sh|ch|j)$/.test(written)) letters = small.slice(1);
    }
    if (isDoubled) letters = (letters.startsWith("ch") ? "t" : letters[0]) + letters;
    isDoubled = kana === "っ";
    if (!isDoubled && kana !== "ー") written += letters;
  }
  return written.replace(/ou|oo|oh(?![aeiou])/g, "o").replace(/uu/g, "u");
}
