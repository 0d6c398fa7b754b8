// The phone itself: who it is, what it shares, how it looks, what it has not sent.

import { h } from "./dom.js";
import { ageOf, timeOf } from "./format.js";
import { icon } from "./icons.js";
import { say, spoken } from "./words.js";
import { languageRow, switches } from "./view-enrol.js";

export function meView(phone, page) {
  const name = [phone.unitId, spoken(phone.identity.name)].filter(Boolean).join(" ");
  return [
    h("div.hero.small", {}, h("h1", {}, name), h("p", {}, say("me.server", { host: location.host }))),
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

/** When the position was sent last, or why it is not. */
function shared(phone) {
  const { state, here, sentAt } = phone.position;
  if (state === "on" && sentAt) {
    return say("position.sent", { age: ageOf(sentAt, Date.now()), accuracy: Math.round(here.accuracy) });
  }
  if (state === "on") return say("position.waits");
  return say(`position.${state}`, { accuracy: here ? Math.round(here.accuracy) : 0 });
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
    h("b", {}, e.request.step ? say(`step.${e.request.step}`) : say("report.open")),
    h("span", {}, icon("clock", 16), e.unit_id))));
}
