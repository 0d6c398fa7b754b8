// A new command makes itself heard: sound, vibration, and a notification when nobody looks.

const PATTERN = [300, 120, 300, 120, 600];
const AGAIN_MS = 6000;
const TIMES = 10;

/** Rings for a command until somebody touches the page. `isWanted()` tells whether to. */
export class Alarm {
  constructor({ isWanted }) {
    this.isWanted = isWanted;
    this.audio = null;
    this.timer = 0;
    this.left = 0;
    // A browser plays nothing before somebody has touched the page.
    for (const kind of ["pointerup", "click"]) {
      document.addEventListener(kind, () => this.#touched(), { capture: true });
    }
  }

  /** Whether a sound would be heard. */
  get isReady() {
    return this.audio !== null && this.audio.state === "running";
  }

  /** Make it heard. Urgent ones ring again and again until somebody touches the page. */
  ring(title, body, tag, isUrgent) {
    if (this.isWanted()) {
      this.left = isUrgent ? TIMES : 1;
      this.#sound();
    }
    if (document.hidden || !document.hasFocus()) this.#notify(title, body, tag);
  }

  /** Ask for leave to notify. */
  async ask() {
    if ("Notification" in window && Notification.permission === "default") {
      await Notification.requestPermission();
    }
  }

  hush() {
    clearTimeout(this.timer);
    this.left = 0;
    if (navigator.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate(0);
  }

  #touched() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!this.audio && Context) this.audio = new Context();
    if (this.audio && this.audio.state === "suspended") this.audio.resume().catch((error) => console.info(error.name));
    this.hush();
  }

  #sound() {
    clearTimeout(this.timer);
    if (this.left <= 0) return;
    this.left -= 1;
    if (navigator.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate(PATTERN);
    if (this.isReady) [0, 0.28, 0.56].forEach((afterS, place) => this.#tone(afterS, [740, 740, 988][place]));
    if (this.left > 0) this.timer = setTimeout(() => this.#sound(), AGAIN_MS);
  }

  #tone(afterS, hertz) {
    const start = this.audio.currentTime + afterS;
    const tone = new OscillatorNode(this.audio, { type: "triangle", frequency: hertz });
    const loudness = new GainNode(this.audio, { gain: 0 });
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.6, start + 0.02);
    loudness.gain.linearRampToValueAtTime(0, start + 0.22);
    tone.connect(loudness).connect(this.audio.destination);
    tone.start(start);
    tone.stop(start + 0.24);
  }

  async #notify(title, body, tag) {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const worker = await navigator.serviceWorker?.getRegistration("field");
    const options = { body, tag, renotify: true, requireInteraction: true, vibrate: PATTERN, icon: "field/icon.svg" };
    if (worker) await worker.showNotification(title, { ...options, data: { hash: `#c=${tag}` } });
  }
}
