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
const STDLIB = "stdlib";

export class EagerChunks {
  #chunks;
  #host;
  #options;
  #report;
  /** @type {Map<number, Uint8Array>} by number */
  #decoded = new Map();

  /**
   * Starts to fetch them.
   * @param {Manifest} manifest
   * @param {Host} host
   * @param {BundleOptions} options
   * @param {(phase: "fetch", bytes: number) => void} report
   */
  constructor(manifest, host, options, report) {
    this.#chunks = manifest.chunks;
    this.#host = host;
    this.#options = options;
    this.#report = report;
    /** Which compressed copies are fetched. */
    this.copy = this.#chooseCopy(manifest.copies);
    /** The bytes by number, those with zstd as they come. */
    this.arrived = this.#fetchAll();
    // A failure is reported where the promise is awaited, and not as unhandled before.
    this.arrived.catch(() => {});
  }

  /**
   * The content of a file, if its chunk is eager.
   * @param {import("./packfs.mjs").PackFile} file
   */
  view({ size, container, offset }) {
    return this.#decoded.get(container)?.subarray(offset, offset + size);
  }

  /**
   * Waits for all chunks, and decodes those that came as zstd.
   * @param {any} module Pyodide's module, which has the decoder
   */
  async decode(module) {
    const arrived = await this.arrived;
    for (const [number, bytes] of arrived) {
      if (!isZstd(bytes)) continue;
      const chunk = this.#chunks[number];
      const whole = unzstd(module, bytes, chunk.bytes);
      // A damaged copy is replaced by the file itself.
      const isWhole = await fits(whole, chunk);
      arrived.set(number, isWhole ? whole : await this.#host.bytes(chunk, undefined, () => {}));
    }
    this.#decoded = arrived;
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

  /** @returns {Promise<Map<number, Uint8Array>>} */
  async #fetchAll() {
    const { bundle, stdlib } = this.#options;
    const [wholeBundle, wholeStdlib] = await Promise.all([
      bundle && inflated(bundle, "bundle", this.#host),
      stdlib && inflated(stdlib, "standard library", this.#host),
    ]);
    const entries = this.#chunks.map(async (chunk, number) => {
      if (!chunk.eager) return undefined;
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
