/**
 * Requests that begin before anyone asks for their results.
 *
 * @module
 */

/** @typedef {(count: number) => void} OnBytes */

export class Ahead {
  /** @type {Map<string, (onBytes: OnBytes) => Promise<any>>} what has begun, by key */
  #begun = new Map();
  /** @type {Set<string>} the keys of what was asked for */
  #asked = new Set();

  /**
   * Begins a request, unless somebody has asked for it.
   * @param {string} key
   * @param {(onBytes: OnBytes) => Promise<unknown>} request
   */
  begin(key, request) {
    if (this.#asked.has(key) || this.#begun.has(key)) return;
    let early = 0;
    /** @type {OnBytes} */
    let count = (more) => {
      early += more;
    };
    const result = request((more) => count(more));
    result.catch(() => {}); // reported where it is asked for, if it is
    this.#begun.set(key, (onBytes) => {
      onBytes(early);
      count = onBytes;
      return result;
    });
  }

  /**
   * The result of a request that has begun, or of one that begins now.
   * @template T
   * @param {string} key
   * @param {(onBytes: OnBytes) => Promise<T>} request
   * @param {OnBytes} [onBytes]
   * @returns {Promise<T>}
   */
  take(key, request, onBytes = () => {}) {
    this.#asked.add(key);
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    return begun?.(onBytes) ?? request(onBytes);
  }
}
