/**
 * Python's lock, which the interpreter releases before a system call. A system call that this project
 * answers takes it to run Python.
 *
 * @module
 */

/**
 * A function that runs another one with the lock held; `undefined` in a runtime that does not export
 * the lock.
 * @param {any} pyodide
 * @returns {(<T>(call: () => T) => T) | undefined}
 */
export function gilOf(pyodide) {
  const module = pyodide._module;
  if (typeof module?._PyGILState_Ensure !== "function") return undefined;
  return (call) => {
    const state = module._PyGILState_Ensure();
    try {
      return call();
    } finally {
      module._PyGILState_Release(state);
    }
  };
}
