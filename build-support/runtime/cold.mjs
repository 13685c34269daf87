/**
 * What is not in the bundle: chunks, fetched when a file of theirs is first opened, or ahead of that.
 *
 * @module
 */

import { crc32 } from "./hosts.mjs";

/** @typedef {import("./hosts.mjs").Part} Part */

export class Cold {
  #parts;
  #host;
  /** @type {Map<number, Uint8Array>} chunks that arrived */
  #here = new Map();

  /**
   * @param {Part[]} parts
   * @param {import("./hosts.mjs").Host} host
   */
  constructor(parts, host) {
    this.#parts = parts;
    this.#host = host;
  }

  /**
   * Takes the cold parts from one zip that has them all.
   * @param {Uint8Array} whole
   */
  embed(whole) {
    this.#parts.forEach(({ hot, embedded, bytes }, number) => {
      if (hot || embedded === undefined) return;
      if (whole.length < embedded + bytes) {
        throw new Error("the embedded cold files are not those of the manifest");
      }
      this.#here.set(number, whole.subarray(embedded, embedded + bytes));
    });
  }

  /**
   * The content of a file, without returning to the event loop. A chunk that does not arrive whole is
   * asked for once more, past caches; if that fails too, nothing of it is kept.
   * @param {import("./packfs.mjs").PackFile} file
   * @returns {{ content: Uint8Array, fetched: number }} and how many bytes came for it
   */
  take({ size, part, offset }) {
    const known = this.#here.get(part);
    const chunk = known ?? this.#fetchNow(this.#parts[part]);
    this.#here.set(part, chunk);
    return {
      content: chunk.subarray(offset, offset + size),
      fetched: known === undefined ? chunk.length : 0,
    };
  }

  /** @param {Part} part */
  #fetchNow(part) {
    try {
      return this.#tryNow(part, false);
    } catch {
      return this.#tryNow(part, true);
    }
  }

  /**
   * @param {Part} part
   * @param {boolean} again
   */
  #tryNow({ file, bytes, crc32: expected }, again) {
    const content = this.#host.bytesNow(file, again);
    if (content.length !== bytes || crc32(content) !== expected) {
      throw new Error("it is not what the manifest says");
    }
    return content;
  }

  /**
   * Fetches chunks that are not here yet, one after the other, each after `turn`. It ends with the
   * first that can't be fetched: whoever needs it asks again.
   * @param {(part: Part) => boolean} wanted
   * @param {() => Promise<void>} turn
   */
  async prefetch(wanted, turn) {
    for (const [number, part] of this.#parts.entries()) {
      if (part.hot || !wanted(part)) continue;
      await turn();
      if (this.#here.has(number)) continue;
      const bytes = await this.#host.bytes(part, undefined, () => {});
      if (!this.#here.has(number)) this.#here.set(number, bytes);
    }
  }
}

/** A moment in which the browser has nothing else to do; elsewhere the next turn of the event loop. */
export function idle() {
  return new Promise((/** @type {(_?: unknown) => void} */ resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(resolve);
    else setTimeout(resolve);
  }).then(() => {});
}
