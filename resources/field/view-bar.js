// The bar at the top: on line or not, who this is, what waits; and notices beneath it.

import { h } from "./dom.js";
import { ageOf, timeOf } from "./format.js";
import { icon } from "./icons.js";
import { helpBand } from "./view-help.js";
import { kindName, knows, say, spoken } from "./words.js";

/** What stands at the top whatever else is shown. */
export function bar(phone) {
  const now = phone.clock.now();
  const clock = h("time.clock", {}, timeOf(now, now));
  if (!phone.isEnrolled || !phone.settings.begun) return h("div", {}, h("span.brand", {}, document.title), clock);
  const isOn = phone.line.state === "online";
  return h("div", {},
    h("span.link", { "data-state": isOn ? "on" : "off" }, h("i.dot"), say(`link.${linkWord(phone)}`)),
    h("span.who", {}, [phone.unitId, spoken(phone.identity?.name)].filter(Boolean).join(" ")),
    waiting(phone),
    clock);
}

function linkWord(phone) {
  const state = phone.line.state;
  if (state === "online") return "online";
  return state === "connecting" || state === "off" ? "connecting" : "offline";
}

function waiting(phone) {
  const count = phone.queue.pending.length;
  if (!count && phone.store.fault) return h("span.synced.waits", {}, say("link.unkept"));
  if (!count) return h("span.synced", {}, phone.line.state === "online" ? say("link.synced") : "");
  return h("span.synced.waits", { id: "waiting" }, say("link.waiting", { count }));
}

/** What somebody should know before all else, the gravest first. */
export function notices(phone, page) {
  const found = [
    phone.isEnrolled && helpBand(phone),
    ...(phone.isEnrolled && phone.settings.begun ? news(phone, page) : []),
    page.fault && notice("bad", "warn", page.fault),
    phone.store.fault && notice("bad", "warn", say(`notice.store.${phone.store.fault}`)),
    held(phone),
    page.isElsewhere && notice("bad", "warn", say("notice.elsewhere"), ["take-over", say("notice.take_over")]),
    !window.isSecureContext && notice("warn", "warn", say("notice.insecure")),
    phone.identity?.revoked && revoked(phone),
    phone.line.state === "replaced" && notice("warn", "warn", say("notice.replaced", { unit: phone.unitId }), ["use-here", say("notice.use_here")]),
    phone.line.state === "offline" && phone.isEnrolled && notice("quiet", "clock", say("notice.offline")),
    strangers(phone),
    phone.settings.begun && phone.isEnrolled && position(phone),
  ];
  return found.filter(Boolean);
}

/** What has come, or was taken back, while something else is before the eyes. */
function news(phone, page) {
  if (page.view === "list") return [];
  const { commands, unitId } = phone;
  const fresh = commands.open(unitId).filter((c) => !commands.hasReached(c, "read"));
  return [...fresh, ...commands.ended(unitId)].filter((c) => c.command_id !== page.id).map((command) => {
    const what = command.over ? say(`over.${command.over.how}`) : say("list.new");
    const words = say("notice.news", { what, kind: kindName(command.type_code) });
    return notice("news", command.over ? "recall" : "warn", words, ["open", say("notice.open"), command.command_id]);
  });
}

/** What the centre did not understand is kept, and goes out in the words of a newer page. */
function held(phone) {
  const count = phone.isEnrolled ? phone.queue.held.length : 0;
  return count ? notice("bad", "warn", say("notice.held", { count }), ["look-for-newer", say("notice.look_for_newer")]) : null;
}

function revoked(phone) {
  const count = phone.queue.entries.filter((e) => e.state === "pending").length;
  return notice("bad", "warn", say(count ? "notice.revoked_kept" : "notice.revoked", { unit: phone.unitId, count }));
}

function strangers(phone) {
  const left = phone.isEnrolled ? phone.queue.strangers : [];
  if (!left.length) return null;
  const words = say("notice.strangers", { count: left.length, unit: left[0].unit_id });
  return notice("warn", "warn", words, ["drop-strangers", say("notice.drop")]);
}

function position(phone) {
  if (!phone.settings.share) return null;
  const { state, here } = phone.position;
  if (!["denied", "missing", "lost", "untimed", "refused"].includes(state)) return null;
  const age = here ? ageOf(here.at, Date.now()) : "";
  const reason = knows(`refused.${phone.position.refusal}`) ? say(`refused.${phone.position.refusal}`) : "";
  return notice("quiet", "pin", say(`position.${state}`, { age, reason }));
}

function notice(kind, name, words, act = null) {
  const button = act && h("button.small", { "data-act": act[0], "data-id": act[2] }, act[1]);
  return h(`div.notice.${kind}`, { "data-key": words }, icon(name, 20), h("p", {}, words), button);
}
