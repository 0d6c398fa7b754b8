// The phone itself: who it is, what it shares, how it looks, what it has not sent.

import { h } from "./dom.js";
import { ageOf, timeOf } from "./format.js";
import { icon } from "./icons.js";
import { standingOf } from "./queue.js";
import { knows, say, spoken } from "./words.js";
import { languageRow, switches } from "./view-enrol.js";

export function meView(phone, page) {
  const name = [phone.unitId, spoken(phone.identity.name)].filter(Boolean).join(" ");
  return [
    h("div.hero.small", {}, h("h1", {}, name), h("p", {}, say("me.server", { host: location.host }))),
    h("section", {}, h("h2", {}, say("me.duty")), duty(phone)),
    h("section", {}, switches(phone.settings, { share: shared(phone) })),
    h("section", {}, h("h2", {}, say("me.language")), languageRow()),
    h("section", {}, h("h2", {}, say("me.look")), looks(phone.settings.look)),
    h("section", {}, h("h2", {}, say("me.unsent")), unsent(phone)),
    h("section", {}, h("h2", {}, say("me.leave")), h("p.hint", {}, say("me.leave_how")),
      page.isLeaving
        ? h("div.row", {}, h("button", { "data-act": "leave-not" }, say("sheet.cancel")), h("button.grave", { "data-act": "leave-yes" }, say("me.leave_yes")))
        : h("button", { "data-act": "leave" }, say("me.leave_go"))),
    h("p.hint", {}, say("me.keep_open")),
  ];
}

export function meActs() {
  return h("div.acts", {}, h("button", { "data-act": "list" }, icon("back", 22), say("do.list")));
}

function saidIn({ type, step, status }) {
  if (type === "AdvanceCommand") return say(`step.${step}`);
  return type === "ReportIncident" ? say("report.open") : say(`duty.${status}`);
}

/** When the position was measured that the centre has, or why it has none of now. */
function shared(phone) {
  const { state, here, last, refusal } = phone.position;
  if (state === "on" && !last) return say("position.waits");
  return say(`position.${state === "on" ? "sent" : state}`, {
    age: here ? ageOf((last || here).at, Date.now()) : "",
    accuracy: here ? Math.round(here.accuracy) : 0,
    reason: knows(`refused.${refusal}`) ? say(`refused.${refusal}`) : refusal,
  });
}

/** On or off duty, as this phone last said; the desk may have said otherwise since. */
function duty(phone) {
  const entry = phone.declared;
  const status = entry ? entry.request.status : "";
  if (phone.help.isCalling) return h("p.hint", { id: "declared" }, say("help.first"));
  return [
    h("div.row", { role: "group" }, ["free", "off"].map((name) => (
      h("button.segment", { "data-act": "declare", "data-status": name, "aria-pressed": String(status === name) }, say(`duty.${name}`))))),
    h("p.hint", { id: "declared" }, entry ? say("duty.said", { time: timeOf(entry.at, phone.clock.now()), state: say(standingOf(entry)) }) : say("duty.how")),
  ];
}

function looks(look) {
  return h("div.row", { role: "group" }, ["auto", "light", "dark"].map((name) => (
    h("button.segment", { "data-act": "look", "data-look": name, "aria-pressed": String(look === name) }, say(`look.${name}`)))));
}

function unsent(phone) {
  const entries = phone.queue.entries.filter((e) => e.state === "pending");
  if (!entries.length) return h("p.hint", {}, say("me.all_sent"));
  return h("ol.log", {}, entries.map((e) => h("li", { "data-key": e.key, "data-state": "pending" },
    h("time", {}, timeOf(e.at, phone.clock.now())),
    h("b", {}, saidIn(e.request)),
    h("span", {}, icon("clock", 16), e.unit_id))));
}
