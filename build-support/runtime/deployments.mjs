/**
 * Starting although caches still have the manifest of an earlier deployment, whose files are gone.
 *
 * @module
 */

import { FileError } from "./hosts/request.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */

/**
 * Starts with the manifest that is at hand. If a file of it does not arrive, and the server has another
 * manifest by now, starts with that one.
 * @template T
 * @param {(fresh: boolean) => Promise<Manifest>} read
 * @param {(manifest: Manifest) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function startCurrent(read, start) {
  /** @type {Manifest | undefined} */
  let known;
  try {
    known = await read(false);
    return await start(known);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const current = await read(true).catch(() => known);
    if (current === undefined || JSON.stringify(current) === JSON.stringify(known)) throw error;
    return start(current);
  }
}
