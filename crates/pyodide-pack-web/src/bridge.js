/**
 * Imports a module from an address that is known only at run time, which Rust can't do.
 *
 * @module
 */

/**
 * The object that `loadWorker` resolves to.
 * @typedef {object} WorkerPython
 * @property {(path: string, ...args: unknown[]) => Promise<unknown>} call
 * @property {(code: string) => Promise<unknown>} run
 * @property {() => string[]} misses
 * @property {() => void} terminate
 */

/**
 * @param {string} base address of a folder with `loader.js`, relative to the page
 * @param {object} options of `loadWorker`
 * @returns {Promise<WorkerPython>}
 */
export async function load(base, options) {
  const baseURL = new URL(base, document.baseURI).href;
  const { loadWorker } = await import(new URL("loader.js", baseURL).href);
  return loadWorker({ ...options, baseURL });
}

/**
 * @param {WorkerPython} python
 * @param {string} path of a function
 * @param {unknown[]} args
 */
export function call(python, path, args) {
  return python.call(path, ...args);
}

/**
 * @param {WorkerPython} python
 * @param {string} code
 */
export function run(python, code) {
  return python.run(code);
}

/** @param {WorkerPython} python */
export function misses(python) {
  return python.misses();
}

/** @param {WorkerPython} python */
export function terminate(python) {
  python.terminate();
}
