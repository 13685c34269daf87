/**
 * Plain Pyodide in Node.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @param {string} folder of the runtime
 * @param {object} options for `loadPyodide`
 * @returns {Promise<any>}
 */
async function start(folder, options) {
  const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
  return loadPyodide({ indexURL: join(folder, "/"), ...options });
}

/**
 * Starts Pyodide with packages of its distribution, or wheels.
 * @param {string} folder of the distribution
 * @param {string[]} packages names, or paths of wheels
 * @param {object} [options] for `loadPyodide`
 */
export async function startPlain(folder, packages, options = {}) {
  const pyodide = await start(folder, options);
  await pyodide.loadPackage(packages, { messageCallback() {} });
  return pyodide;
}

/**
 * Copies an app into Pyodide's working folder.
 * @param {any} pyodide
 * @param {string} app its folder
 */
export function copyApp(pyodide, app) {
  for (const entry of readdirSync(app, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const target = join("/home/pyodide", file.slice(app.length));
    pyodide.FS.mkdirTree(dirname(target));
    pyodide.FS.writeFile(target, readFileSync(file));
  }
}

/**
 * Starts Pyodide with a bundle that is unpacked into it, as programs without the loader do.
 * @param {string} folder of the core
 * @param {Uint8Array} bundle
 * @param {object} options for `loadPyodide`, with `stdLibURL`
 */
export async function startUnpacked(folder, bundle, options) {
  const pyodide = await start(folder, options);
  pyodide.unpackArchive(bundle, "zip", { extractDir: "/" });
  await pyodide.pyimport("pyodide_pack_loader").setup();
  return pyodide;
}

/**
 * Runs code, and tells what came of it.
 * @param {any} pyodide
 * @param {string} code
 */
export async function runCode(pyodide, code) {
  let stdout = "";
  pyodide.setStdout({ batched: (/** @type {string} */ line) => (stdout += `${line}\n`) });
  let error = null;
  try {
    await pyodide.runPythonAsync(code);
  } catch (thrown) {
    error = String(/** @type {Error} */ (thrown).message);
  }
  return { stdout, error, loadedPackages: Object.keys(pyodide.loadedPackages).sort() };
}
