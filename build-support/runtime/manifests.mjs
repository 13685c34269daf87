/**
 * Reading the manifest.
 *
 * @module
 */

import { FileError, textOf } from "./hosts/request.mjs";
import { filesOf } from "./index.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./manifest.d.mts").WrittenManifest} WrittenManifest */

const FILE = "manifest.json";
/** The schema of manifests that this loader reads. */
const MANIFEST_SCHEMA = 4;

/**
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {import("./hosts/host.mjs").Host} host
 * @param {import("./hosts/host.mjs").Freshness} freshness
 * @returns {Promise<Manifest>}
 */
export async function readManifest({ manifest: given, integrity }, host, freshness) {
  if (typeof given === "object") return withPlaces(/** @type {WrittenManifest} */ (given));
  const text = given ?? (await host.text(FILE, { integrity, freshness }));
  try {
    return withPlaces(JSON.parse(text));
  } catch (error) {
    const isPage = /^\s*</.test(text);
    const what = isPage ? "a page came instead of the manifest" : `it is no manifest (${textOf(error)})`;
    throw new FileError(given === undefined ? host.address(FILE) : "the option `manifest`", what, error);
  }
}

/**
 * The manifest with the places of all files. One of another schema is only looked at for its schema and release.
 * @param {WrittenManifest} manifest
 * @returns {Manifest}
 */
function withPlaces(manifest) {
  const { offsets, dirs, ...others } = manifest;
  return { ...others, dirs: manifest.schema === MANIFEST_SCHEMA ? filesOf(manifest) : {} };
}

/** @param {Manifest} manifest */
export function checkSchema({ schema }) {
  if (schema === MANIFEST_SCHEMA) return;
  throw new Error(
    `this loader reads manifests of schema ${MANIFEST_SCHEMA}, and this one has schema ${schema}: ` +
      "serve both from the same build; if the site was deployed anew, reload the page",
  );
}
