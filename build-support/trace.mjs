/**
 * Runs one scenario in a Pyodide whose file system holds the complete installation, and records
 * which files are opened. `node trace.mjs JOB.json`; the result goes to the path named in the job.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { loadLibraries, mount, settle } from "./packfs.mjs";
import { ENVIRONMENT, optimiseLate, prepare, readJob, runScenario, writeResult } from "./scenario.mjs";

/**
 * @typedef {object} TraceJob
 * @property {1} schema
 * @property {string} runtime folder of the Pyodide runtime, ends with a separator
 * @property {string} emptyZip path of an empty zip: the standard library lies in files
 * @property {string} packages folder for packages that the app loads itself: empty
 * @property {Record<string, string>} env further environment of the interpreter
 * @property {import("./packfs.mjs").Dirs} dirs
 * @property {string[]} parts paths of the files that hold the contents
 * @property {string[]} libraries shared libraries to load first, in this order
 * @property {import("./scenario.mjs").Scenario | null} scenario null: unpack `archive` instead
 * @property {string} archive zip for the plain three lines
 * @property {string | null} prelude
 * @property {boolean} network
 * @property {string} result
 */

const job = /** @type {TraceJob} */ (readJob());

/** @type {"boot" | "run"} */
let phase = "boot";
/** @type {[path: string, phase: string][]} */
const opened = [];
const descriptors = job.parts.map((path) => openSync(path, "r"));

/** @type {import("./packfs.mjs").Source} */
const source = {
  view: () => undefined,
  load({ path, size, part, offset }) {
    opened.push([path, phase]);
    const bytes = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const count = readSync(descriptors[part], bytes, done, size - done, offset + done);
      if (count === 0) throw new Error(`${job.parts[part]} ends early`);
      done += count;
    }
    return bytes;
  },
};

await prepare(job);
optimiseLate();
const { loadPyodide } = await import(pathToFileURL(`${job.runtime}pyodide.mjs`).href);
let mounted = -1;
const started = performance.now();
const pyodide = await loadPyodide({
  indexURL: job.runtime,
  packageBaseUrl: job.packages,
  packageCacheDir: job.packages,
  stdLibURL: job.emptyZip,
  env: { ...job.env, ...ENVIRONMENT },
  /** @param {any} FS */
  fsInit: async (FS) => {
    mounted = mount(FS, job.dirs, source);
  },
});
if (mounted < 0) throw new Error("this Pyodide ignores the option fsInit of loadPyodide");
settle(pyodide);
const booted = performance.now();
phase = "run";
await loadLibraries(pyodide, job.libraries);

let run;
if (job.scenario === null) {
  pyodide.unpackArchive(new Uint8Array(readFileSync(job.archive)), "zip", { extractDir: "/" });
  await pyodide.pyimport("pyodide_pack_loader").setup();
  const modules = pyodide
    .runPython("import sys; dict.fromkeys(sys.modules, '')")
    .toJs({ dict_converter: Object.fromEntries });
  run = { exception: null, stdout: "", modules };
} else {
  run = await runScenario(pyodide, job.scenario);
}
descriptors.forEach(closeSync);
writeResult(job.result, {
  schema: 1,
  opened,
  ...run,
  seconds: { boot: (booted - started) / 1000, run: (performance.now() - booted) / 1000 },
});
process.exit(0);
