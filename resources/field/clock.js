// The time: the phone's own, put right by the centre's where the two differ.

const DIFFER_MS = 2000;

export class Clock {
  constructor() {
    this.aheadMs = 0;
  }

  /** Milliseconds since 1970-01-01 UTC. */
  now() {
    return Math.round(Date.now() + this.aheadMs);
  }

  /** The centre said that it is `at`. */
  hear(at) {
    const aheadMs = at - Date.now();
    if (at && Math.abs(aheadMs - this.aheadMs) > DIFFER_MS) {
      this.aheadMs = Math.abs(aheadMs) > DIFFER_MS ? aheadMs : 0;
    }
  }
}
