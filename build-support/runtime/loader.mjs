/**
 * Starts Pyodide with a bundle made by pyodide-pack, in a page, in a module worker or in Node. The options
 * and results are described in loader.d.mts.
 *
 * @module
 */

import { Chunks } from "./chunks.mjs";
import { Core } from "./core.mjs";
import { loaderOf, startCurrent } from "./deployments.mjs";
import { EagerChunks } from "./eager.mjs";
import { inflated } from "./embedded.mjs";
import { FIRST } from "./first.mjs";
import { hostOf } from "./hosts/host.mjs";
import { pyodideOptions, startInterpreter } from "./interpreter.mjs";
import { checkSchema, readManifest } from "./manifests.mjs";
import { Misses } from "./misses.mjs";
import { explainDownloads, markLoaded } from "./packages.mjs";
import { mount, settle, splitAtStart } from "./packfs.mjs";
import { keepPage } from "./offline.mjs";
import { asBrowser, IN_NODE } from "./platform.mjs";
import { fetchWhileIdle, startPrefetch, takeAhead } from "./prefetch.mjs";
import { progressOf } from "./progress.mjs";
import { followEdits } from "./reload.mjs";
import { SideModules } from "./side-modules.mjs";
import { OrderedStart } from "./snapshot/ordered-start.mjs";
import { Snapshots } from "./snapshot/snapshots.mjs";
import { startWorker } from "./worker/page.mjs";

export { RELEASE } from "./release.mjs";
export { answerPage } from "./worker/worker-side.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./hosts/host.mjs").Host} Host */
/** @typedef {import("./loader.d.mts").BundleOptions} BundleOptions */

/**
 * @param {BundleOptions} [options]
 * @returns {Promise<import("./loader.d.mts").Bundle>}
 */
export async function loadBundle(options = {}) {
  return asBrowser(() => load(options));
}

/**
 * @param {BundleOptions} options
 * @returns {Promise<import("./loader.d.mts").Bundle>}
 */
async function load(options) {
  const { signal } = options;
  signal?.throwIfAborted();
  const host = await hostOf(options.baseURL ?? new URL("./", import.meta.url), signal);
  if (IN_NODE || options.manifest !== undefined) {
    return startBundle(options, host, await readManifest(options, host, "default"));
  }
  const { compression = "auto", bundle, stdlib, indexURL } = options;
  const isFetched = bundle === undefined && stdlib === undefined && indexURL === undefined;
  const isAsSent = compression === "auto" || compression === "host";
  if (FIRST !== undefined && isFetched && isAsSent) host.ahead(FIRST, compression);
  return startCurrent(
    (freshness) => readManifest(options, host, freshness),
    async (manifest) => {
      const other = await loaderOf(manifest.loader, host.address(""));
      return other === undefined ? startBundle(options, host, manifest) : other.loadBundle(options);
    },
  );
}

/**
 * @param {BundleOptions} options
 * @param {Host} host
 * @param {Manifest} manifest
 * @returns {Promise<import("./loader.d.mts").Bundle>}
 */
async function startBundle(options, host, manifest) {
  checkSchema(manifest);
  const { signal } = options;
  const snapshots = new Snapshots(manifest, host, options);
  const snapshot = snapshots.take();
  try {
    const bundle = await start(options, host, manifest, snapshot);
    snapshots.succeeded();
    return bundle;
  } catch (error) {
    if (signal?.aborted || (await snapshot) === undefined) throw error;
    const bundle = await start(options, host, manifest, Promise.resolve(undefined));
    // Otherwise it was not the snapshot that failed.
    await snapshots.refuse(error);
    return bundle;
  }
}

/**
 * @param {BundleOptions} options
 * @param {Host} host
 * @param {Manifest} manifest
 * @param {Promise<import("./snapshot/file.mjs").Snapshot | undefined>} snapshot
 * @returns {Promise<import("./loader.d.mts").Bundle>}
 */
async function start(options, host, manifest, snapshot) {
  const { signal, strict = false, prefetch = "none", onProgress = () => {}, onMiss = () => {} } = options;
  const core = new Core(manifest, host, options);
  const report = progressOf(manifest, onProgress);
  report("core");
  const sideModules = new SideModules(manifest);
  const eager = new EagerChunks(manifest, host, options, report, core.arrived, (chunk) => sideModules.areIn(chunk));
  // At once, and not after Python's start.
  for (const packages of [eager.modules, eager.others]) packages.catch((error) => core.fail(error));
  const lazy = new Chunks(manifest.chunks, host);
  if (options.lazy !== undefined) lazy.embed(await inflated(options.lazy, "lazy files", host));
  const misses = new Misses(manifest, lazy, host, { strict, onMiss });
  // Where Pyodide's core is beside the loader, so are all files.
  const isAlone = options.bundle !== undefined && options.baseURL === undefined && options.indexURL !== undefined;
  const stdLibURL = await host.emptyZip(isAlone);
  const found = await snapshot;
  const order = found !== undefined || options._makeSnapshot ? new OrderedStart(found) : undefined;
  core.order = order;
  const { bytecode, stdlib } = manifest.paths;
  const [dirs, packageDirs] = splitAtStart(manifest.dirs, `${stdlib}/site-packages`, bytecode);
  /** @type {import("./packfs.mjs").Source} */
  const source = {
    bytecodeDir: bytecode,
    view: (file) => eager.view(file),
    load: (file) => misses.load(file),
    absent: misses.hasOmitted ? (path) => misses.absent(path) : undefined,
  };
  const decodePackages = async () => {
    await eager.decode(eager.modules, core.module);
    await eager.decode(eager.others, core.module);
  };
  /** @type {(FS: any, info: any) => Promise<void>} */
  const mountFiles = async (FS, info) => {
    await eager.decode(eager.stdlib, core.module);
    // The caller may look at any file.
    if (options.fsInit !== undefined) await decodePackages();
    if (order !== undefined) await eager.decode(eager.modules, core.module);
    signal?.throwIfAborted();
    report("mount");
    mount(FS, dirs, source);
    report(order?.restores ? "restored" : "start");
    await options.fsInit?.(FS, info);
    await order?.load(core.module, sideModules, source.view);
    signal?.throwIfAborted();
  };
  const ahead = takeAhead(lazy, core.parts, options, manifest);
  ahead.catch((error) => core.fail(error));
  const settings = { ...pyodideOptions(options, manifest, host), ...order?.options, indexURL: core.address, stdLibURL };
  const pyodide = await startInterpreter(core, settings, mountFiles, eager.stdlib, signal);
  order?.complete(pyodide);

  mount(pyodide.FS, packageDirs, source, false);
  settle(pyodide);
  await eager.decode(eager.modules, core.module);
  if (order === undefined) await sideModules.load(pyodide, source.view);
  await eager.decode(eager.others, core.module);
  if (options._makeSnapshot) {
    // Nothing of this page may be in it.
    await sideModules.open(pyodide);
    return { pyodide, misses: () => misses.lines() };
  }
  misses.explain(pyodide);
  markLoaded(pyodide, manifest);
  explainDownloads(pyodide);
  await ahead;
  signal?.throwIfAborted();
  // Also without chunks: a build notes which functions of the core run here.
  misses.locked(() => {});
  core.parts?.lockBy((take) => misses.locked(take));
  report("ready");
  if (options.reload && manifest.development && options.manifest === undefined) {
    followEdits(pyodide, manifest, host, source.view, options);
  }
  if (prefetch !== "none" && prefetch !== "start" && !strict) startPrefetch(lazy, prefetch);
  if (core.parts && !IN_NODE) fetchWhileIdle(core.parts);
  return { pyodide, misses: () => misses.lines() };
}

/**
 * @param {BundleOptions} [options]
 * @returns {Promise<import("./loader.d.mts").WorkerPython>}
 */
export async function loadWorker(options = {}) {
  return startWorker(options, new URL(import.meta.url));
}

/**
 * @param {import("./loader.d.mts").OfflineOptions} [options]
 * @returns {Promise<void>}
 */
export async function keepOffline(options = {}) {
  return keepPage(options, new URL(import.meta.url));
}
