/**
 * Starts Pyodide with a bundle made by pyodide-pack, in a page, in a module worker or in Node.
 * The options and results are described in loader.d.mts.
 *
 * @module
 */

import { Cold, idle } from "./cold.mjs";
import { directory, fits, hostOf, IN_NODE, isGzip, isZip, ON_PAGE } from "./hosts.mjs";
import { Misses } from "./misses.mjs";
import { loadLibraries, mount, settle } from "./packfs.mjs";
import { inWorker } from "./remote.mjs";
import { isZstd, shownModule, unzstd } from "./zstd.mjs";

/** @typedef {import("./hosts.mjs").Part} Part */
/** @typedef {import("./hosts.mjs").Manifest} Manifest */

/** Where the build puts Pyodide's core. */
const CORE = "pyodide/";
/** What a page's main thread may compile synchronously in Chrome, in bytes. */
const SYNCHRONOUS_COMPILE_LIMIT = 8 * 1024 * 1024;

export { answerPage } from "./remote.mjs";

/**
 * @param {import("./loader.d.mts").BundleOptions} [options]
 * @returns {import("./loader.d.mts").Loading}
 */
export function loadBundle(options = {}) {
  if (options.worker === true) {
    const { python, misses } = inWorker(options, new URL(import.meta.url));
    return Object.assign(python, { misses });
  }
  /** @type {Misses | undefined} */
  let misses;
  const loading = load(options, (made) => (misses = made));
  return Object.assign(loading, { misses: () => misses?.lines() ?? [] });
}

/**
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {(misses: Misses) => void} onMisses is told where misses are collected
 * @returns {Promise<any>}
 */
async function load(options, onMisses) {
  const {
    baseURL,
    bundle,
    stdlib,
    cold: embeddedCold,
    manifest: given,
    indexURL,
    loadPyodide: givenLoader,
    strict = false,
    onProgress = () => {},
    onMiss = () => {},
    packages = [],
    prefetch = "none",
    compression = "auto",
    signal,
    integrity,
    fsInit,
    env,
    worker: _,
    ...rest
  } = options;
  signal?.throwIfAborted();
  const base = baseURL ?? new URL("./", import.meta.url);
  const host = await hostOf(base, signal);
  const core = directory(indexURL ?? host.address(CORE));
  const loading = Promise.resolve(
    givenLoader ?? host.load(`${core}pyodide.mjs`).then((module) => module.loadPyodide),
  );
  // Reported where it is awaited, after the manifest; not as unhandled before.
  loading.catch(() => {});
  const manifest = /** @type {Manifest} */ (
    typeof given === "string" ? JSON.parse(given) : given ?? JSON.parse(await host.text("manifest.json", integrity))
  );
  if (manifest.schema !== 1) {
    throw new Error(`this loader does not know manifests of schema ${manifest.schema}`);
  }

  const report = progress(manifest, onProgress);
  report("core");
  const copy = wantedCopy(manifest, host, { bundle, stdlib }, compression);
  const parts = hotParts(manifest, host, { bundle, stdlib }, copy, report);
  // Likewise, inside of fsInit.
  parts.catch(() => {});

  const cold = new Cold(manifest.parts, host);
  if (embeddedCold !== undefined) cold.embed(await inflated(embeddedCold, "cold files", host));
  const misses = new Misses(manifest, cold, host, strict, onMiss);
  onMisses(misses);
  /** @type {Map<number, Uint8Array>} */
  let here = new Map();
  let mounted = false;
  const emptyZip = await host.emptyZip(bundle !== undefined && baseURL === undefined);

  const bundled = new Set(manifest.packages.map(({ name }) => normalise(name)));
  // What is wrong with the parts by now is better said before Python starts without its files.
  const loadPyodide = await Promise.race([loading, parts.then(() => loading)]);
  const shown = (await copy) === "zstd" ? shownModule(() => host.load(core + manifest.pyodide.asm)) : undefined;
  /** @type {(error: unknown) => void} */
  let fail = () => {};
  const failed = new Promise((_, reject) => (fail = reject));
  signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
  const starting = loadPyodide({
    ...(shown && { createPyodideModule: shown.createPyodideModule }),
    ...(IN_NODE || manifest.pyodide.packageBaseUrl === null
      ? {}
      : { packageBaseUrl: manifest.pyodide.packageBaseUrl }),
    ...rest,
    indexURL: core,
    stdLibURL: emptyZip,
    env: { ...env, ...manifest.pyodide.env, PYTHONPATH: searchPath(manifest, env) },
    packages: packages.filter((name) => !bundled.has(normalise(name))),
    /** @type {(FS: any, info: any) => Promise<void>} */
    fsInit: async (FS, info) => {
      mounted = true;
      try {
        here = await decoded(manifest, await parts, shown?.module());
        signal?.throwIfAborted();
        report("mount");
        mount(FS, manifest.dirs, {
          view: ({ size, part, offset }) => here.get(part)?.subarray(offset, offset + size),
          load: (file) => misses.load(file),
          absent: misses.hasAbsent ? (path) => misses.absent(path) : undefined,
        });
        report("start");
        await fsInit?.(FS, info);
        signal?.throwIfAborted();
      } catch (error) {
        fail(error);
        await new Promise(() => {}); // Python would start without its files otherwise
      }
    },
  }).catch(async (/** @type {unknown} */ error) => {
    await parts; // a part that did not arrive is the better explanation
    throw error;
  });
  const pyodide = await Promise.race([starting, failed]);
  if (!mounted) {
    throw new Error(`Pyodide ${pyodide.version} ignores fsInit; bundles need 0.27.5 or newer`);
  }

  settle(pyodide);
  misses.explain(pyodide);
  markLoaded(pyodide, manifest);
  await loadLibraries(pyodide, sideModules(manifest, (module) => module.library));
  if (ON_PAGE) {
    const large = sideModules(
      manifest,
      (module) => !module.library && module.bytes > SYNCHRONOUS_COMPILE_LIMIT,
    );
    for (const path of large) await pyodide._api.loadDynlib(path, false, []);
  }
  report("ready");
  if (prefetch !== "none" && !strict) startPrefetch(cold, prefetch);
  return pyodide;
}

/**
 * Sources apart, which serve tracebacks only.
 * @param {Cold} cold
 * @param {"idle" | string[]} wanted
 */
function startPrefetch(cold, wanted) {
  const names = Array.isArray(wanted) ? new Set(wanted.map(normalise)) : undefined;
  cold
    .prefetch(
      ({ distribution, source }) => !source && (names === undefined || names.has(normalise(distribution))),
      names === undefined ? idle : () => Promise.resolve(),
    )
    .catch((error) => console.warn("pyodide-pack: nothing more is fetched ahead:", error));
}

/**
 * The standard library's folder goes before whatever the caller wants to be searched.
 * @param {Manifest} manifest
 * @param {Record<string, string>} [env]
 */
function searchPath({ pyodide }, env = {}) {
  return [pyodide.env.PYTHONPATH, env.PYTHONPATH].filter(Boolean).join(":");
}

/**
 * @param {Manifest} manifest
 * @param {(module: Manifest["sideModules"][number]) => boolean} wanted
 */
function sideModules(manifest, wanted) {
  return manifest.sideModules.filter(wanted).map(({ path }) => path);
}

/**
 * Makes `loadPackage` of a bundled distribution a no-op: its name as the lock file spells it.
 * @param {any} pyodide
 * @param {Manifest} manifest
 */
function markLoaded(pyodide, { packages }) {
  const loaded = pyodide.loadedPackages;
  const bundled = new Set(packages.map(({ name }) => normalise(name)));
  for (const name of Object.keys(loaded)) if (bundled.has(normalise(name))) delete loaded[name];
  for (const { name, channel } of packages) loaded[name] = channel;
}

/** @param {string} name */
function normalise(name) {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/**
 * @param {Manifest} manifest
 * @param {(event: import("./loader.d.mts").ProgressEvent) => void} onProgress
 */
function progress({ parts }, onProgress) {
  const total = parts.reduce((sum, part) => sum + (part.hot ? part.bytes : 0), 0);
  let loaded = 0;
  /** @type {(step: import("./loader.d.mts").ProgressEvent["step"], bytes?: number) => void} */
  return (step, bytes = 0) => {
    loaded += bytes;
    onProgress({ step, loaded, total });
  };
}

/**
 * @typedef {object} Embedded
 * @property {ArrayBuffer | Uint8Array} [bundle]
 * @property {ArrayBuffer | Uint8Array} [stdlib]
 */

/**
 * Which compressed copies to fetch, of parts that are not embedded.
 * @param {Manifest} manifest
 * @param {import("./hosts.mjs").Host} host
 * @param {Embedded} embedded
 * @param {"auto" | "host" | import("./hosts.mjs").Copy} compression
 * @returns {Promise<import("./hosts.mjs").Copy | undefined>}
 */
async function wantedCopy({ parts, siblings }, host, { bundle, stdlib }, compression) {
  const fetched = parts.filter(({ hot, embedded }) => hot && !(embedded === undefined ? stdlib : bundle));
  const [largest] = fetched.sort((one, other) => other.bytes - one.bytes);
  if (largest === undefined || compression === "host") return undefined;
  if (compression !== "auto") return compression;
  return siblings.length > 0 && !(await host.compresses(largest)) ? siblings[0] : undefined;
}

/**
 * The parts to start with, by number; those that were handed over are not fetched.
 * @param {Manifest} manifest
 * @param {import("./hosts.mjs").Host} host
 * @param {Embedded} embedded
 * @param {ReturnType<typeof wantedCopy>} copy
 * @param {(step: "fetch", bytes: number) => void} report
 * @returns {Promise<Map<number, Uint8Array>>}
 */
async function hotParts({ parts }, host, embedded, copy, report) {
  const [bundle, stdlib] = await Promise.all([
    embedded.bundle && inflated(embedded.bundle, "bundle", host),
    embedded.stdlib && inflated(embedded.stdlib, "standard library", host),
  ]);
  const entries = parts.map(async (part, number) => {
    if (!part.hot) return undefined;
    const whole = part.embedded === undefined ? stdlib : bundle;
    if (whole === undefined) {
      const bytes = await host.bytes(part, await copy, (count) => report("fetch", count));
      if (bytes.length !== part.bytes && !isZstd(bytes)) {
        throw new Error(`${part.file} has ${bytes.length} bytes instead of ${part.bytes}`);
      }
      return /** @type {const} */ ([number, bytes]);
    }
    const start = part.embedded ?? 0;
    if (whole.length < start + part.bytes) {
      throw new Error(`the embedded bytes for ${part.file} are not those of the manifest`);
    }
    report("fetch", part.bytes);
    return /** @type {const} */ ([number, whole.subarray(start)]);
  });
  return new Map((await Promise.all(entries)).filter((entry) => entry !== undefined));
}

/**
 * The parts with those decoded that came as zstd.
 * @param {Manifest} manifest
 * @param {Map<number, Uint8Array>} arrived
 * @param {any} module Pyodide's, which has the decoder
 */
async function decoded({ parts }, arrived, module) {
  for (const [number, bytes] of arrived) {
    if (!isZstd(bytes)) continue;
    const part = parts[number];
    const whole = unzstd(module, bytes, part.bytes);
    if (!(await fits(whole, part))) throw new Error(`${part.file}.zst is not what the manifest says`);
    arrived.set(number, whole);
  }
  return arrived;
}

/**
 * Embedded bytes as a zip, whatever encoding `pyodide_pack.rs` includes them in. Brotli has no magic
 * number, but as the build makes it, it never starts as a zip or gzip does.
 * @param {ArrayBuffer | Uint8Array} given
 * @param {string} what
 * @param {import("./hosts.mjs").Host} host
 */
async function inflated(given, what, host) {
  const bytes = given instanceof Uint8Array
    ? new Uint8Array(given.buffer, given.byteOffset, given.length)
    : new Uint8Array(given);
  if (isZip(bytes)) return bytes;
  const format = isGzip(bytes) ? "gzip" : "brotli";
  if (!host.inflates(format)) {
    throw new Error(
      `the embedded ${what} is compressed with ${format}, which this browser can't inflate: ` +
        "write .embed(Encoding::Gzip) in build.rs, which all current ones can",
    );
  }
  const whole = await host.inflate(format, bytes).catch((/** @type {unknown} */ cause) => {
    throw new Error(`the embedded ${what} is neither a zip nor compressed, or damaged`, { cause });
  });
  if (!isZip(whole)) throw new Error(`the embedded ${what} is not a zip`);
  return whole;
}
