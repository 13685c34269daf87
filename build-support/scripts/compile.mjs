/**
 * Compiles or strips Python files in a Pyodide that has only its standard library.
 * `node compile.mjs JOB.json PARENT`; the contents go to the files named in the job, and their places in
 * these files to the result.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";

import { readJob, writeResult } from "./lib/job.mjs";
import { endWithParent, optimiseLate } from "./lib/process.mjs";
import { readPiece, startTraced } from "./lib/traced.mjs";

/** @typedef {import("./jobs.d.ts").Place} Place */

/** Bytes of Python below which starting Python takes longer than compiling with it. */
const FEW_BYTES = 200_000;

const job = /** @type {import("./jobs.d.ts").CompileJob} */ (readJob());
endWithParent();
const sizes = job.units.flatMap(({ files }) => files.map(([, , size]) => size));
if (sizes.reduce((sum, size) => sum + size, 0) < FEW_BYTES) optimiseLate();
const helper = readFileSync(new URL("compile.py", import.meta.url), "utf8");
/** @type {Map<boolean, any>} the names of the helper, by whether the interpreter keeps columns */
const helpers = new Map();

/**
 * Starts the helper in a fresh interpreter, because what was imported before changes bytecode.
 *
 * Columns underline parts of lines in tracebacks, and few packages read them. Without them, bytecode is a
 * sixth smaller. Only the start of an interpreter decides about them.
 * @param {boolean} columns
 */
async function start(columns) {
  const env = columns ? undefined : { PYTHONNODEBUGRANGES: "1" };
  const { pyodide } = await startTraced(job.mounted, () => {}, { env });
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(helper, { globals: names });
  helpers.set(columns, names);
  return names;
}

/**
 * @param {Uint8Array} source
 * @param {string} path
 * @param {import("./jobs.d.ts").CompileOptions} options
 * @returns {Promise<Uint8Array | string>} the new content, or why the file has to stay as it is
 */
async function transform(source, path, options) {
  const names = helpers.get(options.columns) ?? (await start(options.columns));
  const python = names.get("transform");
  try {
    const result = python(source, path, JSON.stringify(options));
    if (typeof result === "string") return result;
    const bytes = result.toJs();
    result.destroy();
    return bytes;
  } catch (error) {
    // Very deeply nested expressions end the interpreter.
    await start(options.columns);
    return String(/** @type {Error} */ (error).message).split("\n")[0];
  }
}

/** @type {Place[][]} */
const units = [];
for (const { content, files, options, output } of job.units) {
  const descriptor = openSync(content, "r");
  const results = openSync(output, "w");
  /** @type {Place[]} */
  const places = [];
  let end = 0;
  for (const [path, offset, size] of files) {
    const result = await transform(readPiece(descriptor, offset, size), path, options);
    if (typeof result === "string") {
      places.push({ refused: result });
      continue;
    }
    writeFileSync(results, result);
    places.push({ done: [end, result.length] });
    end += result.length;
  }
  closeSync(descriptor);
  closeSync(results);
  units.push(places);
}
/** @type {import("./jobs.d.ts").CompileResult} */
const compiled = { units };
writeResult(job.result, compiled);
process.exit(0);
