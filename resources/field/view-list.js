// The list: commands to act upon, those just taken back, what was reported, and what is over.

import { startOf } from "./commands.js";
import { h } from "./dom.js";
import { ageOf, distanceOf, timeOf } from "./format.js";
import { metresBetween } from "./geo.js";
import { icon, ring } from "./icons.js";
import { standingOf } from "./queue.js";
import { kindName, say, spoken } from "./words.js";

const PAST_SHOWN = 20;

export function listView(phone) {
  const { commands, unitId } = phone;
  const open = commands.open(unitId);
  const ended = commands.ended(unitId);
  const past = commands.past(unitId).slice(0, PAST_SHOWN);
  return [
    open.length + ended.length ? null : nothing(phone),
    ended.map((command) => card(phone, command)),
    open.map((command) => card(phone, command)),
    section("list.reports", phone.reports.slice(0, PAST_SHOWN).map((entry) => reported(phone, entry))),
    section("list.past", past.map((command) => card(phone, command))),
  ];
}

export function listActs() {
  return h("div.row", {},
    h("button.primary", { "data-act": "report" }, icon("flag", 22), say("report.short")),
    h("button.square.sos", { "data-act": "help", "aria-label": say("help.open") }, say("help.short")),
    h("button.square", { "data-act": "me", "aria-label": say("me.title") }, icon("user", 24)));
}

function nothing(phone) {
  const word = phone.line.state === "online" ? "online" : "offline";
  return h("div.empty", {}, h("h1", {}, say("list.none")), h("p", {}, say(`list.none_${word}`)));
}

function section(title, rows) {
  return rows.length ? h("section", { "data-key": title }, h("h2", {}, say(title)), rows) : null;
}

function card(phone, command) {
  const isOver = phone.commands.isOver(command);
  const isNew = !isOver && !phone.commands.hasReached(command, "acknowledged");
  const look = isOver ? ".over" : isNew ? ".new" : "";
  return h(`button.card${look}`, { "data-act": "open", "data-id": command.command_id, "data-key": command.command_id },
    ring(command.priority, 40),
    h("span.what", {}, h("b", {}, kindName(command.type_code)), h("time", {}, ageOf(startOf(command), phone.clock.now()))),
    h("span.where", {}, spoken(command.address)),
    h("span.state", {}, stateOf(phone, command), distance(phone, command, isOver)));
}

function distance(phone, command, isOver) {
  if (isOver || !phone.position.here) return null;
  return h("span.far", {}, distanceOf(metresBetween(phone.position.here, command)));
}

/** One line on where a command stands. */
export function stateOf(phone, command) {
  const end = phone.commands.endOf(command);
  if (command.over && !end) return h("strong.taken", {}, say(`over.${command.over.how}`));
  const step = end || phone.commands.stepOf(command);
  const known = ["acknowledged", "en_route", "on_scene", "done", "refused"].includes(step);
  const unsent = phone.commands.entries(command).find((e) => e.state === "pending");
  const word = known ? say(`step.${step}`) : say("list.new");
  return [h(known ? "span" : "strong", {}, word), unsent ? h("span.waits", {}, say(standingOf(unsent))) : null];
}

function reported(phone, entry) {
  const { request, state, answer } = entry;
  const word = state === "confirmed" ? say("report.taken", { number: answer || "" }) : say(standingOf(entry));
  return h("div.card.over", { "data-key": entry.key },
    ring(request.priority, 40),
    h("span.what", {}, h("b", {}, kindName(request.type_code)), h("time", {}, timeOf(entry.at, phone.clock.now()))),
    h("span.where", {}, spoken(request.address) || spoken(request.words)),
    h("span.state", {}, h(state === "pending" ? "span.waits" : state === "refused" ? "strong.taken" : "span", { "data-state": state }, word),
      state === "refused" ? h("span", {}, spoken(answer)) : null));
}
