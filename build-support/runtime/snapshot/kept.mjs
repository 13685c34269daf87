/**
 * The snapshot that the browser keeps for the next start. The Cache API is there in pages and in workers, reads as
 * fast as the other storages, and writes while the network delivers.
 *
 * @module
 */

import { gunzipped } from "../hosts/streams.mjs";
import { isSnapshot } from "./file.mjs";

const CACHE = "pyodide-pack-snapshots";
/** In the address of the number of starts that did not end. */
const STARTS = "?unfinished-starts";
/** A snapshot with as many unfinished starts is not used again. */
const LIMIT = 3;

export class Kept {
  #address;
  #hasCopy;
  #isUsed = false;

  /**
   * @param {string} address of the file; its name has its digest
   * @param {boolean} hasCopy whether there is a copy with gzip
   */
  constructor(address, hasCopy) {
    this.#address = address;
    this.#hasCopy = hasCopy;
  }

  /**
   * The snapshot, if it is there. The start after one that did not end is a normal one: that was perhaps a crash.
   * @returns {Promise<Uint8Array | undefined>}
   */
  async begin() {
    // Some private windows have no storage.
    const cache = await caches.open(CACHE).catch(() => undefined);
    const kept = await cache?.match(this.#address);
    if (cache === undefined || kept === undefined) return undefined;
    const bytes = kept.arrayBuffer();
    const starts = await this.#starts(cache);
    await cache.put(this.#address + STARTS, new Response(String(starts + 1)));
    if (starts >= LIMIT) await cache.delete(this.#address);
    if (starts >= LIMIT || starts % 2 === 1) return undefined;
    this.#isUsed = true;
    return new Uint8Array(await bytes);
  }

  /** @param {Cache} cache */
  async #starts(cache) {
    const answer = await cache.match(this.#address + STARTS);
    return answer === undefined ? 0 : Number(await answer.text());
  }

  /** The start with the snapshot ended well. */
  async end() {
    if (!this.#isUsed) return;
    const cache = await caches.open(CACHE);
    await cache.delete(this.#address + STARTS);
  }

  /** Removes it. It is fetched again later. */
  async discard() {
    const cache = await caches.open(CACHE);
    await cache.delete(this.#address);
  }

  /** Removes it for good: no start from it works here. */
  async refuse() {
    const cache = await caches.open(CACHE);
    await cache.put(this.#address + STARTS, new Response(String(LIMIT)));
    await cache.delete(this.#address);
  }

  /**
   * Fetches and stores it, unless it is there, and removes those of other versions of this bundle.
   * @param {() => Promise<boolean>} compresses whether the server compresses it
   */
  async fetch(compresses) {
    if (isMetered()) return;
    const cache = await caches.open(CACHE);
    const isRefused = (await this.#starts(cache)) >= LIMIT;
    if (!isRefused && (await cache.match(this.#address)) === undefined) {
      const response = !this.#hasCopy || (await compresses()) ? await fetch(this.#address) : await this.#copied();
      if (!response.ok) return;
      await cache.put(this.#address, response).catch(async (error) => {
        // Each visit would fetch it in vain.
        if (error.name === "QuotaExceededError") await this.refuse();
        throw error;
      });
    }
    const folder = new URL("./", this.#address).href;
    for (const { url } of await cache.keys()) {
      if (new URL("./", url).href === folder && !url.startsWith(this.#address)) await cache.delete(url);
    }
  }

  /** From the copy with gzip, if it arrives. */
  async #copied() {
    const stream = await gunzipped(await fetch(`${this.#address}.gz`), isSnapshot).catch(() => undefined);
    return stream ? new Response(stream) : fetch(this.#address);
  }
}

/** Whether the visitor pays for each byte, as far as the browser says. */
function isMetered() {
  const { connection } = /** @type {any} */ (navigator);
  return Boolean(connection?.saveData) || connection?.type === "cellular";
}
