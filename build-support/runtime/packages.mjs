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
 * Makes `loadPackage` name the address where it looked. Pyodide's own message may be the browser's alone.
 * @param {any} pyodide
 */
export function explainDownloads(pyodide) {
  const manager = pyodide._api?.packageManager;
  if (typeof manager?.downloadPackage !== "function") return;
  const download = manager.downloadPackage.bind(manager);
  manager.downloadPackage = async (/** @type {any} */ wanted, /** @type {unknown[]} */ ...rest) => {
    try {
      return await download(wanted, ...rest);
    } catch (cause) {
      const { name, channel, packageData } = wanted;
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (channel !== manager.defaultChannel) throw new Error(`${channel} could not be fetched (${reason})`, { cause });
      const file = packageData?.file_name ?? name;
      const address = file.includes("://") ? file : `${manager.installBaseUrl ?? ""}${file}`;
      const what = `${name} is not in this bundle, and ${address} could not be fetched (${reason})`;
      throw new Error(`${what}: add it to the requirements of the build, or set \`packageBaseUrl\``, { cause });
    }
  };
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
