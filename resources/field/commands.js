// Where each command stands: what the centre said of it, and what this phone has to say.

/** The steps that a person in the field takes, in order. */
export const STEPS = ["acknowledged", "en_route", "on_scene", "done"];
const PATH = ["queued", "sent", "delivered", "read", ...STEPS];
const ENDS = ["done", "refused"];

/** The commands of a unit, and the entries of the queue about them. */
export class Commands {
  constructor(store, queue) {
    this.store = store;
    this.queue = queue;
    this.known = new Map();
    this.told = null;
  }

  async load() {
    for (const command of await this.store.all("commands")) this.known.set(command.command_id, command);
  }

  /** A new line begins: the centre now tells everything that is not over. */
  begin() {
    this.told = new Set();
  }

  /** Keep a command the centre told of: whether it is new here, and on the phone for good. */
  async take(frame, unitId, at) {
    if (this.told) this.told.add(frame.command_id);
    const old = this.known.get(frame.command_id);
    const command = { ...old, ...frame, unit_id: unitId, got_at: old ? old.got_at : at, over: null };
    // Shown and rung also where it cannot be kept.
    this.known.set(frame.command_id, command);
    return { isNew: !old, isKept: await this.store.put("commands", command) };
  }

  /** Write down again all that the store may have lost. */
  async keepAll() {
    for (const command of this.known.values()) await this.store.put("commands", command);
  }

  /** The centre took a command back; it, or null when that is no news here. */
  async recall({ command_id: id, reason }, at) {
    const command = this.known.get(id);
    if (!command || (command.over && command.over.how !== "gone")) return null;
    await this.#end(command, { how: reason === "timed_out" ? "timed_out" : "recalled", reason, at });
    return command;
  }

  /** The centre has told all: what it has not told of is over by another's word. */
  async settle(unitId, at) {
    if (!this.told) return;
    const told = this.told;
    this.told = null;
    for (const command of this.open(unitId)) {
      if (!told.has(command.command_id) && !this.endOf(command)) {
        await this.#end(command, { how: "gone", reason: "", at });
      }
    }
  }

  async #end(command, over) {
    command.over = over;
    await this.store.put("commands", command);
  }

  /** Somebody has seen that it is over: it goes down the list. */
  async dismiss(command) {
    command.dismissed = true;
    await this.store.put("commands", command);
  }

  get(id) {
    return this.known.get(id);
  }

  /** Commands to act upon: the most urgent first, of those the newest. */
  open(unitId) {
    return this.#of(unitId).filter((c) => !this.isOver(c)).sort((one, other) => (
      one.priority - other.priority || startOf(other) - startOf(one)));
  }

  /** Commands that ended without this phone, and that nobody here has seen yet. */
  ended(unitId) {
    return this.#of(unitId).filter((c) => c.over && !c.dismissed && !this.endOf(c));
  }

  /** Commands that are over, the newest first. */
  past(unitId) {
    const fresh = new Set(this.ended(unitId));
    return this.#of(unitId).filter((c) => this.isOver(c) && !fresh.has(c))
      .sort((one, other) => startOf(other) - startOf(one));
  }

  #of(unitId) {
    return [...this.known.values()].filter((c) => c.unit_id === unitId);
  }

  isOver(command) {
    return Boolean(command.over) || Boolean(this.endOf(command));
  }

  /** "done" or "refused" when this phone, or the centre's word of it, says so; else null. */
  endOf(command) {
    if (ENDS.includes(command.step)) return command.step;
    const entry = this.entries(command).find((e) => ENDS.includes(e.request.step) && e.state !== "refused");
    return entry ? entry.request.step : null;
  }

  /** What this phone has said of a command, first things first. */
  entries(command) {
    return this.queue.entries.filter((e) => e.request.command_id === command.command_id);
  }

  /** How far it is, with what is still on its way. */
  stepOf(command) {
    const said = this.entries(command).filter((e) => e.state !== "refused").map((e) => e.request.step);
    return [command.step || "sent", ...said].reduce((far, step) => (
      PATH.indexOf(step) > PATH.indexOf(far) ? step : far));
  }

  hasReached(command, step) {
    return PATH.indexOf(this.stepOf(command)) >= PATH.indexOf(step);
  }

  /** The step that comes next; null when it is over. */
  nextOf(command) {
    if (this.isOver(command)) return null;
    return STEPS.find((step) => !this.hasReached(command, step)) || null;
  }

  /** Forget what was given before a moment and is over; with Infinity all that nothing is to be
   * sent of. */
  async tidy(before) {
    const waits = (c) => this.entries(c).some((e) => e.state === "pending");
    const old = [...this.known.values()].filter((c) => (
      startOf(c) < before && !waits(c) && (this.isOver(c) || before === Infinity)));
    if (!old.length || !await this.store.remove("commands", old.map((c) => c.command_id))) return;
    old.forEach((c) => this.known.delete(c.command_id));
  }
}

/** When a command was given, milliseconds UTC. */
export function startOf(command) {
  return command.issued_at || command.got_at;
}
