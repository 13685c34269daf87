/**
 * Runs one scenario from the outputs alone, and reports the lazy files that it opens.
 * `node replay.mjs JOB.json PARENT`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { readJob, writeResult } from "./lib/job.mjs";
import { answerAsWorker, failForGood, Notes } from "./lib/noting.mjs";
import { hideProgram, optimiseLate, prepare } from "./lib/process.mjs";
import { ENVIRONMENT, startPyodide, unpackBundle } from "./lib/pyodide.mjs";
import { runScenario } from "./lib/scenario.mjs";
import { contentOf } from "./lib/snapshot.mjs";

const job = /** @type {import("./jobs.d.ts").ReplayJob} */ (readJob());
/** @type {string[]} */
const missed = [];
/** @type {string[]} */
const cold = [];
const options = { packageBaseUrl: job.packages, packageCacheDir: job.packages, env: ENVIRONMENT };

async function throughLoader() {
  const createPyodideModule = notes?.createPyodideModule;
  const { loadBundle } = await importLoader();
  let phases = "";
  const { pyodide } = await loadBundle({
    ...options,
    ...(job.snapshot === null ? {} : fromSnapshot(job.snapshot)),
    createPyodideModule,
    baseURL: job.served,
    /** @param {import("../runtime/loader.d.mts").ProgressEvent} event */
    onProgress: ({ phase }) => (phases += ` ${phase}`),
    /** @param {import("../runtime/loader.d.mts").MissEvent} miss */
    onMiss: ({ path, chunk, functions }) =>
      functions === undefined ? missed.push(path) : cold.push(chunk.replace(/\.[0-9a-f]{16}\.wasm$/, "")),
  });
  if (job.snapshot !== null && (!phases.includes("restored") || phases.includes("start"))) {
    throw new Error("the start did not use the snapshot");
  }
  return pyodide;
}

/**
 * The options for a snapshot that the manifest does not have yet.
 * @param {string} path
 */
function fromSnapshot(path) {
  const snapshot = new Uint8Array(readFileSync(path));
  const { sha256, ...content } = contentOf(snapshot);
  const about = { file: path, use: "first", ...content, sha256: Buffer.from(sha256, "hex").toString("base64") };
  const manifest = JSON.parse(readFileSync(join(job.served, "manifest.json"), "utf8"));
  return { snapshot, manifest: { ...manifest, snapshot: about } };
}

/** @returns {Promise<any>} the served loader */
function importLoader() {
  return import(pathToFileURL(join(job.served, "loader.js")).href);
}

/** Runs what the loader and Pyodide need besides the scenario, so that the core notes it, too. */
async function runOthers() {
  const { answerPage } = await importLoader();
  await answerAsWorker(answerPage, pyodide);
  failForGood(pyodide);
}

async function throughPlainPyodide() {
  const bundle = readFileSync(job.bundle);
  const pyodide = await startPyodide(job.core, { ...options, stdLibURL: job.stdlib });
  await unpackBundle(pyodide, new Uint8Array(bundle));
  return pyodide;
}

const notes = job.noting === null ? undefined : await Notes.of(job.core, job.noting);
await prepare(job);
hideProgram();
optimiseLate();
const started = performance.now();
const pyodide = await (job.route === "loader" ? throughLoader() : throughPlainPyodide());
const ready = performance.now();
const run = await runScenario(pyodide, job.scenario);
/** @type {import("./jobs.d.ts").Replayed} */
const replayed = {
  missed,
  cold,
  ran: [],
  ...run,
  seconds: { boot: (ready - started) / 1000, run: (performance.now() - ready) / 1000 },
};
if (notes !== undefined) {
  Object.assign(replayed, { missed: [...missed], cold: [...cold] });
  await runOthers();
  replayed.ran = notes.end(pyodide, []).ran;
}
writeResult(job.result, replayed);
process.exit(0);
