/**
 * A start in which everything gets the same addresses, whatever browser it is: the one of which a snapshot is made,
 * and those that restore it. All side modules are loaded before Python starts, in the order of the manifest.
 *
 * @module
 */

import { ownNames } from "../python.mjs";
import { fillMemory } from "./file.mjs";
import { environOf, symbolsOf } from "./surroundings.mjs";

/** @typedef {import("./file.mjs").Snapshot} Snapshot */

/** The loader's Python that follows a restored start. */
const REFRESH_PY = "snapshot/refresh.py";
/** The length of the table of functions before the side modules. Engines leave more or fewer slots of it free. */
const TABLE_SLOTS = 20_480;

export class OrderedStart {
  #snapshot;

  /** @param {Snapshot} [snapshot] to restore; without it, one will be made */
  constructor(snapshot) {
    this.#snapshot = snapshot;
  }

  /** Whether Python's memory is replaced. */
  get restores() {
    return this.#snapshot !== undefined;
  }

  /** Options of `loadPyodide`. */
  get options() {
    // Without the pages, which Pyodide would copy twice.
    return this.#snapshot === undefined ? {} : { _loadSnapshot: Promise.resolve(this.#snapshot.state) };
  }

  /**
   * Completes the settings of Emscripten.
   * @param {any} settings
   */
  prepare(settings) {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    // The constructors of C++ have run, and nothing else yet.
    settings.onRuntimeInitialized = () => {
      fillMemory(snapshot, settings.HEAPU8);
      // The file is as long as the memory, and not needed any more.
      snapshot.pages = new Uint8Array();
    };
  }

  /**
   * The exports of the core, with the functions that the table has for their names. In WebKit these are other objects,
   * and Emscripten, which looks for functions in the table, would add them once more.
   * @param {WebAssembly.Exports} exports
   * @returns {WebAssembly.Exports}
   */
  align(exports) {
    const slots = this.#snapshot?.header.functions;
    const table = exports.__indirect_function_table;
    if (slots === undefined || !(table instanceof WebAssembly.Table)) return exports;
    const inTable = (/** @type {[string, any]} */ [name, value]) => {
      const slot = typeof value === "function" ? slots[name] : undefined;
      return [name, slot !== undefined && slot < table.length ? (table.get(slot) ?? value) : value];
    };
    return Object.fromEntries(Object.entries(exports).map(inTable));
  }

  /**
   * Loads the side modules before Python starts.
   * @param {any} emscripten Pyodide's module
   * @param {import("../side-modules.mjs").SideModules} sideModules
   * @param {(file: import("../packfs.mjs").PackFile) => Uint8Array | undefined} view
   */
  async load(emscripten, sideModules, view) {
    const { wasmTable, GOT } = emscripten;
    const header = this.#snapshot?.header;
    if (header !== undefined) {
      if (header.symbols !== symbolsOf(GOT)) throw new Error("this engine has other addresses");
      if (header.modules.join() !== sideModules.paths.join()) throw new Error("it is of other side modules");
      if (!emscripten.growMemory(header.memory)) throw new Error("there is too little memory");
    }
    const missing = TABLE_SLOTS - wasmTable.length;
    if (missing < 0) throw new Error("the table of functions is too long");
    wasmTable.grow(missing);
    await sideModules.preload(emscripten, view);
  }

  /**
   * Makes a restored interpreter like a new one.
   * @param {any} pyodide
   */
  complete(pyodide) {
    if (this.#snapshot === undefined) return;
    const { handles, environ, localZones } = this.#snapshot.header;
    const { LDSO, getEnvStrings } = pyodide._module;
    readTimeZone(pyodide._module);
    for (const [handle, path] of handles) LDSO.loadedLibsByHandle[handle] = LDSO.loadedLibsByName[path];
    const names = ownNames(pyodide, "pyodide_pack_snapshot", [REFRESH_PY]);
    names.get("refresh")(pyodide.toPy(environ), pyodide.toPy(environOf(getEnvStrings())), localZones);
    names.destroy();
  }
}

/**
 * Repeats what the C library does once.
 * @param {any} emscripten
 */
function readTimeZone({ GOT, HEAPU32, __tzset_js: read }) {
  const [timezone, daylight, tzname] = ["timezone", "daylight", "tzname"].map((name) => GOT[name]?.value);
  if (![timezone, daylight, tzname].every((address) => address > 0)) throw new Error("the time zone can't be set");
  read(timezone, daylight, ...HEAPU32.subarray(tzname >>> 2, (tzname >>> 2) + 2));
}
