// What the page says: sentences by key from the console's own catalogue, and names of types.

let sentences = { zh: {}, en: {} };
let kinds = new Map();
let chosen = "zh";

/** Fetch the words. Throws when there are none, neither from the server nor kept. */
export async function loadWords() {
  const answer = await fetch("field/words.json");
  if (!answer.ok) throw new Error(`words.json: ${answer.status}`);
  const said = await answer.json();
  sentences = said.sentences;
  kinds = new Map(said.types.map((kind) => [kind.code, kind]));
}

/** The language of the phone: Chinese, or English for all others. */
export function phoneLanguage() {
  return (navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function language() {
  return chosen;
}

/** Speak `wanted` from now on. */
export function speak(wanted) {
  chosen = wanted === "en" ? "en" : "zh";
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}

/** The sentence at `key`, with `{name}` replaced by `args.name`. */
export function say(key, args = {}) {
  return sayIn(chosen, key, args);
}

/** The same in one language, whichever is spoken. */
export function sayIn(wanted, key, args = {}) {
  const sentence = sentences[wanted][key];
  if (sentence === undefined) throw new Error(`no sentence ${key}`);
  return sentence.replace(/{(\w+)}/g, (_, name) => String(args[name]));
}

export function knows(key) {
  return sentences[chosen][key] !== undefined;
}

/** A text in two languages, in the one spoken; the other where this one is empty. */
export function spoken(text) {
  if (!text) return "";
  return chosen === "zh" ? text.zh || text.en : text.en || text.zh;
}

/** What a type of incident is called; its code when the table does not know it. */
export function kindName(code) {
  const kind = kinds.get(code);
  return kind ? spoken(kind) : code;
}

/** The types of incident: `{code, priority, zh, en}`. */
export function allKinds() {
  return [...kinds.values()];
}
