// What the phone keeps, in IndexedDB: who it is, its commands, and what it has still to send.

const NAME = "trellis-field";
const VERSION = 1;
/** Another try would end the same way. */
const FINAL_ERRORS = ["ConstraintError", "QuotaExceededError", "VersionError"];

/** The phone's store. A browser may close it at any time (memory is short, the site's data were
 * deleted, another release opens it): it is opened again once, and the work repeated. */
export class Store {
  /** Throws when the browser has no store for this page, or does not let it be read. */
  static async open() {
    const store = new Store();
    await store.#connect();
    return store;
  }

  constructor() {
    this.base = null;
    /** Why the last write failed: "", "full", "closed" or "newer". Only a write that worked clears it. */
    this.fault = "";
    /** Called when `fault` has changed. */
    this.changed = () => {};
    /** Called when the store was deleted under the running page, and is empty now. */
    this.emptied = () => {};
    this.wasOpen = false;
  }

  get(name) {
    return this.#use((base) => answerOf(base.transaction("kept").objectStore("kept").get(name)));
  }

  all(shelf) {
    return this.#use((base) => answerOf(base.transaction(shelf).objectStore(shelf).getAll()));
  }

  /** Write a value under a name; whether it is on the phone for good. */
  keep(name, value) {
    return this.#write("kept", (shelf) => shelf.put(value, name));
  }

  /** Write an entry; whether it is on the phone for good. */
  put(shelf, entry) {
    return this.#write(shelf, (store) => store.put(entry));
  }

  /** Put a new entry into the queue: "kept", "unkept" when it could not be written, "twice" when
   * another entry for the same `what` is there already. */
  async add(entry) {
    try {
      return await this.#write("queue", (store) => store.put(entry)) ? "kept" : "unkept";
    } catch (error) {
      if (error.name === "ConstraintError") return "twice";
      throw error;
    }
  }

  /** Whether they are gone for good. */
  remove(shelf, keys) {
    return this.#write(shelf, (store) => keys.forEach((key) => store.delete(key)));
  }

  /** Whether it was written. A write that breaks a rule of the store throws ConstraintError. */
  async #write(shelf, work) {
    let fault = "";
    try {
      await this.#use((base) => changeIn(base, shelf, work));
    } catch (error) {
      if (error.name === "ConstraintError") throw error;
      console.warn(`the store: ${error.name}: ${error.message}`);
      fault = { QuotaExceededError: "full", VersionError: "newer" }[error.name] || "closed";
    }
    if (fault !== this.fault) {
      this.fault = fault;
      this.changed();
    }
    return !fault;
  }

  async #use(work) {
    try {
      return await work(this.base || await this.#connect());
    } catch (error) {
      if (FINAL_ERRORS.includes(error.name)) throw error;
      this.#lost(this.base);
      return work(await this.#connect());
    }
  }

  async #connect() {
    const asked = indexedDB.open(NAME, VERSION);
    let isNew = false;
    asked.onupgradeneeded = () => {
      isNew = true;
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("commands", { keyPath: "command_id" });
      const queue = asked.result.createObjectStore("queue", { keyPath: "key" });
      // A step of a command goes into the queue once, whatever fingers and tabs do.
      queue.createIndex("what", "what", { unique: true });
    };
    const base = await answerOf(asked);
    base.onclose = () => this.#lost(base);
    // Whoever deletes the store, or opens it in a newer release, waits until this one lets go.
    base.onversionchange = () => this.#lost(base);
    this.base = base;
    if (isNew && this.wasOpen) setTimeout(() => this.emptied());
    this.wasOpen = true;
    return base;
  }

  #lost(base) {
    if (base) base.close();
    if (this.base === base) this.base = null;
  }
}

function changeIn(base, shelf, work) {
  // Strict: on the flash memory, not only handed to the system, when it says done.
  const turn = base.transaction(shelf, "readwrite", { durability: "strict" });
  work(turn.objectStore(shelf));
  return new Promise((resolve, reject) => {
    turn.oncomplete = () => resolve();
    turn.onabort = () => reject(turn.error || new DOMException("the store was closed", "AbortError"));
  });
}

function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
