// What the phone has still to say: kept before it is shown, sent in order, again under the same
// key until the centre has answered.

import { Unreachable } from "./server.js";
import { newKey } from "./ids.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const KEPT_MS = 3 * 86_400_000;
const KEPT_ENTRIES = 300;
/** Answers of a server that does not understand what is said: it is of another release. */
const NOT_UNDERSTOOD = [400, 404, 405];

/** An entry is `{key, unit_id, what, body, at, request, state, tries, answer}`; `state` is "pending",
 * "confirmed" or "refused"; `body` is sent as it was first written, to the byte. One that could not
 * be written to the phone's store is `unkept` until it is; one that the server did not understand
 * bears as `held` the release of the page that wrote it, and waits for another release. */
export class Queue {
  /** `post(body)` answers for the unit of `unitId()`; `changed` is called with an entry answered,
   * `unknown` when the server does not know the phone any more, `unreachable` when nobody is there,
   * `outdated` when the server does not understand this `release` of the page. */
  constructor({ store, clock, release, post, unitId, changed, unknown, unreachable, outdated }) {
    Object.assign(this, { store, clock, release, post, unitId, changed, unknown, unreachable, outdated });
    this.entries = [];
    this.waitMs = 0;
    this.isBusy = false;
    this.timer = 0;
  }

  async load() {
    const stored = await this.store.all("queue");
    const keys = new Set(stored.map((e) => e.key));
    this.entries = [...stored, ...this.entries.filter((e) => e.unkept && !keys.has(e.key))];
    this.entries.sort((one, other) => (one.key < other.key ? -1 : 1));
    this.entries.filter((e) => e.held && e.held !== this.release).forEach((entry) => this.#rewrite(entry));
    await this.#tidy();
  }

  /** Keep a request, and send it as soon as it can be; null when `what` is there already. What
   * cannot be kept is sent all the same: it may be a call for help. */
  async add(request, what) {
    if (what && this.entries.some((e) => e.what === what)) return null;
    const at = this.clock.now();
    const key = this.#keyAfterLast(at);
    const entry = { key, unit_id: this.unitId(), at, request, state: "pending", tries: 0 };
    entry.body = bodyOf(entry);
    if (what) entry.what = what;
    this.entries.push(entry);
    const how = await this.store.add(entry);
    if (how === "twice") {
      this.entries = this.entries.filter((e) => e !== entry);
      return null;
    }
    if (how === "unkept") entry.unkept = true;
    this.changed(entry);
    this.send();
    return entry;
  }

  /** Write down again all that the store may have lost. */
  async keepAll() {
    for (const entry of this.entries) await this.#keep(entry);
  }

  /** Those not answered by the centre, of the present unit, first things first. */
  get pending() {
    return this.entries.filter((e) => e.state === "pending" && e.unit_id === this.unitId());
  }

  /** Those that the server did not understand, coming from this release of the page. */
  get held() {
    return this.pending.filter((e) => e.held);
  }

  /** Those that another unit's phone has not sent. */
  get strangers() {
    return this.entries.filter((e) => e.state === "pending" && e.unit_id !== this.unitId());
  }

  of(what) {
    return this.entries.filter((e) => e.what && e.what.startsWith(what));
  }

  /** Forget entries: what another unit left unsent, or what was answered long since. */
  async drop(entries) {
    if (!await this.store.remove("queue", entries.map((e) => e.key))) return;
    this.entries = this.entries.filter((e) => !entries.includes(e));
    this.changed(null);
  }

  /** Send now what waits; nothing happens twice if this is called twice. */
  async send() {
    clearTimeout(this.timer);
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (const entry of this.entries.filter((e) => e.unkept)) await this.#keep(entry);
      while (this.unitId()) {
        const next = this.pending.find((e) => !e.held);
        if (!next || !await this.#sendOne(next)) break;
      }
    } finally {
      this.isBusy = false;
    }
  }

  async #sendOne(entry) {
    entry.tries += 1;
    let answer;
    try {
      answer = await this.post(entry.body);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.unreachable();
      return this.#later(0);
    }
    if (answer.status === 401) {
      this.unknown();
      return false;
    }
    if (isForNow(answer.status)) return this.#later(answer.waitMs);
    if (NOT_UNDERSTOOD.includes(answer.status)) {
      entry.held = this.release;
      await this.#keep(entry);
      this.outdated();
      return true;
    }
    await this.#settle(entry, answer);
    return true;
  }

  async #settle(entry, { status, said }) {
    this.waitMs = 0;
    entry.state = status === 200 ? "confirmed" : "refused";
    entry.answer = status === 200 ? numberIn(said) : said.message || null;
    entry.settled_at = this.clock.now();
    // The centre dates it by its own clock, and speaks of it by that time from now on.
    if (status === 200 && said.events?.length) entry.at = said.events.at(-1).happened_at;
    // It may have been so already: then it is an earlier word that counts.
    if (status === 200) entry.isNew = Boolean(said.events?.length);
    // What was refused may be tried anew: it gives its place free.
    if (entry.state === "refused") {
      entry.was = entry.what;
      delete entry.what;
    }
    await this.#keep(entry);
    this.changed(entry);
  }

  async #keep(entry) {
    const { unkept, ...kept } = entry;
    if (await this.store.put("queue", kept)) delete entry.unkept;
    else entry.unkept = true;
  }

  /** Another release of the page wrote it, and was not understood: this one says it its own way. */
  #rewrite(entry) {
    delete entry.held;
    entry.body = bodyOf(entry);
  }

  #later(askedMs) {
    this.waitMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, this.waitMs * 2));
    const waitMs = Math.max(askedMs, this.waitMs * (0.75 + Math.random() / 2));
    this.timer = setTimeout(() => this.send(), waitMs);
    this.changed(null);
    return false;
  }

  #keyAfterLast(at) {
    // The order of keys is the order of sending: also within one millisecond, and when the phone's
    // clock was set back.
    const last = this.entries.at(-1);
    let key = newKey(at);
    for (let ms = at; last && key <= last.key; ms += 1) {
      const lastMs = parseInt(last.key.slice(0, 8) + last.key.slice(9, 13), 16);
      key = newKey(Math.max(ms, lastMs) + 1);
    }
    return key;
  }

  async #tidy() {
    const settled = this.entries.filter((e) => e.state !== "pending");
    const tooOld = this.clock.now() - KEPT_MS;
    const surplus = settled.filter((e, place) => (
      e.settled_at < tooOld || place < settled.length - KEPT_ENTRIES));
    if (surplus.length) await this.store.remove("queue", surplus.map((e) => e.key));
    this.entries = this.entries.filter((e) => !surplus.includes(e));
  }
}

/** How this release of the page says an entry's request to the server. */
function bodyOf({ key, at, request }) {
  return JSON.stringify({ key, happened_at: at, request });
}

/** Where an entry stands, as a key of a sentence. */
export function standingOf({ state, unkept, held }) {
  if (state !== "pending") return `state.${state}`;
  return held ? "state.held" : unkept ? "state.unkept" : "state.pending";
}

/** Answers that mean: the same again, later. */
function isForNow(status) {
  return status === 408 || status === 429 || status >= 500;
}

function numberIn(said) {
  const fact = (said.events || []).map((event) => event.fact).find((f) => f && f.number);
  return fact ? fact.number : null;
}
