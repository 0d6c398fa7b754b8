// The call for help, large at the top of every view: sent, reached, seen by whom, over.

import { h } from "./dom.js";
import { timeOf } from "./format.js";
import { icon } from "./icons.js";
import { say, spoken } from "./words.js";

/** Whether the words are those of a call that nobody has answered yet. */
const isOpen = (state) => !["seen", "ended"].includes(state);

/** The band, or null without a call. */
export function helpBand(phone) {
  const call = phone.help.standing;
  if (!call) return null;
  const { state } = call;
  const now = phone.clock.now();
  const fill = { who: call.who, time: timeOf(call.at, now), when: call.when ? timeOf(call.when, now) : "", why: call.why || spoken(call.answer) };
  return h(`div.sos-band.${isOpen(state) ? "open" : "answered"}`, { id: "sos", "data-state": state, "data-key": "sos" },
    h("p.sos-head", {}, h("b", {}, say("help.short")), h("time", {}, say("help.called", fill))),
    h("p.sos-state", {}, icon(state === "seen" ? "check" : "warn", 28), h("b", {}, say(`help.state.${state}`, fill))),
    h("p", {}, say(`help.then.${state}`, fill)),
    h("div.acts", {}, acts(state)));
}

function acts(state) {
  const again = h("button", { "data-act": "help" }, say("help.again"));
  const safe = h("button.safe", { "data-act": "safe" }, icon("check", 24), say("help.safe"));
  if (state === "ended") return [h("button", { "data-act": "help-over" }, say("help.understood")), again];
  if (state === "refused") return [again, safe];
  return state === "seen" ? [safe, again] : [safe];
}
