// A call for help: what this phone has said, and what the centre has made of it.

import { standingOf } from "./queue.js";

/** `state` of `standing`: "pending", "unkept" or "held" (not sent yet), "refused" (the centre did not
 * take it), "reached" (the centre has it), "seen" (an officer has it before them), "ended" (by the
 * centre, until somebody has understood it). */
export class Help {
  /** `said()` is the entry by which this phone last said what its unit is, refused ones too. */
  constructor({ store, unitId, said }) {
    Object.assign(this, { store, unitId, said });
    this.call = null;
  }

  async load() {
    this.call = await this.store.get("sos") || null;
  }

  /** What the centre says of the unit's last call. */
  async hear({ t: _, ...frame }) {
    const isSame = this.call?.called_at === frame.called_at && this.call.ended_at === frame.ended_at;
    this.call = { ...frame, unit_id: this.unitId(), isUnderstood: isSame && this.call.isUnderstood };
    await this.store.keep("sos", this.call);
  }

  /** Somebody has read that the centre ended the call. */
  async understand() {
    this.call = { ...this.call, isUnderstood: true };
    await this.store.keep("sos", this.call);
  }

  async forget() {
    this.call = null;
    await this.store.keep("sos", null);
  }

  /** The call that stands, `{state, at, …}`; null where there is none. */
  get standing() {
    const said = this.said();
    const call = this.call?.unit_id === this.unitId() ? this.call : null;
    if (said?.request.status === "sos") return this.#ofEntry(said, call);
    // Called for by the duty room, or by another phone of the unit, and not called off since.
    const isOff = !call || call.ended_at || (said && said.state !== "refused" && said.at >= call.called_at);
    return isOff ? null : asSeen(call);
  }

  /** Whether somebody waits for help: the phone must not ring, and its position goes out. */
  get isCalling() {
    const { state } = this.standing || {};
    return Boolean(state) && !["ended", "refused"].includes(state);
  }

  #ofEntry(said, call) {
    if (said.state !== "confirmed") return { state: standingOf(said).replace("state.", ""), at: said.at, answer: said.answer };
    if (!call || (said.isNew !== false && call.called_at < said.at)) return { state: "reached", at: said.at };
    if (!call.ended_at) return asSeen(call);
    if (call.isUnderstood) return null;
    return { state: "ended", at: call.called_at, who: call.ended_by, when: call.ended_at, why: call.reason };
  }
}

function asSeen(call) {
  if (!call.acknowledged_at) return { state: "reached", at: call.called_at };
  return { state: "seen", at: call.called_at, who: call.acknowledged_by, when: call.acknowledged_at };
}
