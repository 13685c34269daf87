/**
 * Compiles or strips Python files in a fresh Pyodide. `node compile.mjs JOB.json`; the contents go
 * to the files named in the job, where they lie in them to its result.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { endWithParent, ENVIRONMENT, readJob, writeResult } from "./scenario.mjs";

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
 * @property {1} schema
 * @property {string} runtime folder of the Pyodide runtime, ends with a separator
 * @property {Unit[]} units
 * @property {string} result
 */

const job = /** @type {CompileJob} */ (readJob());
endWithParent();
const { loadPyodide } = await import(pathToFileURL(`${job.runtime}pyodide.mjs`).href);
const helper = readFileSync(new URL("compile.py", import.meta.url), "utf8");
// Without columns, which only serve to underline parts of lines in tracebacks, bytecode is a sixth
// smaller.
const env = { ...ENVIRONMENT, PYTHONNODEBUGRANGES: "1" };

/** @returns {Promise<any>} a fresh interpreter's `compile.py` */
async function start() {
  const pyodide = await loadPyodide({ indexURL: job.runtime, env });
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(helper, { globals: names });
  return names;
}

let names = await start();
const tag = names.get("CACHE_TAG");

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
    const result = await transform(read(descriptor, offset, size), path, JSON.stringify(options));
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
writeResult(job.result, { schema: 1, tag, units });
process.exit(0);

/**
 * @param {number} descriptor
 * @param {number} offset
 * @param {number} size
 * @returns {Uint8Array}
 */
function read(descriptor, offset, size) {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const count = readSync(descriptor, bytes, done, size - done, offset + done);
    if (count === 0) throw new Error("the sources end early");
    done += count;
  }
  return bytes;
}
