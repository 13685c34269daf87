/**
 * Where a start takes its snapshot from: the caller, the browser's storage, or the server.
 *
 * @module
 */

import { fits } from "../bytes.mjs";
import { IN_NODE, IN_SERVICE_WORKER } from "../platform.mjs";
import { readSnapshot } from "./file.mjs";
import { Kept } from "./kept.mjs";

/** @typedef {import("./file.mjs").Snapshot} Snapshot */
/** @typedef {import("../loader.d.mts").BundleOptions} BundleOptions */

/** Options that change what Python does before the app, which a snapshot has done already. */
const OTHER_STARTS = ["args", "jsglobals", "indexURL", "_makeSnapshot", "_loadSnapshot"];
const WARNING = "pyodide-pack: Python starts without its snapshot:";
/** How long the app has the network for itself. */
const DELAY_MILLISECONDS = 2000;

export class Snapshots {
  #about;
  #host;
  #env;
  #given;
  /** @type {Kept | undefined} */
  #kept;

  /**
   * @param {import("../manifest.d.mts").Manifest} manifest
   * @param {import("../hosts/host.mjs").Host} host
   * @param {BundleOptions} options
   */
  constructor({ snapshot: about, copies }, host, options) {
    const { snapshot: given, env = {} } = options;
    this.#host = host;
    this.#env = env;
    const isOther = OTHER_STARTS.some((name) => options[name] !== undefined);
    if (about === undefined || given === "none" || isOther || IN_SERVICE_WORKER) return;
    this.#about = about;
    this.#given = given;
    const isStored = about.use === "idle" && given === undefined && !IN_NODE && globalThis.caches !== undefined;
    if (isStored) this.#kept = new Kept(host.address(about.file), copies.includes("gzip"));
  }

  /**
   * The snapshot, if there is one. Whatever is wrong with it, Python can start without it.
   * @returns {Promise<Snapshot | undefined>}
   */
  async take() {
    try {
      const bytes = await this.#bytes();
      const snapshot = bytes && readSnapshot(bytes);
      return snapshot && this.#isOfEnvironment(snapshot) ? snapshot : undefined;
    } catch (error) {
      await this.discard(error);
      return undefined;
    }
  }

  /**
   * Whether Python, which reads these variables when it starts, would have started in the same way.
   * @param {Snapshot} snapshot
   */
  #isOfEnvironment({ header: { environ } }) {
    return Object.entries(this.#env).every(([name, value]) => !name.startsWith("PYTHON") || environ[name] === value);
  }

  async #bytes() {
    if (this.#about === undefined) return undefined;
    if (this.#kept !== undefined) return this.#checked(await this.#kept.begin());
    if (this.#given instanceof ArrayBuffer) return this.#checked(new Uint8Array(this.#given));
    if (this.#given !== undefined) return this.#checked(this.#given);
    if (this.#about.use === "first") return this.#host.bytes(this.#about, undefined, () => {});
    return undefined;
  }

  /** @param {Uint8Array | undefined} bytes */
  async #checked(bytes) {
    if (bytes === undefined || this.#about === undefined) return undefined;
    if (await fits(/** @type {Uint8Array<ArrayBuffer>} */ (bytes), this.#about)) return bytes;
    throw new Error("it is not what the manifest says");
  }

  /**
   * The snapshot can't be read.
   * @param {unknown} error
   */
  async discard(error) {
    console.warn(WARNING, error);
    await this.#kept?.discard().catch(() => {});
  }

  /**
   * A start from the snapshot failed.
   * @param {unknown} error
   */
  async refuse(error) {
    console.warn(WARNING, error);
    await this.#kept?.refuse().catch(() => {});
  }

  /** The start is done. The next one may have a snapshot. */
  async succeeded() {
    const [about, kept] = [this.#about, this.#kept];
    if (about === undefined || kept === undefined) return;
    try {
      await kept.end();
      await new Promise((resolve) => setTimeout(resolve, DELAY_MILLISECONDS));
      await kept.fetch(() => this.#host.compresses(about));
    } catch {
      // There is no room, or no network.
    }
  }
}
