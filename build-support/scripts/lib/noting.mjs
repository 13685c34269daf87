/**
 * A core of Pyodide that notes which of its functions ran.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { instantiateBy } from "../../runtime/emscripten.mjs";

/** The start of the names of its flags. The number of a function follows. */
const FLAG = "pyodide-pack:";

/**
 * @param {string} runtime folder of the runtime; ends with a separator
 * @param {string} core path of the module with the flags
 * @returns {Promise<{ createPyodideModule: (settings: any) => any, ran: () => number[] }>} an option of
 *   `loadPyodide`, and the numbers of the functions that ran so far
 */
export async function notingCore(runtime, core) {
  const { default: create } = await import(pathToFileURL(`${runtime}pyodide.asm.mjs`).href);
  /** @type {[string, WebAssembly.Global][]} */
  let flags = [];
  /** @param {WebAssembly.Imports} imports */
  const instantiate = async (imports) => {
    const { instance, module } = await WebAssembly.instantiate(readFileSync(core), imports);
    const all = Object.entries(instance.exports);
    const isFlag = (/** @type {string} */ name) => name.startsWith(FLAG);
    flags = /** @type {any} */ (all.filter(([name]) => isFlag(name)));
    return { instance: { exports: Object.fromEntries(all.filter(([name]) => !isFlag(name))) }, module };
  };
  const fail = (/** @type {unknown} */ error) => {
    throw error;
  };
  return {
    createPyodideModule: (settings) => {
      instantiateBy(settings, instantiate, fail);
      return create(settings);
    },
    ran: () => flags.filter(([, flag]) => flag.value === 1).map(([name]) => Number(name.slice(FLAG.length))),
  };
}

/** The export of a side module with flags: a function that returns their address. */
const FLAGS = "pyodide-pack";

/**
 * The functions of side modules that ran.
 * @param {any} pyodide
 * @param {string[]} paths of modules with flags
 * @returns {[path: string, functions: number[]][]} those of the modules that were loaded
 */
export function ranIn(pyodide, paths) {
  const { LDSO, HEAPU8 } = pyodide._module;
  return paths.flatMap((path) => {
    const flags = LDSO.loadedLibsByName[path]?.exports?.[FLAGS];
    if (typeof flags !== "function") return [];
    const [start, count] = [flags(0), flags(1)];
    const noted = HEAPU8.subarray(start, start + count);
    return [[path, [...noted.keys()].filter((number) => noted[number] === 1)]];
  });
}

/**
 * Runs the garbage collector, which in another run may be due at any time.
 * @param {any} pyodide
 */
export function collectGarbage(pyodide) {
  pyodide.runPython("import gc; gc.collect()", { globals: pyodide.toPy({}) });
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
