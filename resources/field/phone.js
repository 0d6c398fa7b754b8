// The phone: who it is, its commands, what it has to say, and where it is.

import { Alarm } from "./alarm.js";
import { Awake } from "./awake.js";
import { Clock } from "./clock.js";
import { Commands } from "./commands.js";
import { Help } from "./help.js";
import { newKey } from "./ids.js";
import { Line } from "./line.js";
import { Position } from "./position.js";
import { Queue } from "./queue.js";
import { Unreachable, post } from "./server.js";
import { kindName, phoneLanguage, speak, spoken } from "./words.js";

const DAY_MS = 86_400_000;
const SETTINGS = { language: "", look: "auto", share: true, sound: true, awake: false, begun: false };

/** Everything the page shows. `changed()` is called when any of it did. */
export class Phone {
  constructor(store, changed) {
    this.store = store;
    this.changed = changed;
    this.identity = null;
    this.settings = { ...SETTINGS };
    this.clock = new Clock();
    this.isAsleep = false;
    /** Called with a command that has just come, and one that was taken back. */
    this.onCommand = () => {};
    /** Called when the page has met a fault of its own. */
    this.onFault = () => {};
    /** Called when the server does not understand this release of the page. */
    this.onOutdated = () => {};
    store.changed = () => this.changed();
    store.emptied = () => this.#keepAll();
    this.queue = new Queue({
      store, clock: this.clock, release: document.documentElement.dataset.release,
      post: (body) => post("api/v1/requests", body, this.identity.token),
      unitId: () => (this.isEnrolled ? this.identity.unit_id : ""),
      changed: (entry) => this.#answered(entry),
      unknown: () => this.#revoked(),
      unreachable: () => this.line.doubt(),
      outdated: () => this.onOutdated(),
    });
    this.commands = new Commands(store, this.queue);
    this.line = new Line({
      token: () => (this.isEnrolled ? this.identity.token : ""),
      heard: (frame) => {
        // At once: how long the answer takes is how well the centre knows this phone's clock.
        if (frame.t === "ping") this.#tellTime(frame);
        this.#inOrder(() => this.#hear(frame));
      },
      changed: () => this.#lineChanged(),
    });
    this.position = new Position({
      clock: this.clock, say: (frame) => this.line.say(frame), changed: () => this.changed(),
    });
    this.help = new Help({ store, unitId: () => this.unitId, said: () => this.#saidOfItself().at(-1) });
    // Somebody who hides must not be given away by a sound.
    this.alarm = new Alarm({ isWanted: () => this.settings.sound && !this.help.isCalling });
    this.awake = new Awake();
    this.order = Promise.resolve();
  }

  /** What was kept from before. */
  async load() {
    this.identity = await this.store.get("identity") || null;
    this.settings = { ...SETTINGS, ...await this.store.get("settings") };
    speak(this.settings.language || phoneLanguage());
    await this.queue.load();
    await this.commands.load();
    await this.help.load();
    await this.commands.tidy(this.clock.now() - 7 * DAY_MS);
  }

  get isEnrolled() {
    return Boolean(this.identity) && !this.identity.revoked;
  }

  get unitId() {
    return this.identity ? this.identity.unit_id : "";
  }

  /** Go to work: the line, the queue, the position, as far as they are wanted. */
  wake() {
    this.isAsleep = false;
    if (!this.isEnrolled || !this.settings.begun) return;
    // Another phone of the unit has the line: only a hand takes it back.
    if (this.line.state !== "replaced") this.line.open();
    this.queue.send();
    this.follow();
    this.awake.want(this.settings.awake);
  }

  /** Another tab works now. */
  sleep() {
    this.isAsleep = true;
    this.line.close();
    this.position.stop();
    this.changed();
  }

  /** Watch the position as the settings and the commands want it; a call for help always does. */
  follow() {
    const isAtWork = this.isEnrolled && this.settings.begun && !this.isAsleep;
    const isCalling = this.help.isCalling;
    if (!isAtWork || !(this.settings.share || isCalling)) {
      if (this.position.state !== "off") this.position.stop();
      return;
    }
    // The battery: the satellites are asked while somebody is sent somewhere, or is looking.
    this.position.start(isCalling || !document.hidden || this.commands.open(this.unitId).length > 0);
  }

  // ---------------------------------------------------------------- enrolling

  /** Exchange a code for a token; null when it worked, else what went wrong `{code, waitMs}`. */
  async enrol(code) {
    let answer;
    try {
      answer = await post("api/v1/devices", JSON.stringify({ code }));
    } catch (error) {
      if (error instanceof Unreachable) return { code: "unreachable" };
      throw error;
    }
    const { status, said, waitMs } = answer;
    if (status !== 200) return { code: said.error, message: said.message, waitMs };
    const { unit_id, token, name, lon, lat } = said;
    this.identity = { unit_id, token, name, lon, lat, enrolled_at: this.clock.now() };
    await this.store.keep("identity", this.identity);
    this.line.close();
    this.wake();
    this.changed();
    return null;
  }

  /** This phone speaks for nobody any more, and the next hand finds nothing. What is unsent stays.
   * Nothing is changed when the token cannot be deleted. */
  async leave() {
    if (!await this.store.keep("identity", null)) return;
    this.identity = null;
    this.line.close();
    this.position.stop();
    await this.commands.tidy(Infinity);
    await this.queue.drop(this.queue.entries.filter((e) => e.state !== "pending"));
    await this.help.forget();
    await this.set({ begun: false });
  }

  async #keepAll() {
    await this.store.keep("identity", this.identity);
    await this.store.keep("settings", this.settings);
    await this.commands.keepAll();
    await this.queue.keepAll();
  }

  async #revoked() {
    if (!this.isEnrolled) return;
    this.identity.revoked = true;
    await this.store.keep("identity", this.identity);
    this.line.close();
    this.position.stop();
    this.changed();
  }

  async set(changes) {
    this.settings = { ...this.settings, ...changes };
    await this.store.keep("settings", this.settings);
    if (changes.language) speak(changes.language);
    if ("awake" in changes) await this.awake.want(changes.awake);
    this.follow();
    this.changed();
  }

  // ---------------------------------------------------------------- saying

  /** Say that a command has reached a step. Kept on the phone when this is done. */
  async advance(commandId, step, text = "") {
    const request = { type: "AdvanceCommand", command_id: commandId, step, text };
    const entry = await this.queue.add(request, `${commandId}/${step}`);
    this.follow();
    return entry;
  }

  /** The command is before somebody's eyes. */
  async see(command) {
    if (this.commands.isOver(command) || this.commands.hasReached(command, "read")) return;
    await this.advance(command.command_id, "read");
  }

  /** Report an incident; `place` is `{lon, lat}`. */
  report({ kind, priority, place, address, words }) {
    const both = (text) => ({ zh: text, en: text });
    return this.queue.add({
      type: "ReportIncident",
      incident_id: newKey(this.clock.now()),
      type_code: kind,
      priority,
      lon: place.lon,
      lat: place.lat,
      address: both(address),
      words: typeof words === "string" ? both(words) : words,
      source: "grid_worker",
    });
  }

  /** Say that the unit is free, off duty ("off") or in distress ("sos"). */
  async declare(status) {
    const entry = await this.queue.add({ type: "DeclareUnitStatus", unit_id: this.unitId, status });
    this.follow();
    return entry;
  }

  /** The entry by which this phone last said what its unit is; undefined when it never did. */
  get declared() {
    return this.#saidOfItself().filter((e) => e.state !== "refused").at(-1);
  }

  #saidOfItself() {
    return this.queue.entries.filter((e) => e.request.type === "DeclareUnitStatus" && e.unit_id === this.unitId);
  }

  /** What was reported from this phone, the newest first. */
  get reports() {
    return this.queue.entries
      .filter((e) => e.request.type === "ReportIncident" && e.unit_id === this.unitId).reverse();
  }

  #answered(entry) {
    // Refused: the centre knows better where the command stands. Ask it.
    const isRefused = entry && entry.state === "refused" && entry.request.command_id;
    if (isRefused && this.line.state === "online") this.line.renew();
    this.changed();
  }

  // ---------------------------------------------------------------- hearing

  /** One frame after another: each is kept before the next is looked at. */
  #inOrder(work) {
    this.order = this.order.then(work).catch((error) => { console.error(error); this.onFault(); });
  }

  #tellTime(ping) {
    this.clock.hear(ping.at);
    this.position.retime();
    if (ping.answer) this.line.say({ t: "clock", at: ping.at, now: this.clock.now(), own: Date.now() });
  }

  async #hear(frame) {
    if (frame.t === "ping") await this.commands.settle(this.unitId, this.clock.now());
    else if (frame.t === "refused") this.position.refuse(frame.reason);
    else if (frame.t === "command") await this.#command(frame);
    else if (frame.t === "recall") await this.#recall(frame);
    else if (frame.t === "sos") {
      await this.help.hear(frame);
      this.follow();
    }
    this.changed();
  }

  async #command({ t: _, ...frame }) {
    const { isNew, isKept } = await this.commands.take(frame, this.unitId, this.clock.now());
    // Only now: the centre may take it that this phone has it for good.
    if (isKept) this.line.say({ t: "got", command_id: frame.command_id });
    if (!isNew || this.commands.hasReached(this.commands.get(frame.command_id), "read")) return;
    this.follow();
    const where = spoken(frame.address) || spoken(frame.text);
    this.alarm.ring(kindName(frame.type_code), where, frame.command_id, frame.priority <= 2);
    this.onCommand(this.commands.get(frame.command_id), "new");
  }

  async #recall(frame) {
    const command = await this.commands.recall(frame, this.clock.now());
    if (!command || this.commands.endOf(command)) return;
    this.alarm.ring(kindName(command.type_code), spoken(command.address), command.command_id, false);
    this.onCommand(command, "over");
  }

  #lineChanged() {
    if (this.line.state === "online") {
      this.commands.begin();
      this.position.resume();
      this.queue.send();
    }
    if (this.line.state === "revoked") this.#revoked();
    this.changed();
  }
}
