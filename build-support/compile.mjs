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
// Without columns, which only serve to underline parts of lines in tracebacks, bytecode is a sixth
// smaller.
const env = { ...ENVIRONMENT, PYTHONNODEBUGRANGES: "1" };
const pyodide = await loadPyodide({ indexURL: job.runtime, env });
const names = pyodide.globals.get("dict")();
pyodide.runPython(readFileSync(new URL("compile.py", import.meta.url), "utf8"), { globals: names });
const transform = names.get("transform");

const units = job.units.map(({ content, files, options, output }) => {
  pyodide.FS.writeFile("/sources", sources(content, files), { canOwn: true });
  let offset = 0;
  const moved = files.map(([path, , size]) => {
    offset += size;
    return [path, offset - size, size];
  });
  const places = transform("/sources", "/results", JSON.stringify(moved), JSON.stringify(options));
  writeFileSync(output, pyodide.FS.readFile("/results"));
  return JSON.parse(places);
});
writeResult(job.result, { schema: 1, tag: names.get("CACHE_TAG"), units });
process.exit(0);

/**
 * @param {string} content
 * @param {Unit["files"]} files
 * @returns {Uint8Array} their contents, one behind the other
 */
function sources(content, files) {
  const bytes = new Uint8Array(files.reduce((sum, [, , size]) => sum + size, 0));
  const descriptor = openSync(content, "r");
  let done = 0;
  for (const [path, offset, size] of files) {
    for (const end = done + size; done < end; ) {
      const count = readSync(descriptor, bytes, done, end - done, offset + size - (end - done));
      if (count === 0) throw new Error(`${content} ends before ${path}`);
      done += count;
    }
  }
  closeSync(descriptor);
  return bytes;
}
