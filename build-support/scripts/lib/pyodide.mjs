/**
 * Plain Pyodide: its start, and unpacking a bundle into it.
 *
 * @module
 */

import { pathToFileURL } from "node:url";

/** The environment that Pyodide starts with in a build: hashes, and so the order of sets, are repeatable. */
export const ENVIRONMENT = { PYTHONHASHSEED: "0" };

/**
 * @param {string} indexURL folder of the runtime; ends with a separator
 * @param {object} [options] for `loadPyodide`
 * @returns {Promise<any>}
 */
export async function startPyodide(indexURL, options = {}) {
  const { loadPyodide } = await import(pathToFileURL(`${indexURL}pyodide.mjs`).href);
  return loadPyodide({ ...options, indexURL });
}

/**
 * Unpacks a bundle as programs without the loader do.
 * @param {any} pyodide
 * @param {Uint8Array} zip
 */
export async function unpackBundle(pyodide, zip) {
  pyodide.unpackArchive(zip, "zip", { extractDir: "/" });
  await pyodide.pyimport("pyodide_pack_loader").setup();
}
