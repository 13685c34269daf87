/**
 * Starting although caches still have files of an earlier deployment: the manifest, whose chunks are gone,
 * or the loader itself.
 *
 * @module
 */

import { FileError } from "./hosts/request.mjs";
import { importScript } from "./hosts/scripts.mjs";
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
 * The loader of a release, if that is another one. No cache has other content under its address.
 * @param {string} release
 * @param {string} folder its address, with a slash at its end
 * @returns {Promise<typeof import("./loader.mjs") | undefined>}
 */
export async function loaderOf(release, folder) {
  // One that was chosen so does not choose again: servers may not agree on what is deployed.
  if (release === RELEASE || import.meta.url.includes(`?${RELEASE}`)) return undefined;
  const module = await importScript(`${folder}loader.js?${release}`).catch(() => undefined);
  return module?.RELEASE === release ? module : undefined;
}
