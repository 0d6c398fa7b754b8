// The line to the centre: a WebSocket that comes back by itself.

import { Unreachable, isKnown } from "./server.js";

const SUBPROTOCOL = "trellis.field.json";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The server gives a sign of life every twenty seconds. */
const SILENCE_MS = 45_000;
/** Younger than this a line is not doubted. */
const FRESH_MS = 5000;
const REVOKED = 4001;
const REPLACED = 4002;

/** `state` is "off", "connecting", "online", "offline", "revoked" or "replaced". */
export class Line {
  /** `heard(frame)` for each frame, `changed()` when the state did. */
  constructor({ token, heard, changed }) {
    Object.assign(this, { token, heard, changed });
    this.state = "off";
    this.since = Date.now();
    this.waitMs = FIRST_WAIT_MS;
    this.socket = null;
    this.timer = 0;
    setInterval(() => this.#listen(), 2000);
  }

  /** Connect now, unless there is a line or one is being made. */
  open() {
    clearTimeout(this.timer);
    if (this.socket || !this.token()) return;
    if (this.state !== "offline") this.#be("connecting");
    const address = new URL("api/v1/field", document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address, [SUBPROTOCOL, `bearer.${this.token()}`]);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => this.#be("online");
    socket.onmessage = (event) => this.#take(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  /** Hang up, and stay away. */
  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
    this.#be("off");
  }

  /** Connect anew: the centre then tells all that is so. */
  renew() {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
    this.waitMs = FIRST_WAIT_MS;
    this.open();
  }

  /** A call has found nobody: an old silence is no sign of life then. */
  doubt() {
    if (this.state === "online" && Date.now() - this.heardAt > FRESH_MS) this.renew();
  }

  /** Say a frame, if there is a line; whether there was. */
  say(frame) {
    if (this.state !== "online" || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  #take(socket, data) {
    if (socket !== this.socket) return;
    this.heardAt = Date.now();
    this.waitMs = FIRST_WAIT_MS;
    this.heard(JSON.parse(data));
  }

  async #lost(socket, code) {
    if (socket !== this.socket) return;
    this.socket = null;
    const wasOpen = this.state === "online";
    if (code === REVOKED) this.#be("revoked");
    else if (code === REPLACED) this.#be("replaced");
    else {
      this.#be("offline");
      // A browser is not told why a handshake was refused: ask.
      if (!wasOpen && await this.#isRefused()) this.#be("revoked");
      else this.#again();
    }
  }

  async #isRefused() {
    try {
      return !await isKnown(this.token());
    } catch (error) {
      if (error instanceof Unreachable) return false;
      throw error;
    }
  }

  #again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.waitMs * (0.75 + Math.random() / 2));
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
  }

  #listen() {
    // A network that went away without a word leaves a socket that looks open for minutes.
    if (this.socket && Date.now() - this.heardAt > SILENCE_MS) {
      const socket = this.socket;
      this.#lost(socket, 0);
      socket.close();
    }
  }

  #be(state) {
    if (this.state === state) return;
    this.state = state;
    this.since = Date.now();
    this.changed();
  }
}
