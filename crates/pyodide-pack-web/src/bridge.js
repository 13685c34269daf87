/**
 * What Rust can't say to JavaScript itself: importing a module from an address that is known at run
 * time, and reading what `loadBundle` gives.
 *
 * @module
 */

/**
 * @typedef {object} Loaded
 * @property {{ call: Function, run: Function, terminate: () => void }} python
 * @property {() => string[]} misses
 */

/**
 * @param {string} base address of a folder with `loader.mjs`, relative to the page
 * @param {object} options of `loadBundle`
 * @returns {Promise<Loaded>}
 */
export async function load(base, options) {
  const baseURL = new URL(base, document.baseURI).href;
  const { loadBundle } = await import(new URL("loader.mjs", baseURL).href);
  const loading = loadBundle({ ...options, baseURL, worker: true });
  return { python: await loading, misses: () => loading.misses() };
}

/**
 * @param {Loaded} loaded
 * @param {string} module
 * @param {string} name
 * @param {unknown[]} args
 */
export function call({ python }, module, name, args) {
  return python.call(module, name, ...args);
}

/**
 * @param {Loaded} loaded
 * @param {string} code
 */
export function run({ python }, code) {
  return python.run(code);
}

/** @param {Loaded} loaded */
export function terminate({ python }) {
  python.terminate();
}

/** @param {Loaded} loaded */
export function misses({ misses }) {
  return misses();
}
