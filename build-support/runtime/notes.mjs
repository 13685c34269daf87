/**
 * Runs Python in the middle of a system call: adds notes to the exception that follows, and reads the
 * stack.
 *
 * @module
 */

import { gilOf } from "./gil.mjs";

/** The content of notes.py, which the build puts here. */
const NOTES_PY = "notes.py";

/** Used until the interpreter runs. */
export const SILENT = { arm() {}, /** @returns {string[]} */ stack: () => [] };

/**
 * @param {any} pyodide
 * @param {(path: string) => string | undefined} describe why a file can't be opened, if that is known
 * @param {boolean} watchImports whether modules were omitted
 * @returns {typeof SILENT}
 */
export function notesOf(pyodide, describe, watchImports) {
  const locked = gilOf(pyodide);
  if (locked === undefined) return SILENT;
  const names = pyodide.globals.get("dict")();
  names.set("__name__", "pyodide_pack_notes");
  pyodide.runPython(NOTES_PY, { globals: names });
  names.set("describe", describe);
  if (watchImports) names.get("watch_imports")();
  const [arm, stack] = [names.get("arm"), names.get("stack")];
  return {
    arm: () => locked(arm),
    stack: () =>
      locked(() => {
        const list = stack();
        const lines = list.toJs();
        list.destroy();
        return lines;
      }),
  };
}
