/**
 * Pyodide's core in parts: a module whose functions that the app did not run are in chunks. The build describes
 * the parts in `src/transform/split`.
 *
 * @module
 */

import { Chunks } from "./chunks.mjs";
import { tell } from "./listeners.mjs";

/** @typedef {import("./manifest.d.mts").SplitCore} SplitCore */
/** @typedef {import("./loader.d.mts").MissEvent} MissEvent */

/** The module of imports, and the start of the names of exports, that are for the loader. */
const OWN = "pyodide-pack";
/** The place of the function that loads chunks, in the module's table. */
const LOAD_SLOT = 0;
/** A module that exports a function of three numbers that it imports: tables only take functions of modules. */
const WRAPPER = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 3, 127, 127, 127, 0],
  ...[2, 7, 1, 1, 101, 1, 102, 0, 0, 7, 5, 1, 1, 102, 0, 0],
);

/** The package of the core in events. */
const PACKAGE = "pyodide";

export class CoreChunks {
  #split;
  #chunks;
  #host;
  #onMiss;
  /** @typedef {() => { content: Uint8Array, fetched: number }} Take */
  /** @type {(take: Take) => ReturnType<Take>} */
  #locked = (take) => take();
  #isLocked = false;

  /**
   * @param {SplitCore} split
   * @param {import("./hosts/host.mjs").Host} host
   * @param {(event: MissEvent) => void} onMiss
   */
  constructor(split, host, onMiss) {
    this.#split = split;
    this.#host = host;
    this.#onMiss = onMiss;
    const described = split.chunks.map((chunk) => ({ ...chunk, eager: false, package: PACKAGE }));
    this.#chunks = new Chunks(described, host);
  }

  /** The address of the module that has the functions that ran. */
  get address() {
    return this.#host.address(this.#split.file);
  }

  /**
   * Makes an instance of the module load chunks, and returns its exports for Emscripten, which looks at each.
   * @param {WebAssembly.Instance} instance
   * @param {WebAssembly.Imports} imports
   */
  connect({ exports }, imports) {
    const isOwn = (/** @type {string} */ name) => name.startsWith(`${OWN}:`);
    const all = Object.entries(exports);
    const own = Object.fromEntries(all.filter(([name]) => isOwn(name)).map(([name, value]) => [name.slice(OWN.length + 1), value]));
    const table = /** @type {WebAssembly.Table} */ (own.table);
    const load = (/** @type {number} */ slot) => this.#load(slot, { ...imports, [OWN]: own });
    const wrapper = new WebAssembly.Instance(new WebAssembly.Module(WRAPPER), { e: { f: load } });
    table.set(LOAD_SLOT, /** @type {any} */ (wrapper.exports.f));
    return Object.fromEntries(all.filter(([name]) => !isOwn(name)));
  }

  /**
   * From now on, chunks are fetched while Python's lock is held.
   * @param {(take: Take) => ReturnType<Take>} locked takes the lock for a call
   */
  lockBy(locked) {
    this.#locked = locked;
  }

  /** @param {Take} take */
  #withLock(take) {
    if (this.#isLocked) return take(); // called by the functions of the lock
    this.#isLocked = true;
    try {
      return this.#locked(take);
    } finally {
      this.#isLocked = false;
    }
  }

  /**
   * Fetches all chunks, each after `turn`.
   * @param {() => Promise<void>} turn
   */
  async prefetch(turn) {
    await this.#chunks.prefetch(() => true, turn);
  }

  /**
   * Loads the chunk of a function, without returning to the event loop.
   * @param {number} slot of the function
   * @param {WebAssembly.Imports} imports
   */
  #load(slot, imports) {
    const { chunks } = this.#split;
    const number = chunks.findIndex(({ first, functions }) => slot < first + functions);
    const { file, bytes, functions } = chunks[number];
    const started = performance.now();
    const miss = { path: "pyodide.asm.wasm", package: PACKAGE, chunk: file, bytes: 0, stack: [], functions };
    try {
      const place = { path: miss.path, size: bytes, container: number, offset: 0 };
      const { content, fetched } = this.#withLock(() => this.#chunks.take(place));
      const module = new WebAssembly.Module(/** @type {BufferSource} */ (content));
      new WebAssembly.Instance(module, importsOf(module, imports));
      tell(this.#onMiss, { ...miss, bytes: fetched, milliseconds: performance.now() - started });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `a part of Pyodide's core could not be fetched from ${this.#host.address(file)}: ${why}`;
      tell(this.#onMiss, { ...miss, milliseconds: performance.now() - started, error: message });
      throw new Error(message, { cause });
    }
  }
}

/**
 * What a chunk imports. A number stands in for globals that it does not use.
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Imports} from
 */
function importsOf(module, from) {
  /** @type {WebAssembly.Imports} */
  const imports = {};
  for (const { module: source, name } of WebAssembly.Module.imports(module)) {
    (imports[source] ??= {})[name] = source === "" ? 0 : from[source][name];
  }
  return imports;
}
