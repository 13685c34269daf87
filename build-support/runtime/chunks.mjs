/**
 * Lazy chunks: fetched when one of their files is first opened, or ahead of that.
 *
 * @module
 */

import { crc32 } from "./bytes.mjs";
import { GONE } from "./hosts/request.mjs";

/** @typedef {import("./manifest.d.mts").Chunk} Chunk */

export class Chunks {
  #chunks;
  #host;
  /** @type {Map<number, Uint8Array>} chunks that arrived */
  #arrived = new Map();

  /**
   * @param {Chunk[]} chunks
   * @param {import("./hosts/host.mjs").Host} host
   */
  constructor(chunks, host) {
    this.#chunks = chunks;
    this.#host = host;
  }

  /**
   * Takes the lazy chunks from one zip that has all of them.
   * @param {Uint8Array} whole
   */
  embed(whole) {
    this.#chunks.forEach(({ eager, embedded, bytes }, number) => {
      if (eager || embedded === undefined) return;
      if (whole.length < embedded + bytes) {
        throw new Error("the embedded lazy files are not those of the manifest");
      }
      this.#arrived.set(number, whole.subarray(embedded, embedded + bytes));
    });
  }

  /**
   * The content of a file, without returning to the event loop. A chunk that does not arrive whole is
   * fetched once more, past caches. If that fails too, the chunk is discarded.
   * @param {import("./packfs.mjs").PackFile} file
   * @returns {{ content: Uint8Array, fetched: number }} the content, and how many bytes came for it
   */
  take({ size, container, offset }) {
    const known = this.#arrived.get(container);
    const chunk = known ?? this.#fetchNow(this.#chunks[container]);
    this.#arrived.set(container, chunk);
    return {
      content: chunk.subarray(offset, offset + size),
      fetched: known === undefined ? chunk.length : 0,
    };
  }

  /** @param {Chunk} chunk */
  #fetchNow(chunk) {
    try {
      return this.#tryNow(chunk, false);
    } catch {
      return this.#tryNow(chunk, true);
    }
  }

  /**
   * @param {Chunk} chunk
   * @param {boolean} again
   */
  #tryNow({ file, bytes: length, crc32: expected }, again) {
    const { bytes, answer } = this.#host.bytesNow(file, again);
    if (bytes.length === length && crc32(bytes) === expected) return bytes;
    throw new Error(`it is not what the manifest says${answer && ` (${answer}): ${GONE}`}`);
  }

  /**
   * Fetches chunks that have not arrived yet, one after the other, each after `turn`. It ends at the first
   * failure: the chunk is fetched again when one of its files is opened.
   * @param {(chunk: Chunk) => boolean} wanted
   * @param {() => Promise<void>} turn
   */
  async prefetch(wanted, turn) {
    for (const [number, chunk] of this.#chunks.entries()) {
      if (chunk.eager || !wanted(chunk)) continue;
      await turn();
      if (this.#arrived.has(number)) continue;
      const bytes = await this.#host.bytes(chunk, undefined, () => {});
      if (!this.#arrived.has(number)) this.#arrived.set(number, bytes);
    }
  }
}
