/**
 * The chunks that a start needs: which copies of them are fetched, and their bytes.
 *
 * @module
 */

import { fits, isZstd } from "./bytes.mjs";
import { inflated } from "./embedded.mjs";
import { unzstd } from "./zstd.mjs";

/** @typedef {import("./manifest.d.mts").Chunk} Chunk */
/** @typedef {import("./manifest.d.mts").Copy} Copy */
/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./loader.d.mts").BundleOptions} BundleOptions */
/** @typedef {import("./hosts/host.mjs").Host} Host */

/** The package of the standard library. */
export const STDLIB = "stdlib";

export class EagerChunks {
  #chunks;
  #host;
  #options;
  #report;
  /** @type {Map<number, Uint8Array>} by number */
  #content = new Map();

  /**
   * Starts to fetch them in the order in which they are needed: the standard library at once, without which Python
   * can't start, and the others when this and the core have arrived.
   * @param {Manifest} manifest
   * @param {Host} host
   * @param {BundleOptions} options
   * @param {(phase: "fetch", bytes: number) => void} report
   * @param {Promise<unknown>} core resolves when it has arrived
   * @param {(chunk: number) => boolean} hasModules whether a chunk has side modules
   */
  constructor(manifest, host, options, report, core, hasModules) {
    this.#chunks = manifest.chunks;
    this.#host = host;
    this.#options = options;
    this.#report = report;
    /** Which compressed copies are fetched. */
    this.copy = this.#chooseCopy(manifest.copies);
    const isStdlib = (/** @type {number} */ chunk) => this.#chunks[chunk].package === STDLIB;
    const isModules = (/** @type {number} */ chunk) => !isStdlib(chunk) && hasModules(chunk);
    /** The bytes of the standard library by number, those with zstd as they come. */
    this.stdlib = this.#fetchAll(isStdlib);
    const first = Promise.all([core, this.stdlib]);
    /** The bytes of chunks with side modules. */
    this.modules = first.then(() => this.#fetchAll(isModules));
    /** The bytes of the other chunks. */
    this.others = first.then(() => this.#fetchAll((chunk) => !isStdlib(chunk) && !isModules(chunk)));
    // A failure is reported where a promise is awaited, and not as unhandled before.
    for (const promise of [this.stdlib, this.modules, this.others]) promise.catch(() => {});
  }

  /**
   * The content of a file, if its chunk is eager.
   * @param {import("./packfs.mjs").PackFile} file
   */
  view({ size, container, offset }) {
    return this.#content.get(container)?.subarray(offset, offset + size);
  }

  /**
   * Waits for chunks, and decodes those that came as zstd.
   * @param {Promise<Map<number, Uint8Array>>} chunks some of those above
   * @param {any} module Pyodide's module, which has the decoder
   */
  async decode(chunks, module) {
    for (const [number, bytes] of await chunks) {
      if (this.#content.has(number)) continue;
      const content = isZstd(bytes) ? await this.#decoded(this.#chunks[number], bytes, module) : bytes;
      this.#content.set(number, content);
    }
  }

  /**
   * @param {Chunk} chunk
   * @param {Uint8Array} bytes
   * @param {any} module
   * @returns {Promise<Uint8Array>}
   */
  async #decoded(chunk, bytes, module) {
    const whole = unzstd(module, bytes, chunk.bytes);
    // A damaged copy is replaced by the file itself.
    return (await fits(whole, chunk)) ? whole : this.#host.bytes(chunk, undefined, () => {});
  }

  /**
   * @param {Copy[]} copies
   * @returns {Promise<Copy | undefined>}
   */
  async #chooseCopy(copies) {
    const { compression = "auto" } = this.#options;
    const fetched = this.#chunks.filter((chunk) => chunk.eager && !this.#embeddedIn(chunk));
    const [largest] = fetched.sort((one, other) => other.bytes - one.bytes);
    if (largest === undefined || compression === "host") return undefined;
    if (compression !== "auto") return compression;
    return copies.length > 0 && !(await this.#host.compresses(largest)) ? copies[0] : undefined;
  }

  /**
   * The zip that holds a chunk, if the program passed it.
   * @param {Chunk} chunk
   */
  #embeddedIn({ embedded, package: name }) {
    const isStdlib = name === STDLIB;
    if (embedded !== undefined) return this.#options.bundle;
    return isStdlib ? this.#options.stdlib : undefined;
  }

  /**
   * @param {(chunk: number) => boolean} wanted
   * @returns {Promise<Map<number, Uint8Array>>}
   */
  async #fetchAll(wanted) {
    const { bundle, stdlib } = this.#options;
    const [wholeBundle, wholeStdlib] = await Promise.all([
      bundle && inflated(bundle, "bundle", this.#host),
      stdlib && inflated(stdlib, "standard library", this.#host),
    ]);
    const entries = this.#chunks.map(async (chunk, number) => {
      if (!chunk.eager || !wanted(number)) return undefined;
      const of = this.#embeddedIn(chunk);
      const whole = of && (of === stdlib ? wholeStdlib : wholeBundle);
      const bytes = whole === undefined ? await this.#fetch(chunk) : this.#cut(chunk, whole);
      return /** @type {const} */ ([number, bytes]);
    });
    return new Map((await Promise.all(entries)).filter((entry) => entry !== undefined));
  }

  /** @param {Chunk} chunk */
  async #fetch(chunk) {
    return this.#host.bytes(chunk, await this.copy, (count) => this.#report("fetch", count));
  }

  /**
   * @param {Chunk} chunk
   * @param {Uint8Array} whole the embedded zip
   */
  #cut({ file, bytes, embedded: start = 0 }, whole) {
    if (whole.length < start + bytes) {
      throw new Error(`the embedded bytes for ${file} are not those of the manifest`);
    }
    this.#report("fetch", bytes);
    return whole.subarray(start);
  }
}
