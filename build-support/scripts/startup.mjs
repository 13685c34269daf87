/**
 * Learns which files Python reads at its start, and when plain loadPyodide unpacks a bundle. Compiles them as
 * installed, for later starts. `node startup.mjs JOB.json PARENT`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";

import { readJob, writeResult } from "./lib/job.mjs";
import { endWithParent, optimiseLate } from "./lib/process.mjs";
import { unpackBundle } from "./lib/pyodide.mjs";
import { startTraced } from "./lib/traced.mjs";

/** @typedef {import("./jobs.d.ts").Learned} Learned */

/**
 * Nothing is removed.
 * @type {import("./jobs.d.ts").CompileOptions}
 */
const AS_INSTALLED = { bytecode: true, docstrings: true, comments: true, asserts: true, line_numbers: true, columns: true };

const job = /** @type {import("./jobs.d.ts").StartupJob} */ (readJob());
const script = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");
endWithParent();
optimiseLate();
/** @type {string[]} */
const opened = [];
const { pyodide } = await startTraced(job.mounted, (path) => opened.push(path));
await unpackBundle(pyodide, new Uint8Array(readFileSync(job.archive)));
const plain = { opened: [...opened], modules: pyodide.runPython("import sys; [*sys.modules]").toJs() };

// Traces and the compiler start with what their helpers import, too.
const names = pyodide.globals.get("dict")();
for (const helper of ["lib/scenario.py", "compile.py"]) pyodide.runPython(script(helper), { globals: names });
const transform = names.get("transform");
const sources = opened.filter((path) => path.endsWith(".py"));
/** @type {Buffer[]} */
const contents = [];
/** @type {Learned["files"]} */
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
/** @type {Learned} */
const learned = { tag: names.get("CACHE_TAG"), plain, files };
writeResult(job.result, learned);
process.exit(0);
