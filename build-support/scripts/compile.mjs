/**
 * Compiles or strips Python files in a Pyodide that has nothing but its standard library.
 * `node compile.mjs JOB.json`; the contents go to the files named in the job, where they lie in them to
 * its result.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";

import { endWithParent, optimiseLate, readJob, writeResult } from "./scenario.mjs";
import { readPiece, startTraced } from "./traced.mjs";

/**
 * Files that lie in one file of contents and are treated alike.
 * @typedef {object} Unit
 * @property {string} content path of the file that holds the sources
 * @property {[path: string, offset: number, size: number][]} files
 * @property {Record<string, boolean>} options as compile.py takes them
 * @property {string} output path for the transformed contents
 */

/**
 * @typedef {object} CompileJob
 * @property {2} schema
 * @property {import("./traced.mjs").Mounted} mounted
 * @property {Unit[]} units
 * @property {string} result
 */

/** Bytes of Python below which the time goes into starting Python, not into compiling with it. */
const FEW_BYTES = 200_000;

const job = /** @type {CompileJob} */ (readJob());
endWithParent();
const sizes = job.units.flatMap(({ files }) => files.map(([, , size]) => size));
if (sizes.reduce((sum, size) => sum + size, 0) < FEW_BYTES) optimiseLate();
const helper = readFileSync(new URL("compile.py", import.meta.url), "utf8");
// Without columns, which only serve to underline parts of lines in tracebacks, bytecode is a sixth
// smaller.
const env = { PYTHONNODEBUGRANGES: "1" };

/** The helper in a fresh interpreter: what was imported before has an influence on bytecode. */
async function start() {
  const { pyodide } = await startTraced(job.mounted, () => {}, env);
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(helper, { globals: names });
  return names;
}

let names = await start();

/**
 * @param {Uint8Array} source
 * @param {string} path
 * @param {string} options
 * @returns {Promise<Uint8Array | string>} the new content, or why the file has to stay as it is
 */
async function transform(source, path, options) {
  const python = names.get("transform");
  try {
    const result = python(source, path, options);
    if (typeof result === "string") return result;
    const bytes = result.toJs();
    result.destroy();
    return bytes;
  } catch (error) {
    // Expressions that are nested very deeply end the interpreter.
    names = await start();
    return String(/** @type {Error} */ (error).message).split("\n")[0];
  }
}

const units = [];
for (const { content, files, options, output } of job.units) {
  const descriptor = openSync(content, "r");
  const results = openSync(output, "w");
  const places = [];
  let end = 0;
  for (const [path, offset, size] of files) {
    const result = await transform(readPiece(descriptor, offset, size), path, JSON.stringify(options));
    if (typeof result !== "string") {
      writeFileSync(results, result);
      end += result.length;
    }
    places.push(typeof result === "string" ? result : [end - result.length, result.length]);
  }
  closeSync(descriptor);
  closeSync(results);
  units.push(places);
}
writeResult(job.result, { schema: 2, units });
process.exit(0);
