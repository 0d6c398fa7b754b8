// Where the phone is: watched while it is shared, thinned, and sent over the line.

import { metresBetween } from "./geo.js";

const EVERY_MS = 1000;
const STILL_EVERY_MS = 30_000;
const STILL_M = 8;
/** Offline, a coarser trail is kept, and sent when the line is back. */
const TRAIL_EVERY_MS = 10_000;
const LONGEST_TRAIL = 240;
/** A guess from cell towers would mislead the centre more than no fix. */
const ROUGHEST_M = 200;

/** `state` is "off", "asking", "on", "rough", "denied", "missing" or "insecure". */
export class Position {
  /** `say(frame)` tells whether it was sent; `changed()` when there is something to show. */
  constructor({ clock, say, changed }) {
    Object.assign(this, { clock, say, changed });
    this.state = "off";
    this.here = null;
    this.sentAt = 0;
    this.last = null;
    this.trail = [];
    this.isPrecise = true;
    this.watch = null;
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
      { enableHighAccuracy: isPrecise, maximumAge: isPrecise ? 1000 : 15_000, timeout: 60_000 },
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
    while (this.trail.length && this.say(this.trail[0])) {
      this.trail.shift();
      this.sentAt = Date.now();
    }
  }

  /** Called every so often: who stands still is heard of all the same. */
  tick() {
    if (this.here && this.state === "on" && this.#isDue()) this.#send();
  }

  #take({ coords, timestamp }) {
    const { longitude: lon, latitude: lat, accuracy, heading, speed } = coords;
    this.here = { lon, lat, accuracy, heading, speed, at: Math.round(timestamp) };
    this.#be(accuracy > ROUGHEST_M ? "rough" : "on");
    if (this.state === "on" && this.#isDue()) this.#send();
    this.changed();
  }

  #fail(error) {
    if (error.code === error.PERMISSION_DENIED) {
      navigator.geolocation.clearWatch(this.watch);
      this.watch = null;
      this.#be("denied");
    } else if (!this.here) this.#be("asking");
  }

  #isDue() {
    const ageMs = Date.now() - this.sentAt;
    if (!this.last) return true;
    const isStill = metresBetween(this.last, this.here) < Math.max(STILL_M, this.here.accuracy / 2);
    return ageMs >= (isStill ? STILL_EVERY_MS : EVERY_MS);
  }

  #send() {
    const { lon, lat, heading, speed } = this.here;
    const fix = { t: "fix", lon, lat, at: this.clock.now(), heading: known(heading), speed: known(speed) };
    if (this.say(fix)) {
      this.sentAt = Date.now();
      this.last = this.here;
    } else this.#keep(fix);
    this.changed();
  }

  #keep(fix) {
    const last = this.trail.at(-1);
    if (last && fix.at - last.at < TRAIL_EVERY_MS) return;
    this.trail.push(fix);
    if (this.trail.length > LONGEST_TRAIL) this.trail.shift();
  }

  #be(state) {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }
}

function known(number) {
  return Number.isFinite(number) ? number : null;
}
