// One command: what, where, how far it is, and the one thing to do next.

import { STEPS, startOf } from "./commands.js";
import { h } from "./dom.js";
import { ageOf, distanceOf, timeOf } from "./format.js";
import { bearingTo, mapLink, metresBetween, windOf } from "./geo.js";
import { dial, icon, ring } from "./icons.js";
import { standingOf } from "./queue.js";
import { kindName, say, spoken } from "./words.js";

export function commandView(phone, command) {
  return [
    band(phone, command),
    head(phone, command),
    command.over && !phone.commands.endOf(command) ? null : rail(phone, command),
    spoken(command.text) ? h("p.order", {}, spoken(command.text)) : null,
    spoken(command.words) ? h("p.told", {}, h("span", {}, say("told")), spoken(command.words)) : null,
    h("p.address", {}, icon("pin", 20), h("span", {}, spoken(command.address) || say("way.no_address"))),
    phone.commands.isOver(command) ? null : way(phone, command),
    log(phone, command),
  ];
}

/** What can be done with it, where a thumb reaches. */
export function commandActs(phone, command, isSettled) {
  const next = phone.commands.nextOf(command);
  if (!next) return over(phone, command);
  const act = next === "done" ? "finish" : "advance";
  const symbol = { acknowledged: "check", en_route: "go", on_scene: "pin", done: "flag" }[next];
  return h("div.acts", {},
    h("button.primary", { id: "next", "data-act": act, "data-id": command.command_id, "data-step": next, disabled: !isSettled }, icon(symbol, 24), say(`do.${next}`)),
    h("div.row", {},
      h("button.square", { "data-act": "list", "aria-label": say("do.list") }, icon("back", 24)),
      h("button", { "data-act": "refuse", "data-id": command.command_id }, say("do.refuse")),
      mapButton(command)));
}

function over(phone, command) {
  const isNews = phone.commands.ended(phone.unitId).includes(command);
  const [act, words] = isNews ? ["dismiss", say("do.understood")] : ["list", say("do.list")];
  return h("div.acts", {}, h("button.primary", { "data-act": act, "data-id": command.command_id }, icon(isNews ? "check" : "back", 24), words));
}

function mapButton(command) {
  const label = `${kindName(command.type_code)} ${spoken(command.address)}`;
  return h("a.button", { href: mapLink(command, label), id: "map" }, icon("pin", 20), say("do.map"));
}

function band(phone, command) {
  const end = phone.commands.endOf(command);
  if (command.over && !end) {
    const { how, reason } = command.over;
    const told = how === "recalled" && reason && reason !== "recalled" ? reason : say(`over.${how}_advice`);
    return h("div.band.taken", { id: "over" }, icon(how === "recalled" ? "recall" : "close", 24), h("b", {}, say(`over.${how}`)), h("p", {}, told));
  }
  if (end || phone.commands.hasReached(command, "acknowledged")) return null;
  return h(`div.band.p${command.priority}`, {}, icon("warn", 22), h("b", {}, say("list.new")),
    h("time", {}, ageOf(startOf(command), phone.clock.now())));
}

function head(phone, command) {
  const given = say("given", { time: timeOf(startOf(command), phone.clock.now()) });
  return h("div.head", {}, ring(command.priority, 48),
    h("div", {}, h("h1", {}, kindName(command.type_code)),
      h("p", {}, [say(`common.priority.p${command.priority}`), command.number, given].join(say("dot")))));
}

function rail(phone, command) {
  const next = phone.commands.nextOf(command);
  const isOver = phone.commands.isOver(command);
  return h("ol.rail", { "aria-label": say("rail_title") }, STEPS.map((step) => {
    const isReached = phone.commands.hasReached(command, step) && phone.commands.endOf(command) !== "refused";
    const isWaiting = phone.commands.entries(command).some((e) => e.request.step === step && e.state === "pending");
    const state = isWaiting ? "waits" : isReached ? "reached" : !isOver && step === next ? "next" : "open";
    return h("li", { "data-state": state, "aria-current": state === "next" ? "step" : null },
      h("i", {}, isReached ? icon("check", 14) : ""), h("span", {}, say(`rail.${step}`)));
  }));
}

function way(phone, command) {
  const here = phone.position.here;
  const label = `${kindName(command.type_code)} ${spoken(command.address)}`;
  if (!here) return h("p.hint", {}, say(phone.settings.share ? "way.unknown" : "way.off"));
  const bearing = bearingTo(here, command);
  const age = Date.now() - here.at;
  return h("a.way", { href: mapLink(command, label) }, dial(bearing, say("way.north")),
    h("span.far", {}, h("b", {}, distanceOf(metresBetween(here, command))), h("span", {}, say("way.straight"))),
    h("span.wind", {}, h("b", {}, say(`wind.${windOf(bearing)}`)), h("span", {}, say("way.degrees", { count: Math.round(bearing) % 360 }))),
    age > 60_000 ? h("span.stale", {}, say("way.stale", { age: ageOf(here.at, Date.now()) })) : null);
}

/** What this phone has said of it, and what became of that. */
function log(phone, command) {
  const entries = phone.commands.entries(command);
  if (!entries.length) return null;
  return h("ol.log", { "aria-label": say("log") }, entries.map((entry) => h("li", { "data-key": entry.key, "data-state": entry.state, "data-step": entry.request.step },
    h("time", {}, timeOf(entry.at, phone.clock.now())),
    h("b", {}, say(`step.${entry.request.step}`)),
    h("span", {}, icon({ pending: "clock", confirmed: "check", refused: "close" }[entry.state], 16), say(standingOf(entry))),
    entry.request.text ? h("p", {}, entry.request.text) : null,
    entry.state === "refused" ? h("p.why", {}, spoken(entry.answer)) : null)));
}
