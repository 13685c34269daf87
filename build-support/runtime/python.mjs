/**
 * The loader's own code in Python.
 *
 * @module
 */

/**
 * Runs code in a namespace of its own, and returns its names.
 * @param {any} pyodide
 * @param {string} name of the namespace
 * @param {string[]} files their contents
 */
export function ownNames(pyodide, name, files) {
  const names = pyodide.globals.get("dict")();
  names.set("__name__", name);
  for (const code of files) pyodide.runPython(code, { globals: names, filename: "<pyodide-pack>" });
  return names;
}
