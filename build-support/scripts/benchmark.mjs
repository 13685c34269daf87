/**
 * Runs one scenario from nothing to its end, in plain Pyodide or from the bundle, and takes the
 * time of each step. `node benchmark.mjs JOB.json`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { ENVIRONMENT, prepare, readJob, runScenario, writeResult } from "./scenario.mjs";

/**
 * @typedef {object} BenchmarkJob
 * @property {1} schema
 * @property {"plain" | "bundle"} side
 * @property {string} runtime folder of the Pyodide runtime, ends with a separator
 * @property {string} served folder of the outputs that is served
 * @property {string} wheels folder with the distribution's wheels under the names of its lock file;
 *   ends with a separator
 * @property {string[]} packages what to load: names, and paths of other wheels
 * @property {[name: string, path: string][]} app the app's files: path in Pyodide, path on the host
 * @property {import("./scenario.mjs").Scenario} scenario
 * @property {string | null} prelude
 * @property {boolean} network
 * @property {string} result
 */

/**
 * Seconds of each step, under the names that the report has.
 * @typedef {"load_runtime" | "fetch_and_mount" | "side_modules" | "import_and_run"} Step
 */

/** Splits the time since it was made into steps that add up to the whole. */
class StopWatch {
  /** @type {Record<Step, number>} */
  steps = { load_runtime: 0, fetch_and_mount: 0, side_modules: 0, import_and_run: 0 };
  #last = performance.now();
  /** Seconds of side modules since the last lap. */
  #compiling = 0;
  #compiled = 0;
  /** @type {WebAssembly.Module | undefined} */
  #runtime;

  /** @param {Step} step what was done since the last lap, side modules apart */
  lap(step) {
    const now = performance.now();
    this.steps[step] += (now - this.#last) / 1000 - this.#compiling;
    this.steps.side_modules += this.#compiling;
    this.#compiling = 0;
    this.#last = now;
  }

  /**
   * From now on, compiling and instantiating side modules, wherever it happens, is a step of its own.
   * When it is asynchronous, what else is done until it is ready counts with it.
   */
  watchSideModules() {
    const { Module, Instance, compile, instantiate } = WebAssembly;
    /** @type {(started: number, module: WebAssembly.Module) => void} */
    const took = (started, module) => {
      // The runtime's small helpers have no such section; its own module is the first that has it.
      if (Module.customSections(module, "dylink.0").length === 0) return;
      this.#runtime ??= module;
      if (module === this.#runtime) return;
      const now = performance.now();
      this.#compiling += (now - Math.max(started, this.#compiled, this.#last)) / 1000;
      this.#compiled = now;
    };
    const timed = (/** @type {any} */ constructor, /** @type {(result: any, args: any[]) => any} */ moduleOf) =>
      new Proxy(constructor, {
        construct(target, args) {
          const started = performance.now();
          const result = new target(...args);
          took(started, moduleOf(result, args));
          return result;
        },
      });
    WebAssembly.Module = timed(Module, (module) => module);
    WebAssembly.Instance = timed(Instance, (_, [module]) => module);
    WebAssembly.compile = async (...args) => {
      const started = performance.now();
      const module = await compile(...args);
      took(started, module);
      return module;
    };
    WebAssembly.instantiate = /** @type {any} */ (
      async (/** @type {any} */ source, /** @type {any[]} */ ...rest) => {
        const started = performance.now();
        const result = /** @type {any} */ (await instantiate(source, ...rest));
        took(started, source instanceof Module ? source : result.module);
        return result;
      }
    );
  }
}

const job = /** @type {BenchmarkJob} */ (readJob());

/** @param {StopWatch} watch */
async function startPlain(watch) {
  const { loadPyodide } = await import(pathToFileURL(`${job.runtime}pyodide.mjs`).href);
  const pyodide = await loadPyodide({
    indexURL: job.runtime,
    packageBaseUrl: job.wheels,
    packageCacheDir: job.wheels,
    env: ENVIRONMENT,
  });
  watch.lap("load_runtime");
  /** @type {string[]} */
  const errors = [];
  // It reports what it could not load, and does not throw.
  await pyodide.loadPackage(job.packages, {
    messageCallback() {},
    errorCallback: (/** @type {string} */ text) => errors.push(text),
  });
  if (errors.length > 0) throw new Error(errors.join("\n"));
  for (const [name, path] of job.app) {
    pyodide.FS.mkdirTree(dirname(name));
    pyodide.FS.writeFile(name, new Uint8Array(readFileSync(path)));
  }
  watch.lap("fetch_and_mount");
  return pyodide;
}

/** @param {StopWatch} watch */
async function startBundle(watch) {
  const { loadBundle } = await import(pathToFileURL(join(job.served, "loader.mjs")).href);
  watch.lap("load_runtime");
  /** @type {Record<string, Step>} what was done before an event */
  const before = {
    core: "fetch_and_mount", // the manifest
    fetch: "fetch_and_mount",
    mount: "load_runtime",
    start: "fetch_and_mount",
    ready: "load_runtime",
  };
  return loadBundle({
    baseURL: job.served,
    packageBaseUrl: job.wheels,
    packageCacheDir: job.wheels,
    env: ENVIRONMENT,
    onProgress: (/** @type {{ step: string }} */ { step }) => watch.lap(before[step] ?? "load_runtime"),
  });
}

/**
 * @param {StopWatch} watch
 * @returns {Promise<string | null>} why it did not end well
 */
async function measured(watch) {
  try {
    const pyodide = await (job.side === "plain" ? startPlain(watch) : startBundle(watch));
    const { exception } = await runScenario(pyodide, job.scenario);
    watch.lap("import_and_run");
    return exception === null ? null : exception.traceback;
  } catch (error) {
    return String(error);
  }
}

await prepare(job);
const watch = new StopWatch();
watch.watchSideModules();
const failure = await measured(watch);
writeResult(job.result, {
  schema: 1,
  failure,
  steps: {
    ...watch.steps,
    total: Object.values(watch.steps).reduce((sum, seconds) => sum + seconds),
    // Node gives it in units of 1024 bytes.
    peak_memory: process.resourceUsage().maxRSS * 1024,
  },
});
process.exit(0);
