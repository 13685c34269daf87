/**
 * What can be done in Python in the middle of a system call: notes for the exception that follows, and
 * the stack.
 *
 * @module
 */

/** The content of notes.py, which the build puts here. */
const NOTES_PY = "notes.py";

/** For as long as the interpreter is not there. */
export const SILENT = { arm() {}, /** @returns {string[]} */ stack: () => [] };

/**
 * @param {any} pyodide
 * @param {(path: string) => string | undefined} describe what is known about a file
 * @param {boolean} watchImports whether there are modules that were left out
 * @returns {typeof SILENT}
 */
export function notesOf(pyodide, describe, watchImports) {
  // Some runtimes, such as 0.27, do not export it.
  if (typeof pyodide._module?._PyGILState_Ensure !== "function") return SILENT;
  const names = pyodide.globals.get("dict")();
  names.set("__name__", "pyodide_pack_notes");
  pyodide.runPython(NOTES_PY, { globals: names });
  names.set("describe", describe);
  if (watchImports) names.get("watch_imports")();
  const [arm, stack] = [names.get("arm"), names.get("stack")];
  const module = pyodide._module;
  /**
   * The interpreter gives up its lock before a system call.
   * @template T
   * @param {() => T} call
   */
  const locked = (call) => {
    const state = module._PyGILState_Ensure();
    try {
      return call();
    } finally {
      module._PyGILState_Release(state);
    }
  };
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
