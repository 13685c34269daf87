/**
 * Runs one scenario from the outputs alone, and reports the cold files that it opens.
 * `node validate.mjs JOB.json`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ENVIRONMENT, optimiseLate, prepare, readJob, runScenario, writeResult } from "./scenario.mjs";

/**
 * @typedef {object} ValidateJob
 * @property {2} schema
 * @property {"loader" | "plain"} route through loadBundle, or through the plain three lines
 * @property {string} outputs folder of the outputs
 * @property {string} core folder of Pyodide's core for the plain three lines, ends with a separator
 * @property {string} packages folder for packages that the app loads itself: empty
 * @property {import("./scenario.mjs").Scenario} scenario
 * @property {string | null} prelude
 * @property {boolean} network
 * @property {string} result
 */

const job = /** @type {ValidateJob} */ (readJob());
const served = join(job.outputs, "pyodide-pack");
/** @type {string[]} */
const missed = [];
const packages = { packageBaseUrl: job.packages, packageCacheDir: job.packages };

async function throughLoader() {
  const { loadBundle } = await import(pathToFileURL(join(served, "loader.mjs")).href);
  return loadBundle({
    ...packages,
    baseURL: served,
    env: ENVIRONMENT,
    /** @param {{ path: string }} miss */
    onMiss: ({ path }) => missed.push(path),
  });
}

async function throughPlainLines() {
  const { loadPyodide } = await import(pathToFileURL(join(job.core, "pyodide.mjs")).href);
  const bundle = readFileSync(join(job.outputs, "pyodide-package-bundle.zip"));
  const stdLibURL = join(job.outputs, "python_stdlib_stripped.zip");
  const options = { ...packages, indexURL: job.core, env: ENVIRONMENT };

  const pyodide = await loadPyodide({ ...options, stdLibURL });
  pyodide.unpackArchive(new Uint8Array(bundle), "zip", { extractDir: "/" });
  await pyodide.pyimport("pyodide_pack_loader").setup();
  return pyodide;
}

await prepare(job);
optimiseLate();
const started = performance.now();
const pyodide = await (job.route === "loader" ? throughLoader() : throughPlainLines());
const ready = performance.now();
const run = await runScenario(pyodide, job.scenario);
writeResult(job.result, {
  schema: 2,
  missed,
  ...run,
  seconds: { boot: (ready - started) / 1000, run: (performance.now() - ready) / 1000 },
});
process.exit(0);
