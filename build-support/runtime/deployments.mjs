/**
 * Starting although caches still have files of an earlier deployment: the manifest, whose chunks are gone,
 * or the loader itself.
 *
 * @module
 */

import { FileError } from "./hosts/request.mjs";
import { RELEASE } from "./release.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./hosts/host.mjs").Freshness} Freshness */

/** @type {Freshness[]} */
const ALL = ["default", "reload", "unknown"];

/**
 * Starts with the manifest that is at hand. If a file of it does not arrive, or if it was made for another
 * loader, starts with the manifest that the server has by now.
 * @template T
 * @param {(freshness: Freshness) => Promise<Manifest>} read
 * @param {(manifest: Manifest) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function startCurrent(read, start) {
  /** @type {unknown} */
  let failure;
  const absent = (/** @type {unknown} */ error) => {
    if (!(error instanceof FileError)) throw error;
    failure ??= error;
    return undefined;
  };
  /** @type {Manifest | undefined} */
  let foreign;
  const tried = new Set();
  for (const freshness of ALL) {
    const manifest = await read(freshness).catch(absent);
    if (manifest === undefined || tried.has(JSON.stringify(manifest))) continue;
    if (manifest.loader !== RELEASE) {
      foreign = manifest;
      continue;
    }
    foreign = undefined;
    tried.add(JSON.stringify(manifest));
    try {
      return await start(manifest);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      failure = error;
    }
  }
  if (foreign !== undefined) return start(foreign);
  throw failure;
}

/**
 * The loader that a manifest was made for, if that is another one. No cache has other content under its
 * address.
 * @param {Manifest} manifest
 * @param {import("./hosts/host.mjs").Host} host
 * @returns {Promise<typeof import("./loader.mjs") | undefined>}
 */
export async function loaderOf({ loader }, host) {
  // One that was chosen so does not choose again: servers may not agree on what is deployed.
  if (loader === RELEASE || import.meta.url.includes(`?${RELEASE}`)) return undefined;
  const module = await host.load(host.address(`loader.js?${loader}`), false).catch(() => undefined);
  return module?.RELEASE === loader ? module : undefined;
}
