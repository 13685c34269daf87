/**
 * Runs one scenario in a Pyodide whose file system holds the complete installation, and records
 * which files are opened. `node trace.mjs JOB.json`; the result goes to the path named in the job.
 *
 * @module
 */

import { loadLibraries } from "../runtime/packfs.mjs";
import { optimiseLate, prepare, readJob, runScenario, writeResult } from "./scenario.mjs";
import { startTraced } from "./traced.mjs";

/**
 * @typedef {object} TraceJob
 * @property {2} schema
 * @property {import("./traced.mjs").Mounted} mounted
 * @property {string[]} libraries shared libraries to load first, in this order
 * @property {import("./scenario.mjs").Scenario} scenario
 * @property {string | null} prelude
 * @property {boolean} network
 * @property {string} result
 */

const job = /** @type {TraceJob} */ (readJob());

/** @type {"boot" | "run"} */
let phase = "boot";
/** @type {[path: string, phase: string][]} */
const opened = [];

await prepare(job);
optimiseLate();
const started = performance.now();
const { pyodide, close } = await startTraced(job.mounted, (path) => opened.push([path, phase]));
const booted = performance.now();
phase = "run";
await loadLibraries(pyodide, job.libraries);
const run = await runScenario(pyodide, job.scenario);
close();
writeResult(job.result, {
  schema: 2,
  opened,
  ...run,
  seconds: { boot: (booted - started) / 1000, run: (performance.now() - booted) / 1000 },
});
process.exit(0);
