/**
 * Runs one scenario from the first import to its end, in plain Pyodide or from the bundle, and measures the
 * time of each step. `node benchmark.mjs JOB.json PARENT`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { readJob, writeResult } from "./lib/job.mjs";
import { prepare } from "./lib/process.mjs";
import { ENVIRONMENT, startPyodide } from "./lib/pyodide.mjs";
import { runScenario } from "./lib/scenario.mjs";

/** @typedef {import("./jobs.d.ts").BenchmarkSteps} BenchmarkSteps */

/** @typedef {Exclude<keyof BenchmarkSteps, "total" | "peak_memory">} Step */

/** Splits the time since its creation into steps that add up to the whole. */
class StopWatch {
  /** @type {Record<Step, number>} */
  steps = { load_runtime: 0, fetch_and_mount: 0, side_modules: 0, import_and_run: 0 };
  #last = performance.now();
  /** Seconds of side modules since the last lap. */
  #compiling = 0;
  #compiled = 0;
  /** @type {WebAssembly.Module | undefined} */
  #runtime;

  /** @param {Step} step what was done since the last lap, besides side modules */
  lap(step) {
    const now = performance.now();
    this.steps[step] += (now - this.#last) / 1000 - this.#compiling;
    this.steps.side_modules += this.#compiling;
    this.#compiling = 0;
    this.#last = now;
  }

  /**
   * From now on, compiling and instantiating side modules is a step of its own, wherever it happens. If it
   * is asynchronous, everything that is done until it ends is counted with it.
   */
  watchSideModules() {
    const { Module, Instance, compile, instantiate } = WebAssembly;
    /** @type {(started: number, module: WebAssembly.Module) => void} */
    const took = (started, module) => {
      // Small helpers of the runtime have no such section. The runtime itself is the first module with one.
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

const job = /** @type {import("./jobs.d.ts").BenchmarkJob} */ (readJob());

/** @param {StopWatch} watch */
async function startPlain(watch) {
  const pyodide = await startPyodide(job.runtime, {
    packageBaseUrl: job.wheels,
    packageCacheDir: job.wheels,
    env: ENVIRONMENT,
  });
  watch.lap("load_runtime");
  /** @type {string[]} */
  const errors = [];
  // It reports packages that it can't load, and does not throw.
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
  const { loadBundle } = await import(pathToFileURL(join(job.served, "loader.js")).href);
  watch.lap("load_runtime");
  /** @type {Record<string, Step>} what was done before the event of a phase */
  const before = {
    core: "fetch_and_mount", // the manifest
    fetch: "fetch_and_mount",
    mount: "load_runtime",
    start: "fetch_and_mount",
    ready: "load_runtime",
  };
  const { pyodide } = await loadBundle({
    baseURL: job.served,
    packageBaseUrl: job.wheels,
    packageCacheDir: job.wheels,
    env: ENVIRONMENT,
    onProgress: (/** @type {{ phase: string }} */ { phase }) => watch.lap(before[phase] ?? "load_runtime"),
  });
  return pyodide;
}

/**
 * @param {StopWatch} watch
 * @returns {Promise<string | null>} why the scenario did not end well
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
/** @type {import("./jobs.d.ts").Measured} */
const result = {
  failure,
  steps: {
    ...watch.steps,
    total: Object.values(watch.steps).reduce((sum, seconds) => sum + seconds),
    // Node counts it in units of 1024 bytes.
    peak_memory: process.resourceUsage().maxRSS * 1024,
  },
};
writeResult(job.result, result);
process.exit(0);
