/**
 * Runs one scenario in a Pyodide whose file system has the complete installation, and records which files
 * are opened, and by which modules. `node trace.mjs JOB.json PARENT`.
 *
 * @module
 */

import { loadLibraries } from "../runtime/packfs.mjs";
import { keepBytecode, saveBytecode } from "./lib/bytecode.mjs";
import { readJob, writeResult } from "./lib/job.mjs";
import { openerOf } from "./lib/opener.mjs";
import { Notes } from "./lib/noting.mjs";
import { hideProgram, optimiseLate, prepare } from "./lib/process.mjs";
import { runScenario } from "./lib/scenario.mjs";
import { renew } from "./lib/snapshot.mjs";
import { startTraced } from "./lib/traced.mjs";

/** @typedef {import("./jobs.d.ts").Trace} Trace */

const job = /** @type {import("./jobs.d.ts").TraceJob} */ (readJob());

/** @type {"boot" | "run"} */
let phase = "boot";
let opener = () => "";
/** @type {Trace["opened"]} */
const opened = [];

await prepare(job);
hideProgram();
optimiseLate();
const started = performance.now();
const notes = job.core === null ? undefined : await Notes.of(job.mounted.runtime, job.core);
const options = notes && { createPyodideModule: notes.createPyodideModule };
const { pyodide, close } = await startTraced(job.mounted, (path) => opened.push([path, phase, opener()]), { options });
const booted = performance.now();
phase = "run";
opener = openerOf(pyodide);
await loadLibraries(pyodide, job.libraries);
if (job.bytecode !== null) keepBytecode(pyodide);
const run = await runScenario(pyodide, job.scenario);
close();
if (job.renews) renew(pyodide);
const compiled = job.bytecode === null ? [] : saveBytecode(pyodide.FS, job.mounted.bytecodeDir, job.bytecode);
/** @type {Trace} */
const trace = {
  opened,
  compiled,
  ...(notes?.end(pyodide, job.modules) ?? { ran: [], ranIn: [] }),
  ...run,
  seconds: { boot: (booted - started) / 1000, run: (performance.now() - booted) / 1000 },
};
writeResult(job.result, trace);
process.exit(0);
