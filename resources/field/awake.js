// Keeps the screen on while that is wanted and the page is looked at.

export class Awake {
  constructor() {
    this.isWanted = false;
    this.lock = null;
    document.addEventListener("visibilitychange", () => this.#hold());
  }

  static get isKnown() {
    return "wakeLock" in navigator;
  }

  want(isWanted) {
    this.isWanted = isWanted;
    if (!isWanted && this.lock) this.lock.release();
    return this.#hold();
  }

  async #hold() {
    if (!this.isWanted || document.hidden || this.lock || !Awake.isKnown) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.lock.onrelease = () => { this.lock = null; };
    } catch (error) {
      // A battery that runs low forbids it: the next look at the page tries anew.
      console.info(error.name);
    }
  }
}
