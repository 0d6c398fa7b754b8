// Where the phone is: watched while it is shared, thinned, and sent over the line. Only what was
// measured is sent, with the time when it was: no measurement, no fix.

import { metresBetween } from "./geo.js";

const EVERY_MS = 1000;
const STILL_EVERY_MS = 30_000;
const STILL_M = 8;
/** Without a measurement for so long the phone does not know where it is. */
const LOST_AFTER_MS = 90_000;
/** Offline, a coarser trail is kept, and sent when the line is back. */
const TRAIL_EVERY_MS = 10_000;
const LONGEST_TRAIL = 240;
/** A guess from cell towers would mislead the centre more than no fix. */
const ROUGHEST_M = 200;
/** Older is no measurement of this watch: the phone's times mean something else. */
const OLDEST_MS = 3_600_000;
const DIFFER_MS = 2000;
/** 2001-01-01 UTC, from which some browsers of Apple count. */
const APPLE_EPOCH_MS = 978_307_200_000;
/** The centre says every 30 s that it refuses, while it does. */
const REFUSED_MS = 45_000;

/** `state` is "off", "asking", "on", "rough", "lost", "untimed", "refused", "denied", "missing" or
 * "insecure"; `here.at` is when it was measured, by the phone's own clock. */
export class Position {
  /** `say(frame)` tells whether it was sent; `changed()` when there is something to show. */
  constructor({ clock, say, changed }) {
    Object.assign(this, { clock, say, changed });
    this.state = "off";
    this.here = null;
    this.undated = null;
    this.sentAt = 0;
    this.last = null;
    this.trail = [];
    this.isPrecise = true;
    this.watch = null;
    this.isMeasuring = false;
    this.refusal = "";
    this.refusedAt = 0;
  }

  /** Watch from now on; the phone asks for leave the first time. */
  start(isPrecise) {
    if (this.watch !== null && this.isPrecise === isPrecise) return;
    if (!window.isSecureContext) return this.#be("insecure");
    if (!navigator.geolocation) return this.#be("missing");
    this.stop();
    this.isPrecise = isPrecise;
    this.#be("asking");
    this.watch = navigator.geolocation.watchPosition(
      (found) => this.#take(found),
      (error) => this.#fail(error),
      this.#wanted,
    );
    return undefined;
  }

  /** Watch no more. */
  stop() {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    this.#be("off");
  }

  /** The line is back: say where the phone was meanwhile, and is. */
  resume() {
    while (this.trail.length && this.#sent(this.trail[0])) this.trail.shift();
  }

  /** The centre's time is known better: so is when the places were measured. */
  retime() {
    this.trail.forEach((found) => this.#date(found));
    const newest = this.undated || this.here;
    if (!newest || this.watch === null) return;
    const was = newest.at;
    if (!this.#date(newest)) return;
    // What was said of it was wrong: say it anew.
    if (Math.abs(newest.at - was) > DIFFER_MS) this.last = null;
    this.#have(newest);
  }

  /** The centre does not take the fixes, for `reason`. */
  refuse(reason) {
    this.refusal = reason;
    this.refusedAt = Date.now();
    if (this.state === "on") this.#be("refused");
  }

  /** Called every so often: who stands still is measured and heard of all the same. */
  tick() {
    if (this.watch === null || !this.here) return;
    const ageMs = Date.now() - this.here.at;
    if (this.state === "on" && this.#isDue()) this.#send();
    if (ageMs > LOST_AFTER_MS) this.#be("lost");
    if (ageMs >= STILL_EVERY_MS) this.#measure();
  }

  get #wanted() {
    return { enableHighAccuracy: this.isPrecise, maximumAge: this.isPrecise ? 1000 : 15_000, timeout: 60_000 };
  }

  /** A watch may be silent while nothing moves: ask. */
  #measure() {
    if (this.isMeasuring) return;
    this.isMeasuring = true;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        this.isMeasuring = false;
        if (this.watch !== null) this.#take(found);
      },
      () => { this.isMeasuring = false; },
      { ...this.#wanted, timeout: STILL_EVERY_MS },
    );
  }

  #take({ coords, timestamp }) {
    const { longitude: lon, latitude: lat, accuracy, heading, speed } = coords;
    const found = { lon, lat, accuracy, heading, speed, timestamp, takenAt: Date.now() };
    if (this.#date(found)) return this.#have(found);
    this.undated = found;
    return this.#be("untimed");
  }

  #have(found) {
    this.here = found;
    this.undated = null;
    this.#judge();
    if (found.accuracy <= ROUGHEST_M && this.#isDue()) this.#send();
    this.changed();
  }

  /** What the last measurement is worth. */
  #judge() {
    const isRefused = Date.now() - this.refusedAt < REFUSED_MS;
    if (Date.now() - this.here.at > LOST_AFTER_MS) this.#be("lost");
    else if (this.here.accuracy > ROUGHEST_M) this.#be("rough");
    else this.#be(isRefused ? "refused" : "on");
  }

  /** Work out when a place was measured; whether that can be told. */
  #date(found) {
    const { timestamp, takenAt } = found;
    const ageMs = ageOfMeasurement(timestamp, takenAt, takenAt + this.clock.now() - Date.now());
    if (ageMs !== null) found.at = Math.round(takenAt - ageMs);
    return ageMs !== null;
  }

  #fail(error) {
    if (error.code === error.PERMISSION_DENIED) {
      navigator.geolocation.clearWatch(this.watch);
      this.watch = null;
      this.#be("denied");
    } else this.#be(this.here ? "lost" : "asking");
  }

  #isDue() {
    if (!this.last) return true;
    if (this.here.at <= this.last.at) return false;
    const isStill = metresBetween(this.last, this.here) < Math.max(STILL_M, this.here.accuracy / 2);
    return Date.now() - this.sentAt >= (isStill ? STILL_EVERY_MS : EVERY_MS);
  }

  #send() {
    if (!this.#sent(this.here)) this.#keep(this.here);
  }

  /** Say where the phone was `at` that time; whether it could be said. */
  #sent({ lon, lat, heading, speed, at }) {
    const ageMs = Date.now() - at;
    const fix = { t: "fix", lon, lat, at: this.clock.now() - ageMs, heading: known(heading), speed: known(speed) };
    if (!this.say(fix)) return false;
    this.sentAt = Date.now();
    this.last = { lon, lat, at };
    return true;
  }

  #keep(here) {
    const last = this.trail.at(-1);
    if (last && here.at - last.at < TRAIL_EVERY_MS) return;
    this.trail.push(here);
    if (this.trail.length > LONGEST_TRAIL) this.trail.shift();
  }

  #be(state) {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }
}

/** How old a measurement is: `timestamp` may count by the phone's clock, by that of the satellites
 * (the centre's), or from 2001; the least age that can be is the right one. Null when none can. */
export function ageOfMeasurement(timestamp, now, centre) {
  const ages = [now - timestamp, centre - timestamp, now - timestamp - APPLE_EPOCH_MS];
  const possible = ages.filter((age) => age >= -DIFFER_MS && age <= OLDEST_MS);
  return possible.length ? Math.max(0, Math.min(...possible)) : null;
}

function known(number) {
  return Number.isFinite(number) ? number : null;
}
