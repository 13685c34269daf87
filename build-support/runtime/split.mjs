/**
 * WebAssembly modules in parts: Pyodide's core and side modules, whose functions that the app did not run are in
 * chunks. The build describes the parts in `src/transform/split`.
 *
 * @module
 */

import { Chunks } from "./chunks.mjs";
import { tell } from "./listeners.mjs";

/** @typedef {import("./manifest.d.mts").FunctionChunk} FunctionChunk */
/** @typedef {import("./loader.d.mts").MissEvent} MissEvent */
/** @typedef {() => { content: Uint8Array, fetched: number }} Take */
/**
 * What a chunk imports under a module and a name. The addresses are those of a side module.
 * @typedef {(from: string, name: string, memoryBase: number, tableBase: number) => any} Resolve
 */

/** The module of imports, and the start of other names, that are for the loader. */
const OWN = "pyodide-pack";
/** The place of the function that loads chunks, in a module's private table. */
const LOAD_SLOT = 0;
/** A module that exports a function of three numbers that it imports: tables only take functions of modules. */
const WRAPPER = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 3, 127, 127, 127, 0],
  ...[2, 7, 1, 1, 101, 1, 102, 0, 0, 7, 5, 1, 1, 102, 0, 0],
);
/** The core's path and package in events. */
const CORE = { path: "pyodide.asm.wasm", package: "pyodide" };

/** Python's lock, as soon as there is one. */
class Lock {
  /** @type {(take: Take) => ReturnType<Take>} */
  by = (take) => take();
  #isHeld = false;

  /** @param {Take} take */
  with(take) {
    if (this.#isHeld) return take(); // called by the functions of the lock
    this.#isHeld = true;
    try {
      return this.by(take);
    } finally {
      this.#isHeld = false;
    }
  }
}

/** The chunks of one module. */
class Part {
  #chunks;
  #fetched;
  #host;
  #about;
  #lock;
  #onMiss;

  /**
   * @param {FunctionChunk[]} chunks
   * @param {import("./hosts/host.mjs").Host} host
   * @param {{ path: string, package: string }} about the module
   * @param {Lock} lock
   * @param {(event: MissEvent) => void} onMiss
   */
  constructor(chunks, host, about, lock, onMiss) {
    this.#chunks = chunks;
    this.#host = host;
    this.#about = about;
    this.#lock = lock;
    this.#onMiss = onMiss;
    const described = chunks.map((chunk) => ({ ...chunk, eager: false, package: about.package }));
    this.#fetched = new Chunks(described, host);
  }

  /**
   * Fetches all chunks, each after `turn`.
   * @param {() => Promise<void>} turn
   */
  async prefetch(turn) {
    await this.#fetched.prefetch(() => true, turn);
  }

  /**
   * Makes an instance of the module load chunks.
   * @param {WebAssembly.Table} table of the instance
   * @param {Resolve} resolve
   */
  connect(table, resolve) {
    /** @type {(slot: number, memoryBase: number, tableBase: number) => void} */
    const load = (slot, ...bases) => this.#load(slot, (from, name) => resolve(from, name, ...bases));
    const wrapper = new WebAssembly.Instance(new WebAssembly.Module(WRAPPER), { e: { f: load } });
    table.set(LOAD_SLOT, /** @type {any} */ (wrapper.exports.f));
  }

  /**
   * Loads the chunk of a function, without returning to the event loop.
   * @param {number} slot of the function
   * @param {(from: string, name: string) => any} resolve
   */
  #load(slot, resolve) {
    const number = this.#chunks.findIndex(({ first, functions }) => slot < first + functions);
    const { file, bytes, functions } = this.#chunks[number];
    const started = performance.now();
    const miss = { ...this.#about, chunk: file, bytes: 0, stack: [], functions };
    try {
      const place = { path: miss.path, size: bytes, container: number, offset: 0 };
      const { content, fetched } = this.#lock.with(() => this.#fetched.take(place));
      const module = new WebAssembly.Module(/** @type {BufferSource} */ (content));
      new WebAssembly.Instance(module, importsOf(module, resolve));
      tell(this.#onMiss, { ...miss, bytes: fetched, milliseconds: performance.now() - started });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const what = miss.path === CORE.path ? "Pyodide's core" : miss.path;
      const message = `a part of ${what} could not be fetched from ${this.#host.address(file)}: ${why}`;
      tell(this.#onMiss, { ...miss, milliseconds: performance.now() - started, error: message });
      throw new Error(message, { cause });
    }
  }
}

export class Parts {
  #lock = new Lock();
  #split;
  #host;
  /** @type {Part | undefined} */
  #core;
  #modules;

  /**
   * @param {import("./manifest.d.mts").SplitCore | undefined} split the core, if it is split
   * @param {import("./manifest.d.mts").SideModule[]} sideModules
   * @param {import("./hosts/host.mjs").Host} host
   * @param {(event: MissEvent) => void} onMiss
   */
  constructor(split, sideModules, host, onMiss) {
    this.#split = split;
    this.#host = host;
    if (split) this.#core = new Part(split.chunks, host, CORE, this.#lock, onMiss);
    this.#modules = sideModules.flatMap(({ path, split }) => {
      if (split === undefined) return [];
      const about = { path, package: packageOf(path) };
      return [{ path, size: split.table, part: new Part(split.chunks, host, about, this.#lock, onMiss) }];
    });
  }

  /** Whether any module is split. */
  get areAny() {
    return this.#core !== undefined || this.#modules.length > 0;
  }

  /** The address of the core without the functions that did not run, if it is split. */
  get address() {
    return this.#split && this.#host.address(this.#split.file);
  }

  /**
   * Connects an instance of the core, and the side modules that Emscripten will load. Returns the core's exports for
   * Emscripten, which looks at each.
   * @param {WebAssembly.Instance} instance
   * @param {any} imports of the core, which side modules get, too
   * @param {any} emscripten the settings, which Emscripten completes
   */
  connect({ exports }, imports, emscripten) {
    for (const { path, size, part } of this.#modules) {
      // Emscripten reads it once or twice for each instance, which takes what it reads last.
      const get = () => tableOf(part, size, imports, emscripten);
      Object.defineProperty(imports.env, `${OWN}:${path}`, { get });
    }
    if (this.#core === undefined) return exports;
    const start = `${OWN}:`;
    const all = Object.entries(exports);
    const isOwn = (/** @type {string} */ name) => name.startsWith(start);
    const own = Object.fromEntries(all.filter(([name]) => isOwn(name)).map(([name, value]) => [name.slice(start.length), value]));
    const known = { ...imports, [OWN]: own };
    this.#core.connect(/** @type {WebAssembly.Table} */ (own.table), (from, name) => known[from][name]);
    return Object.fromEntries(all.filter(([name]) => !isOwn(name)));
  }

  /**
   * Fetches all chunks, each after `turn`: those of the core first.
   * @param {() => Promise<void>} turn
   */
  async prefetch(turn) {
    await this.#core?.prefetch(turn);
    for (const { part } of this.#modules) await part.prefetch(turn);
  }

  /**
   * From now on, chunks are fetched while Python's lock is held.
   * @param {(take: Take) => ReturnType<Take>} locked takes the lock for a call
   */
  lockBy(locked) {
    this.#lock.by = locked;
  }
}

/**
 * The private table of an instance of a side module.
 * @param {Part} part
 * @param {number} size
 * @param {any} imports of the core
 * @param {any} emscripten
 */
function tableOf(part, size, imports, emscripten) {
  const table = new WebAssembly.Table({ element: "anyfunc", initial: size });
  part.connect(table, (from, name, memoryBase, tableBase) => {
    if (from === OWN) return table;
    if (from.startsWith("GOT.")) return emscripten.GOT[name];
    /** @type {Record<string, any>} */
    const own = {
      __memory_base: memoryBase,
      __table_base: tableBase,
      memory: emscripten.wasmMemory,
      __indirect_function_table: emscripten.wasmTable,
    };
    return own[name] ?? imports[from][name];
  });
  return table;
}

/**
 * What a chunk imports. A number stands in for globals that it does not use.
 * @param {WebAssembly.Module} module
 * @param {(from: string, name: string) => any} resolve
 */
function importsOf(module, resolve) {
  /** @type {WebAssembly.Imports} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = from === "" ? 0 : resolve(from, name);
  }
  return imports;
}

/**
 * The first folder of a path in site-packages, which usually has the name of the package.
 * @param {string} path
 */
function packageOf(path) {
  return path.replace(/^.*\/site-packages\//, "").split("/")[0];
}
