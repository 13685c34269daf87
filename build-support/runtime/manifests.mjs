/**
 * Reading the manifest.
 *
 * @module
 */

import { FileError } from "./hosts/request.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */

const FILE = "manifest.json";
/** The schema of manifests that this loader reads. */
const MANIFEST_SCHEMA = 3;

/**
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {import("./hosts/host.mjs").Host} host
 * @param {boolean} fresh past caches
 * @returns {Promise<Manifest>}
 */
export async function readManifest({ manifest: given, integrity }, host, fresh) {
  if (typeof given === "object") return checked(/** @type {Manifest} */ (given));
  const text = given ?? (await host.text(FILE, { integrity, fresh }));
  try {
    return checked(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const what = /^\s*</.test(text) ? "a page came instead of the manifest" : `it is no manifest (${error.message})`;
    throw new FileError(given === undefined ? host.address(FILE) : "the option `manifest`", what, error);
  }
}

/** @param {Manifest} manifest */
function checked(manifest) {
  const { schema } = manifest;
  if (schema === MANIFEST_SCHEMA) return manifest;
  throw new Error(`this loader reads manifests of schema ${MANIFEST_SCHEMA}, and this one has schema ${schema}`);
}
