/**
 * Modules that note which of their functions ran.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { instantiateBy } from "../../runtime/emscripten.mjs";

/** The start of the names of the core's flags. The number of a function follows. */
const FLAG = "pyodide-pack:";
/**
 * The export of a side module that describes it: it returns the address of the flags for 0, their number for 1, the
 * start of the module in the table for 2, and the number of imported functions for 3.
 */
const DESCRIPTION = "pyodide-pack";
/**
 * The functions of types that the garbage collector calls, by CPython's `Include/typeslots.h`: `Py_tp_clear`,
 * `Py_tp_dealloc`, `Py_tp_traverse` and `Py_tp_finalize`.
 */
const COLLECTED_BY = [51, 52, 71, 80];
/** Collects garbage, and lists the addresses of all types. */
const ALL_TYPES = `
import gc
gc.collect()
types, found = [object], {}
while types:
    kind = types.pop()
    if id(kind) not in found:
        found[id(kind)] = kind
        types.extend(type.__subclasses__(kind))
list(found)
`;

/** @typedef {{ ran: number[], ranIn: [path: string, functions: number[]][] }} Ran */
/** @typedef {{ path: string, noted: number[], start: number, imported: number }} SideModule */

/** The notes of one run. */
export class Notes {
  #create;
  #core;
  /** @type {[string, WebAssembly.Global][]} */
  #flags = [];
  #imported = 0;

  /**
   * @param {(settings: any) => any} create Pyodide's function that creates its module
   * @param {string} core path of the module with the flags
   */
  constructor(create, core) {
    this.#create = create;
    this.#core = core;
  }

  /**
   * @param {string} runtime folder of the runtime; ends with a separator
   * @param {string} core path of the module with the flags
   */
  static async of(runtime, core) {
    const { default: create } = await import(pathToFileURL(`${runtime}pyodide.asm.mjs`).href);
    return new Notes(create, core);
  }

  /** The option of `loadPyodide`. */
  get createPyodideModule() {
    const fail = (/** @type {unknown} */ error) => {
      throw error;
    };
    return (/** @type {any} */ settings) => {
      instantiateBy(settings, (imports) => this.#instantiate(imports), fail);
      return this.#create(settings);
    };
  }

  /** @param {WebAssembly.Imports} imports */
  async #instantiate(imports) {
    const { instance, module } = await WebAssembly.instantiate(readFileSync(this.#core), imports);
    const all = Object.entries(instance.exports);
    const isFlag = (/** @type {string} */ name) => name.startsWith(FLAG);
    this.#flags = /** @type {any} */ (all.filter(([name]) => isFlag(name)));
    this.#imported = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function").length;
    return { instance: { exports: Object.fromEntries(all.filter(([name]) => !isFlag(name))) }, module };
  }

  /**
   * The functions that ran, and those that the garbage collector may call at another time: by the numbers of what a
   * module defines, ascending.
   * @param {any} pyodide
   * @param {string[]} paths of the side modules with flags
   * @returns {Ran} those of the core and of the side modules that were loaded
   */
  end(pyodide, paths) {
    const types = pyodide.runPython(ALL_TYPES, { globals: pyodide.toPy({}) });
    const addresses = [...types];
    types.destroy();
    const { wasmTable, _PyType_GetSlot: slot } = pyodide._module;
    const pointers = addresses.flatMap((type) => COLLECTED_BY.map((number) => slot(type, number))).filter(Boolean);
    const sides = sideModules(pyodide._module, paths);
    const starts = [...sides.map(({ start }) => start), Infinity].sort((one, other) => one - other);
    const all = (/** @type {number} */ start, /** @type {number} */ imported, /** @type {number[]} */ noted) => {
      const end = /** @type {number} */ (starts.find((other) => other > start));
      const own = pointers.filter((pointer) => pointer >= start && pointer < end);
      // The name of a function is its number in its module.
      const collecting = own.map((pointer) => Number(wasmTable.get(pointer).name) - imported);
      const numbers = new Set([...noted, ...collecting.filter((number) => number >= 0)]);
      return [...numbers].sort((one, other) => one - other);
    };
    const noted = this.#flags.filter(([, flag]) => flag.value === 1).map(([name]) => Number(name.slice(FLAG.length)));
    return {
      ran: all(0, this.#imported, noted),
      ranIn: sides.map(({ path, noted, start, imported }) => [path, all(start, imported, noted)]),
    };
  }
}

/**
 * @param {any} module of Pyodide
 * @param {string[]} paths
 * @returns {SideModule[]} those that were loaded
 */
function sideModules({ LDSO, HEAPU8 }, paths) {
  return paths.flatMap((path) => {
    const describe = LDSO.loadedLibsByName[path]?.exports?.[DESCRIPTION];
    if (typeof describe !== "function") return [];
    const [address, count, start, imported] = [0, 1, 2, 3].map((number) => describe(number));
    const flags = HEAPU8.subarray(address, address + count);
    // Without functions in the table, its place there is none.
    return [{ path, start: start || -1, imported, noted: [...flags.keys()].filter((number) => flags[number] === 1) }];
  });
}

/**
 * Runs what Pyodide runs when it fails for good, as with a chunk of the core that can't be had. These functions must
 * be there then.
 * @param {any} pyodide
 */
export function failForGood(pyodide) {
  const dump = () => pyodide._module._dump_traceback();
  const globals = pyodide.toPy({ dump });
  pyodide.runPython("def fail(): dump()\nfail()", { globals });
}

/** What a worker is asked: its start, code, a call, and an error. */
const REQUESTS = [{ load: {} }, { run: "None" }, { call: ["builtins", "len", [[1, "a", null]]] }, { run: "1 / 0" }];

/**
 * Answers requests as `loadWorker` does, which needs further functions.
 * @param {(loadBundle: () => Promise<import("../../runtime/loader.d.mts").Bundle>) => void} answerPage of the loader
 * @param {any} pyodide
 */
export async function answerAsWorker(answerPage, pyodide) {
  const scope = /** @type {any} */ (globalThis);
  /** @type {Map<string, (event: object) => void>} */
  const listeners = new Map();
  scope.addEventListener = (/** @type {string} */ name, /** @type {() => void} */ listener) => listeners.set(name, listener);
  scope.navigator ??= {};
  answerPage(async () => ({ pyodide, misses: () => [] }));
  const { port1, port2 } = new MessageChannel();
  listeners.get("message")?.({ data: { port: port2, lock: "" } });
  for (const [id, request] of REQUESTS.entries()) {
    await new Promise((resolve) => {
      port1.onmessage = ({ data }) => data.id === id && resolve(undefined);
      port1.postMessage({ id, ...request });
    });
  }
  port1.close();
}
