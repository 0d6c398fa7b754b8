// The page put together: what is shown, and what each button does.

import { h, patch } from "./dom.js";
import { Phone } from "./phone.js";
import { finishSheet, helpSheet, refuseSheet } from "./sheets.js";
import { Store } from "./store.js";
import { bar, notices } from "./view-bar.js";
import { commandActs, commandView } from "./view-command.js";
import { againActs, againView, beginActs, beginView, enrolActs, enrolView, insideActs, insideView } from "./view-enrol.js";
import { listActs, listView } from "./view-list.js";
import { meActs, meView } from "./view-me.js";
import { dropDraft, keepDraft, reportActs, reportIn, reportView, showPlace, usual } from "./view-report.js";
import { kindName, knows, language, loadWords, say, sayIn } from "./words.js";

const SEEN_AFTER_MS = 700;
const TICK_MS = 5000;
/** How often a page that stays open asks for a new release of itself. */
const LOOK_EVERY_MS = 3_600_000;
/** A finger that taps twice means it once. */
const SETTLE_MS = 800;
const OTHER_APPS = /MicroMessenger|AlipayClient|DingTalk|Lark|wxwork|QQ\//i;

const page = {
  view: "", id: "", fault: "", isElsewhere: false, isInside: false, isLeaving: false, again: "",
  enrol: { code: "", isBusy: false, fault: null },
};
let phone = null;
let shown = "";
let drawing = 0;
let seeing = 0;
let advancedAt = 0;
let isStale = false;

const at = (id) => document.getElementById(id);

// ---------------------------------------------------------------- showing

/** Draw soon: many changes at once are drawn once. */
function changed() {
  if (!drawing) drawing = setTimeout(draw, 16);
}

function draw() {
  drawing = 0;
  const [name, view, acts] = scene();
  const isSame = name === shown;
  shown = name;
  [page.view, page.id] = name.split(" ");
  document.documentElement.dataset.look = phone.settings.look;
  document.body.dataset.view = page.view;
  patch(at("bar"), bar(phone));
  patch(at("notices"), h("div", {}, notices(phone, page)));
  if (!(isSame && name.startsWith("report"))) {
    patch(at("main"), h("main", {}, view()));
    patch(at("acts"), h("footer", {}, acts()));
  }
  if (!isSame) turned();
  if (name.startsWith("report")) showPlace(phone);
  see();
}

/** Another page than before: from its top, and for a screen reader too. */
function turned() {
  window.scrollTo(0, 0);
  if (document.activeElement === document.body) at("main").focus({ preventScroll: true });
}

/** What is to be shown: its name, its view, its buttons. */
function scene() {
  if (page.isInside) return ["inside", insideView, insideActs];
  if (page.again) return ["again", () => againView(phone), againActs];
  if (!phone.isEnrolled) return ["enrol", () => enrolView(phone, page), () => enrolActs(page)];
  if (!phone.settings.begun) return ["begin", () => beginView(phone), beginActs];
  const command = commandShown();
  if (command) return [`command ${command.command_id}`, () => commandView(phone, command), () => commandActs(phone, command, isSettled())];
  if (location.hash === "#report") return [`report ${language()}`, reportView, reportActs];
  if (location.hash === "#me") return ["me", () => meView(phone, page), meActs];
  return ["list", () => listView(phone), listActs];
}

function commandShown() {
  const found = /^#c=([\w-]+)$/.exec(location.hash);
  const command = found ? phone.commands.get(found[1]) : null;
  return command && command.unit_id === phone.unitId ? command : null;
}

/** Who has had a command before their eyes for a moment has read it. */
function see() {
  clearTimeout(seeing);
  const command = commandShown();
  if (!command || document.hidden || page.isElsewhere || !shown.startsWith("command")) return;
  seeing = setTimeout(() => guarded(phone.see(command)), SEEN_AFTER_MS);
}

function go(hash, { instead = false } = {}) {
  if (location.hash === hash) return;
  const address = location.pathname + hash;
  if (instead) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  page.isLeaving = false;
  changed();
}

// ---------------------------------------------------------------- what comes from outside

function onCommand(command, how) {
  const words = `${say(how === "new" ? "list.new" : `over.${command.over?.how || "gone"}`)}: ${kindName(command.type_code)}`;
  at("alert").textContent = words;
  if (!isFree() || page.id === command.command_id) return changed();
  // A finger on its way to a button must not meet another command's.
  settle();
  return go(`#c=${command.command_id}`, { instead: page.view === "command" });
}

/** Whether the page may turn to something else by itself: nobody types, or works at a command. */
function isFree() {
  if (!phone.settings.begun || at("sheet").open) return false;
  const command = commandShown();
  return command ? phone.commands.isOver(command) : ["list", "me"].includes(page.view);
}

function onHash() {
  const code = /^#enrol=(.+)$/.exec(location.hash);
  if (!code) return changed();
  if (OTHER_APPS.test(navigator.userAgent) && !page.stays) {
    page.isInside = true;
    return changed();
  }
  // Out of the address bar, the history and every screenshot.
  history.replaceState(null, "", location.pathname);
  const typed = decodeURIComponent(code[1]);
  if (!phone.isEnrolled) return enrol(typed);
  page.again = typed;
  return changed();
}

async function enrol(code) {
  if (page.enrol.isBusy || !code.trim()) return;
  page.enrol = { isBusy: true, fault: null };
  page.again = "";
  changed();
  const fault = await phone.enrol(code.trim());
  page.enrol = { isBusy: false, fault };
  changed();
}

/** A fault of the page's own is told, and stays until the page is opened anew. */
async function guarded(work) {
  try {
    return await work;
  } catch (error) {
    console.error(error);
    faulty();
    return null;
  }
}

function faulty() {
  page.fault = say("notice.fault");
  changed();
}

// ---------------------------------------------------------------- what the buttons do

const ACTS = {
  enrol: () => enrol(at("code").value),
  "enrol-again": () => enrol(page.again),
  "enrol-not": () => { page.again = ""; changed(); },
  "stay-inside": () => { page.stays = true; page.isInside = false; onHash(); },
  begin: () => begin(),
  toggle: ({ name }) => toggle(name),
  speak: ({ language: wanted }) => guarded(phone.set({ language: wanted })),
  look: ({ look }) => guarded(phone.set({ look })),
  open: ({ id }) => go(`#c=${id}`),
  list: () => go(""),
  me: () => go("#me"),
  report: () => go("#report"),
  advance: ({ id, step }) => advance(id, step),
  finish: ({ id }) => { if (isSettled()) openSheet(finishSheet(id)); },
  refuse: ({ id }) => openSheet(refuseSheet(id)),
  reason: ({ words }) => { at("sheet").querySelector("textarea").value = words; },
  cancel: () => at("sheet").close(),
  dismiss: async ({ id }) => { await guarded(phone.commands.dismiss(phone.commands.get(id))); go(""); changed(); },
  "send-report": () => sendReport(),
  "drop-report": () => { dropDraft(); shown = ""; go(""); },
  "use-here": () => phone.line.renew(),
  "take-over": () => hold({ steal: true }),
  help: () => openSheet(helpSheet()),
  safe: () => guarded(phone.declare("free")),
  "help-over": async () => { await guarded(phone.help.understand()); changed(); },
  declare: ({ status }) => guarded(phone.declare(status)),
  "look-for-newer": () => lookForNewer({ isAsked: true }),
  "drop-strangers": () => guarded(phone.queue.drop(phone.queue.strangers)),
  leave: () => { page.isLeaving = true; changed(); },
  "leave-not": () => { page.isLeaving = false; changed(); },
  "leave-yes": async () => { page.isLeaving = false; dropDraft(); await guarded(phone.leave()); go(""); changed(); },
};

const FORMS = {
  enrol: () => enrol(at("code").value),
  report: () => sendReport(),
  finish: (form) => sendSheet(form, "done"),
  refuse: (form) => refuse(form),
  help: async () => { if (await guarded(phone.declare("sos"))) at("sheet").close(); },
};

/** The finger has done something, or the page turned under it: the big button rests a moment. */
function settle() {
  advancedAt = Date.now();
  setTimeout(changed, SETTLE_MS + 1);
}

function isSettled() {
  return Date.now() - advancedAt > SETTLE_MS;
}

async function advance(id, step) {
  if (!isSettled()) return;
  settle();
  await guarded(phone.advance(id, step));
}

async function begin() {
  await guarded(phone.set({ begun: true }));
  if (phone.settings.sound) await phone.alarm.ask();
  phone.wake();
}

async function toggle(name) {
  await guarded(phone.set({ [name]: !phone.settings[name] }));
  if (name === "sound" && phone.settings.sound && phone.settings.begun) await phone.alarm.ask();
}

function openSheet(form) {
  at("sheet").replaceChildren(form);
  at("sheet").showModal();
}

async function refuse(form) {
  const isEmpty = !form.elements.text.value.trim();
  at("refuse-fault").hidden = !isEmpty;
  if (!isEmpty) await sendSheet(form, "refused");
}

async function sendSheet(form, step) {
  const entry = await guarded(phone.advance(form.dataset.id, step, form.elements.text.value.trim()));
  if (entry) at("sheet").close();
}

async function sendReport() {
  const form = at("report");
  const { fault, isExact, report } = reportIn(form, phone);
  const told = at("report-fault");
  told.hidden = !fault;
  if (fault) {
    told.lastChild.textContent = say(`report.fault.${fault}`);
    told.scrollIntoView({ block: "center" });
    return;
  }
  if (!isExact) report.words = notExact(report.words);
  if (!await guarded(phone.report(report))) return;
  dropDraft();
  go("");
}

/** The desk is told that the place is to be found by the address. */
function notExact(words) {
  const both = (lang) => [words, sayIn(lang, "report.not_exact")].filter(Boolean).join(" ");
  return { zh: both("zh"), en: both("en") };
}

// ---------------------------------------------------------------- from the start

/** One tab has the line and the queue; the others say so, and take over when it goes. */
async function hold({ steal = false } = {}) {
  if (!navigator.locks) return work();
  const options = steal ? { steal } : { ifAvailable: true };
  return navigator.locks.request("trellis-field", options, (lock) => (lock ? work() : elsewhere()))
    .catch((error) => { if (error.name === "AbortError") return elsewhere(); throw error; });
}

async function work() {
  page.isElsewhere = false;
  await phone.load();
  onHash();
  phone.wake();
  return new Promise(() => {});
}

function elsewhere() {
  page.isElsewhere = true;
  phone.sleep();
  // Waits in line; not part of this turn, which ends here.
  if (!elsewhere.waits) {
    elsewhere.waits = true;
    navigator.locks.request("trellis-field", () => { elsewhere.waits = false; return work(); }).catch((error) => {
      elsewhere.waits = false;
      if (error.name === "AbortError") elsewhere();
      else throw error;
    });
  }
  changed();
}

function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button && !button.disabled) ACTS[button.dataset.act](button.dataset);
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    FORMS[event.target.id](event.target);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("#report");
    if (!form) return;
    if (event.target.id === "kind") form.elements.priority.value = String(usual(event.target.value));
    keepDraft(form);
  });
  document.addEventListener("visibilitychange", awake);
  window.addEventListener("hashchange", onHash);
  window.addEventListener("popstate", changed);
  window.addEventListener("online", () => phone.wake());
  setInterval(tick, TICK_MS);
}

function awake() {
  if (!page.isElsewhere) phone.wake();
  renew();
  changed();
}

/** Show the newer release once nobody is in the midst of something; at once when words wait for it. */
function renew() {
  const isWanted = document.hidden || phone.queue.held.length > 0;
  if (isStale && isWanted && !shown.startsWith("report") && !at("sheet").open) location.reload();
}

/** Fetch the page anew: the server did not understand this one. */
async function lookForNewer({ isAsked = false } = {}) {
  const registration = await navigator.serviceWorker?.getRegistration("field");
  if (!registration) return isAsked ? location.reload() : null;
  await registration.update().catch((error) => console.info(error.message));
  return renew();
}

function tick() {
  phone.position.tick();
  if (!document.hidden) changed();
}

/** Keep the page itself on the phone. */
async function install() {
  if (!("serviceWorker" in navigator)) return;
  const hadOne = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => { isStale = hadOne; renew(); });
  navigator.serviceWorker.addEventListener("message", ({ data }) => go(data.hash));
  const kept = await navigator.serviceWorker.register("field/worker.js", { scope: "field", updateViaCache: "none" });
  const look = () => { if (!document.hidden) kept.update().catch((error) => console.info(error.message)); };
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_EVERY_MS);
}

async function start() {
  await loadWords();
  phone = new Phone(await Store.open(), changed);
  phone.onCommand = onCommand;
  phone.onFault = faulty;
  phone.onOutdated = () => lookForNewer();
  window.addEventListener("unhandledrejection", faulty);
  await phone.load();
  document.body.dataset.ready = "";
  listen();
  navigator.storage?.persist?.();
  install().catch((error) => console.warn(error));
  await hold();
}

start().catch((error) => {
  console.error(error);
  if ("ready" in document.body.dataset) return faulty();
  if (knows("no_store")) at("not-whole").textContent = say("no_store");
  at("not-whole").hidden = false;
});
