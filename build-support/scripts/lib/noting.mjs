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
