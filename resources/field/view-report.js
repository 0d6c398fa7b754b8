// Reporting an incident: a form that keeps what was typed, whatever happens to the page.

import { h } from "./dom.js";
import { ageOf } from "./format.js";
import { icon, ring } from "./icons.js";
import { allKinds, say, spoken } from "./words.js";

const DRAFT = "trellis-field-draft";
const FRESH_MS = 10 * 60_000;

/** The form; built once, so that nothing typed is touched. */
export function reportView() {
  const draft = kept();
  return [
    h("div.hero.small", {}, h("h1", {}, say("report.title"))),
    h("form", { id: "report", novalidate: true, autocomplete: "off" },
      h("label", { for: "kind" }, say("report.kind")),
      h("select", { id: "kind", name: "kind" }, h("option", { value: "" }, say("report.choose")),
        allKinds().map((kind) => h("option", { value: kind.code, selected: draft.kind === kind.code }, spoken(kind)))),
      h("fieldset", {}, h("legend", {}, say("report.priority")),
        h("div.row", {}, [1, 2, 3, 4].map((p) => priority(p, Number(draft.priority))))),
      h("label", { for: "address" }, say("report.address")),
      h("input", { id: "address", name: "address", maxlength: 200, value: draft.address || "", placeholder: say("report.address_hint") }),
      h("p.hint", { id: "place" }),
      h("label", { for: "words" }, say("report.words")),
      h("textarea", { id: "words", name: "words", rows: 4, maxlength: 2000, placeholder: say("report.words_hint") }, draft.words || ""),
      h("p.fault", { id: "report-fault", hidden: true }, icon("warn", 20), h("span"))),
  ];
}

export function reportActs() {
  return h("div.acts", {},
    h("button.primary", { "data-act": "send-report" }, icon("send", 22), say("report.go")),
    h("div.row", {}, h("button.square", { "data-act": "list", "aria-label": say("do.list") }, icon("back", 24)),
      h("button", { "data-act": "drop-report" }, say("report.drop"))));
}

function priority(number, chosen) {
  return h(`label.segment.p${number}`, {}, h("input", { type: "radio", name: "priority", value: number, checked: chosen === number, "aria-label": say(`common.priority.p${number}`) }), h("span", {}, ring(number, 32)));
}

/** Where the report would say it is: told beneath the address. */
export function showPlace(phone) {
  const line = document.getElementById("place");
  if (line) line.textContent = placeOf(phone).words;
}

/** The best place there is: `{place, isExact, words}`; without any, `place` is null. */
export function placeOf(phone) {
  const { here } = phone.position;
  const now = phone.clock.now();
  if (here && now - here.at < FRESH_MS) {
    const words = say("report.here", { accuracy: Math.round(here.accuracy), age: ageOf(here.at, now) });
    return { place: here, isExact: true, words };
  }
  const { lon, lat } = phone.identity;
  const isKnown = Number.isFinite(lon) && Number.isFinite(lat);
  if (here || isKnown) {
    const place = here || { lon, lat };
    return { place, isExact: false, words: say(here ? "report.stale" : "report.home") };
  }
  return { place: null, isExact: false, words: say("report.nowhere") };
}

/** What is in the form; `fault` says what is missing. */
export function reportIn(form, phone) {
  const { kind, priority: weight, address, words } = Object.fromEntries(new FormData(form));
  const { place, isExact } = placeOf(phone);
  const fault = !kind ? "no_kind" : !place ? "no_place" : !isExact && !address.trim() ? "no_address" : null;
  return { fault, isExact, report: { kind, priority: Number(weight || usual(kind)), place, address: address.trim(), words: words.trim() } };
}

/** The priority that a type usually has. */
export function usual(code) {
  const kind = allKinds().find((k) => k.code === code);
  return kind ? kind.priority : 3;
}

export function keepDraft(form) {
  localStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(new FormData(form))));
}

export function dropDraft() {
  localStorage.removeItem(DRAFT);
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(DRAFT)) || {};
  } catch {
    return {};
  }
}
