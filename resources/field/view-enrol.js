// The first minute: a code makes this the phone of a unit; then what it may use is asked for.

import { Awake } from "./awake.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { knows, say, spoken } from "./words.js";

/** `page.enrol` is `{code, isBusy, fault}`. */
export function enrolView(phone, page) {
  const { isBusy, fault } = page.enrol;
  return [
    h("div.hero", {}, h("h1", {}, say("enrol.title")), h("p", {}, say("enrol.how"))),
    h("form", { id: "enrol", novalidate: true, autocomplete: "off" },
      h("label", { for: "code" }, say("enrol.code")),
      h("input.code", { id: "code", name: "code", inputmode: "text", autocapitalize: "characters", spellcheck: "false", maxlength: 20, placeholder: "XXXX-XXXX-XXXX", enterkeyhint: "go", "aria-describedby": fault ? "fault" : null, "aria-invalid": fault ? "true" : null }),
      fault ? h("p.fault", { id: "fault" }, icon("warn", 20), h("span", {}, faultWords(fault))) : null,
      isBusy ? h("p.hint", {}, say("enrol.busy")) : null),
    h("p.hint", {}, say("enrol.where")),
  ];
}

export function enrolActs(page) {
  return h("div.acts", {}, h("button.primary", { "data-act": "enrol", disabled: page.enrol.isBusy }, icon("check", 24), say("enrol.go")), languageRow());
}

/** What went wrong, what it means, what to do. */
function faultWords({ code, message, waitMs }) {
  const key = `enrol.fault.${code}`;
  return knows(key) ? say(key, { seconds: Math.ceil((waitMs || 0) / 1000) }) : spoken(message) || say("enrol.fault.other");
}

/** Asked before a new code replaces what the phone is now. */
export function againView(phone) {
  return [h("div.hero", {}, h("h1", {}, say("enrol.again")), h("p", {}, say("enrol.again_how", { unit: phone.unitId })))];
}

export function againActs() {
  return h("div.acts", {},
    h("button.primary", { "data-act": "enrol-again" }, icon("check", 24), say("enrol.again_go")),
    h("button", { "data-act": "enrol-not" }, say("enrol.again_not")));
}

/** Inside another app's browser the phone would be enrolled there, and lost with it. */
export function insideView() {
  return [h("div.hero", {}, h("h1", {}, say("inside.title")), h("p", {}, say("inside.how")))];
}

export function insideActs() {
  return h("div.acts", {}, h("button", { "data-act": "stay-inside" }, say("inside.stay")), languageRow());
}

/** What the page would like to use, before the phone asks for leave. */
export function beginView(phone) {
  const { unitId, identity, settings } = phone;
  return [
    h("div.hero", {}, h("h1", {}, say("begin.title", { unit: [unitId, spoken(identity.name)].filter(Boolean).join(" ") })), h("p", {}, say("begin.how"))),
    switches(settings),
  ];
}

export function beginActs() {
  return h("div.acts", {}, h("button.primary", { "data-act": "begin" }, icon("check", 24), say("begin.go")), languageRow());
}

/** The switches, each with what it means. */
export function switches(settings, told = {}) {
  return h("ul.switches", {},
    toggle("share", settings.share, told.share), toggle("sound", settings.sound),
    Awake.isKnown ? toggle("awake", settings.awake) : null);
}

function toggle(name, isOn, told) {
  return h("li", { "data-key": name },
    h("button.switch", { role: "switch", "aria-checked": String(Boolean(isOn)), "data-act": "toggle", "data-name": name },
      h("b", {}, say(`switch.${name}`)), h("i.knob")),
    h("p", {}, say(`switch.${name}_how`)),
    told ? h("p.told", {}, told) : null);
}

/** Both languages, each in its own words. */
export function languageRow() {
  return h("div.row", { role: "group", "aria-label": say("me.language") }, ["zh", "en"].map((language) => (
    h("button.segment", { "data-act": "speak", "data-language": language, lang: language, "aria-pressed": String(document.documentElement.lang.startsWith(language)) }, say(`language.${language}`)))));
}
