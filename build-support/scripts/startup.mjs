/**
 * Learns what Python reads when it starts and unpacks a bundle by the plain three lines, and compiles
 * it as it is installed, so that later starts need not. `node startup.mjs JOB.json`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";

import { endWithParent, optimiseLate, readJob, writeResult } from "./scenario.mjs";
import { startTraced } from "./traced.mjs";

/**
 * @typedef {object} StartupJob
 * @property {2} schema
 * @property {import("./traced.mjs").Mounted} mounted the standard library
 * @property {string} archive path of a zip with nothing but the Python loader
 * @property {string} output path for the bytecode
 * @property {string} result
 */

/** Nothing is left out. */
const AS_INSTALLED = { bytecode: true, docstrings: true, comments: true, asserts: true, line_numbers: true };

const job = /** @type {StartupJob} */ (readJob());
const script = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");
endWithParent();
optimiseLate();
/** @type {string[]} */
const opened = [];
const { pyodide } = await startTraced(job.mounted, (path) => opened.push(path));
pyodide.unpackArchive(new Uint8Array(readFileSync(job.archive)), "zip", { extractDir: "/" });
await pyodide.pyimport("pyodide_pack_loader").setup();
const plain = { opened: [...opened], modules: pyodide.runPython("import sys; [*sys.modules]").toJs() };

// What the helpers of traces and of the compiler import is wanted at once, too.
const names = pyodide.globals.get("dict")();
for (const helper of ["scenario.py", "compile.py"]) pyodide.runPython(script(helper), { globals: names });
const transform = names.get("transform");
const sources = opened.filter((path) => path.endsWith(".py"));
/** @type {Buffer[]} */
const contents = [];
/** @type {[path: string, offset: number, size: number][]} */
const files = [];
let end = 0;
for (const path of sources) {
  const result = transform(pyodide.FS.readFile(path), path, JSON.stringify(AS_INSTALLED));
  if (typeof result === "string") throw new Error(`${path}: ${result}`);
  const bytes = Buffer.from(result.toJs());
  result.destroy();
  contents.push(bytes);
  files.push([path, end, bytes.length]);
  end += bytes.length;
}
writeFileSync(job.output, Buffer.concat(contents));
writeResult(job.result, { schema: 2, tag: names.get("CACHE_TAG"), plain, files });
process.exit(0);
