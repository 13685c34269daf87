/**
 * Runs test modules with pytest in Pyodide under Node, plain or from a bundle.
 *
 *     node run.mjs JOB.json
 *
 * Writes lines of JSON to standard output: `{ at }` when a module begins, `{ warning, test, when }`, and
 * `{ module, outcomes }` when it ends. The last line is `{ status, seconds, misses }`. Pytest's own output goes to
 * standard error.
 *
 * @module
 */

import { readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { startPlain } from "../../support/scripts/pyodide.mjs";

/**
 * @typedef {object} Job
 * @property {string} distribution folder of the unpacked Pyodide distribution
 * @property {string | null} bundle folder with `loader.js`; null for plain Pyodide
 * @property {string[]} packages names or paths of wheels, which plain Pyodide loads
 * @property {string} files folder that prepare.py wrote
 * @property {string} tests name of the folder below `files/tests`
 * @property {string[]} modules paths in site-packages
 */

const ENVIRONMENT = { HOME: "/home/pyodide", PYTHONHASHSEED: "0" };

const job = /** @type {Job} */ (JSON.parse(readFileSync(process.argv[2], "utf8")));
const started = performance.now();
let misses = 0;

/** @returns {Promise<any>} */
async function start() {
  if (job.bundle !== null) {
    const { loadBundle } = await import(pathToFileURL(join(job.bundle, "loader.js")).href);
    const { snapshot } = JSON.parse(readFileSync(join(job.bundle, "manifest.json"), "utf8"));
    let isRestored = false;
    const onProgress = (/** @type {{ phase: string }} */ { phase }) => (isRestored ||= phase === "restored");
    const { pyodide } = await loadBundle({ env: ENVIRONMENT, onProgress, onMiss: () => (misses += 1) });
    if (isRestored !== (snapshot !== undefined)) throw new Error("the start did not use the snapshot");
    return pyodide;
  }
  return startPlain(job.distribution, job.packages, { env: ENVIRONMENT });
}

/**
 * @param {any} FS
 * @param {string} from folder of the host
 * @param {string} to folder of Pyodide
 */
function copy(FS, from, to) {
  FS.mkdirTree(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), `${to}/${entry.name}`];
    if (entry.isDirectory()) copy(FS, source, target);
    else FS.writeFile(target, readFileSync(source));
  }
}

const pyodide = await start();
for (const [set, fd] of /** @type {const} */ ([["setStdout", 2], ["setStderr", 2]])) {
  pyodide[set]({ write: (/** @type {Uint8Array} */ bytes) => writeSync(fd, bytes), isatty: false });
}
pyodide.setStdin({ stdin: () => null, isatty: false });
const root = pyodide.runPython("import sys; '/lib/python%d.%d/site-packages' % sys.version_info[:2]");
copy(pyodide.FS, join(job.files, "tests", job.tests), root);
copy(pyodide.FS, join(job.files, "pytest-site"), "/tmp/pytest-site");
pyodide.FS.writeFile("/tmp/pytest-site/driver.py", readFileSync(new URL("driver.py", import.meta.url)));
pyodide.runPython("import importlib, sys; sys.path.append('/tmp/pytest-site'); importlib.invalidate_caches()");

/** @param {string} line whole, though a pipe takes it piece by piece */
function tell(line) {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "EAGAIN") throw error;
    }
  }
}

const status = pyodide.pyimport("driver").run(root, JSON.stringify(job.modules), tell);
tell(JSON.stringify({ status: Number(status), seconds: (performance.now() - started) / 1000, misses }));
process.exit(0);
