/**
 * The start of Pyodide, with files mounted before Python runs.
 *
 * @module
 */

import { notBundled } from "./packages.mjs";
import { IN_NODE } from "./platform.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */

/** Options of the loader, which are not for `loadPyodide`. */
const LOADER_OPTIONS = new Set([
  ...["baseURL", "bundle", "stdlib", "lazy", "manifest", "integrity", "indexURL", "loadPyodide", "createPyodideModule", "compression"],
  ...["strict", "onProgress", "onMiss", "onError", "prefetch", "signal", "reload", "onReload", "packages", "env", "fsInit", "snapshot"],
]);

/**
 * The options for `loadPyodide`, except the addresses of Pyodide's core.
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {Manifest} manifest
 * @param {import("./hosts/host.mjs").Host} host
 */
export function pyodideOptions(options, manifest, host) {
  const { env = {}, packages = [], packageBaseUrl: given } = options;
  const { packageBaseUrl, env: own } = manifest.pyodide;
  // The folder of the standard library goes before those that the caller adds.
  const searchPath = [own.PYTHONPATH, env.PYTHONPATH].filter(Boolean).join(":");
  return {
    ...(IN_NODE || packageBaseUrl === null ? {} : { packageBaseUrl }),
    ...Object.fromEntries(Object.entries(options).filter(([name]) => !LOADER_OPTIONS.has(name))),
    // Pyodide would request a relative address as it is, and in a worker relative to the worker's script.
    ...(typeof given === "string" && !IN_NODE ? { packageBaseUrl: host.folder(given) } : {}),
    env: { ...env, ...own, PYTHONPATH: searchPath },
    packages: notBundled(packages, manifest),
  };
}

/**
 * @param {import("./core.mjs").Core} core
 * @param {{ stdLibURL: string, [option: string]: unknown }} options for `loadPyodide`
 * @param {(FS: any, info: any) => Promise<void>} mountFiles
 * @param {Promise<unknown>} arrived whether the standard library arrived
 * @param {AbortSignal} [signal]
 */
export async function startInterpreter(core, options, mountFiles, arrived, signal) {
  let isMounted = false;
  signal?.addEventListener("abort", () => core.fail(signal.reason), { once: true });
  // If it could not be fetched by now, that is reported before Python starts without its files.
  const ready = Promise.all([core.loadPyodide, core.factory()]);
  const [loadPyodide, factory] = await Promise.race([ready, core.failed, arrived.then(() => ready)]);
  const stopAnswers = core.answerRequests(options.stdLibURL);
  const starting = loadPyodide({
    ...factory,
    ...options,
    /** @type {(FS: any, info: any) => Promise<void>} */
    fsInit: async (FS, info) => {
      isMounted = true;
      try {
        await mountFiles(FS, info);
      } catch (error) {
        core.fail(error);
        await new Promise(() => {}); // otherwise Python would start without its files
      }
    },
  }).catch(async (/** @type {unknown} */ error) => {
    await arrived; // if it did not, that is the better explanation
    throw error;
  });
  const pyodide = await Promise.race([starting, core.failed]).finally(stopAnswers);
  if (!isMounted) {
    throw new Error(`Pyodide ${pyodide.version} ignores fsInit; bundles need 0.27.5 or newer`);
  }
  return pyodide;
}
