/**
 * Finds the Python module that opens a file, in the middle of the system call.
 *
 * @module
 */

import { gilOf } from "../../runtime/gil.mjs";

/** Modules of functions that only import for others. */
const IMPORTERS = [
  ...["importlib", "importlib._bootstrap", "importlib._bootstrap_external"],
  ...["_frozen_importlib", "_frozen_importlib_external"],
];

/**
 * Runs no Python code, only a function in C: it opens nothing, and programs that trace or profile themselves
 * do not see it.
 * @param {any} pyodide
 * @param {Iterable<string>} [helpers] names of further modules that only act for others
 * @returns {() => string} the name of the innermost module that runs, the importer's aside: `__main__` for
 *   the scenario; "" if no Python code runs, or in runtimes that do not export the lock
 */
export function openerOf(pyodide, helpers = []) {
  const passed = new Set([...IMPORTERS, ...helpers]);
  const locked = gilOf(pyodide);
  const sys = pyodide.pyimport("sys");
  const moduleAt = sys._getframemodulename;
  if (locked === undefined || moduleAt === undefined) return () => "";
  return () =>
    locked(() => {
      for (let depth = 0; ; depth += 1) {
        const name = moduleAt(depth);
        if (typeof name !== "string") return "";
        if (!passed.has(name)) return name;
      }
    });
}
