/**
 * The packages of a bundle, as Pyodide knows them.
 *
 * @module
 */

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */

/**
 * The name in the form that all spellings of it share.
 * @param {string} name
 */
export function normalise(name) {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/**
 * The names that are not packages of the bundle.
 * @param {string[]} names
 * @param {Manifest} manifest
 */
export function notBundled(names, { packages }) {
  const bundled = new Set(packages.map(({ name }) => normalise(name)));
  return names.filter((name) => !bundled.has(normalise(name)));
}

/**
 * Makes `loadPackage` of a bundled package a no-op: records its name as the lock file spells it.
 * @param {any} pyodide
 * @param {Manifest} manifest
 */
export function markLoaded(pyodide, { packages }) {
  const loaded = pyodide.loadedPackages;
  const bundled = new Set(packages.map(({ name }) => normalise(name)));
  for (const name of Object.keys(loaded)) if (bundled.has(normalise(name))) delete loaded[name];
  for (const { name, channel } of packages) loaded[name] = channel;
}
