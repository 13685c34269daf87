/**
 * Starts Pyodide with a bundle made by pyodide-pack, in a page, in a module worker or in Node. The options
 * and results are described in loader.d.mts.
 *
 * @module
 */

import { directory } from "./address.mjs";
import { Chunks } from "./chunks.mjs";
import { EagerChunks } from "./eager.mjs";
import { inflated } from "./embedded.mjs";
import { hostOf } from "./hosts/host.mjs";
import { loadSideModules, pyodideOptions, startInterpreter } from "./interpreter.mjs";
import { Misses } from "./misses.mjs";
import { markLoaded } from "./packages.mjs";
import { mount, settle, splitAtStart } from "./packfs.mjs";
import { startPrefetch } from "./prefetch.mjs";
import { progressOf } from "./progress.mjs";
import { startWorker } from "./worker/page.mjs";
import { exposedModule } from "./zstd.mjs";

export { answerPage } from "./worker/worker-side.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */

/** Where the build puts Pyodide's core. */
const CORE = "pyodide/";
/** The schema of manifests that this loader reads. */
const MANIFEST_SCHEMA = 2;

/**
 * @param {import("./loader.d.mts").BundleOptions} [options]
 * @returns {Promise<import("./loader.d.mts").Bundle>}
 */
export async function loadBundle(options = {}) {
  const { signal, strict = false, prefetch = "none", onProgress = () => {}, onMiss = () => {} } = options;
  signal?.throwIfAborted();
  const host = await hostOf(options.baseURL ?? new URL("./", import.meta.url), signal);
  const core = directory(options.indexURL ?? host.address(CORE));
  const loading = Promise.resolve(
    options.loadPyodide ?? host.load(`${core}pyodide.mjs`).then((module) => module.loadPyodide),
  );
  // A failure is reported where the promise is awaited, after the manifest, and not as unhandled before.
  loading.catch(() => {});
  const manifest = await readManifest(options, host);

  const report = progressOf(manifest, onProgress);
  report("core");
  const eager = new EagerChunks(manifest, host, options, report);
  const lazy = new Chunks(manifest.chunks, host);
  if (options.lazy !== undefined) lazy.embed(await inflated(options.lazy, "lazy files", host));
  const misses = new Misses(manifest, lazy, host, { strict, onMiss });
  // Where Pyodide's core is beside the loader, so are all files.
  const isAlone = options.bundle !== undefined && options.baseURL === undefined && options.indexURL !== undefined;
  const stdLibURL = await host.emptyZip(isAlone);

  // If chunks could not be fetched by now, that is reported before Python starts without its files.
  const loadPyodide = await Promise.race([loading, eager.arrived.then(() => loading)]);
  const needsDecoder = (await eager.copy) === "zstd";
  const exposed = needsDecoder ? exposedModule(() => host.load(core + manifest.pyodide.asm)) : undefined;
  const { bytecode, stdlib } = manifest.paths;
  const [dirs, packageDirs] = splitAtStart(manifest.dirs, `${stdlib}/site-packages`, bytecode);
  /** @type {import("./packfs.mjs").Source} */
  const source = {
    bytecodeDir: bytecode,
    view: (file) => eager.view(file),
    load: (file) => misses.load(file),
    absent: misses.hasOmitted ? (path) => misses.absent(path) : undefined,
  };
  /** @type {(FS: any, info: any) => Promise<void>} */
  const mountFiles = async (FS, info) => {
    await eager.decode(exposed?.module());
    signal?.throwIfAborted();
    report("mount");
    mount(FS, dirs, source);
    report("start");
    await options.fsInit?.(FS, info);
    signal?.throwIfAborted();
  };
  const factory = exposed && { createPyodideModule: exposed.createPyodideModule };
  const settings = { ...factory, ...pyodideOptions(options, manifest), indexURL: core, stdLibURL };
  const pyodide = await startInterpreter(loadPyodide, settings, mountFiles, eager.arrived, signal);

  mount(pyodide.FS, packageDirs, source, false);
  settle(pyodide);
  misses.explain(pyodide);
  markLoaded(pyodide, manifest);
  await loadSideModules(pyodide, manifest);
  report("ready");
  if (prefetch !== "none" && !strict) startPrefetch(lazy, prefetch);
  return { pyodide, misses: () => misses.lines() };
}

/**
 * @param {import("./loader.d.mts").BundleOptions} [options]
 * @returns {Promise<import("./loader.d.mts").WorkerPython>}
 */
export async function loadWorker(options = {}) {
  return startWorker(options, new URL(import.meta.url));
}

/**
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {import("./hosts/host.mjs").Host} host
 * @returns {Promise<Manifest>}
 */
async function readManifest({ manifest: given, integrity }, host) {
  const manifest = /** @type {Manifest} */ (
    typeof given === "string" ? JSON.parse(given) : given ?? JSON.parse(await host.text("manifest.json", integrity))
  );
  const { schema } = manifest;
  if (schema !== MANIFEST_SCHEMA) {
    throw new Error(`this loader reads manifests of schema ${MANIFEST_SCHEMA}, and this one has schema ${schema}`);
  }
  return manifest;
}
