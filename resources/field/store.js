// What the phone keeps, in IndexedDB: who it is, its commands, and what it has still to send.

const NAME = "trellis-field";

/** The phone's store. Every write is done when its promise is. */
export class Store {
  static async open() {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("commands", { keyPath: "command_id" });
      const queue = asked.result.createObjectStore("queue", { keyPath: "key" });
      // A step of a command goes into the queue once, whatever fingers and tabs do.
      queue.createIndex("what", "what", { unique: true });
    };
    return new Store(await answerOf(asked));
  }

  constructor(base) {
    this.base = base;
  }

  get(name) {
    return answerOf(this.base.transaction("kept").objectStore("kept").get(name));
  }

  all(shelf) {
    return answerOf(this.base.transaction(shelf).objectStore(shelf).getAll());
  }

  keep(name, value) {
    return this.#change("kept", (shelf) => shelf.put(value, name));
  }

  put(shelf, entry) {
    return this.#change(shelf, (store) => store.put(entry));
  }

  /** False when there is an entry for the same `what` already. */
  async add(entry) {
    try {
      await this.#change("queue", (store) => store.add(entry));
      return true;
    } catch (error) {
      if (error && error.name === "ConstraintError") return false;
      throw error;
    }
  }

  remove(shelf, keys) {
    return this.#change(shelf, (store) => keys.forEach((key) => store.delete(key)));
  }

  #change(shelf, work) {
    // Strict: on the flash memory, not only handed to the system, when it says done.
    const turn = this.base.transaction(shelf, "readwrite", { durability: "strict" });
    work(turn.objectStore(shelf));
    return new Promise((resolve, reject) => {
      turn.oncomplete = () => resolve();
      turn.onabort = () => reject(turn.error);
    });
  }
}

function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
