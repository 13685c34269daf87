/**
 * Finds out what the code of archives uses besides what it does: docstrings and columns.
 * `node uses.mjs JOB.json PARENT`.
 *
 * @module
 */

import { closeSync, openSync, readFileSync } from "node:fs";

import { readJob, writeResult } from "./lib/job.mjs";
import { endWithParent } from "./lib/process.mjs";
import { readPiece, startTraced } from "./lib/traced.mjs";

/** @typedef {import("./jobs.d.ts").Uses} Uses */

const job = /** @type {import("./jobs.d.ts").UsesJob} */ (readJob());
endWithParent();
const { pyodide } = await startTraced(job.mounted, () => {});
const names = pyodide.globals.get("dict")();
pyodide.runPython(readFileSync(new URL("uses.py", import.meta.url), "utf8"), { globals: names });
const look = names.get("look");

/** @type {Uses[]} */
const uses = job.archives.map(({ content, files }) => {
  const descriptor = openSync(content, "r");
  const sources = files.map(([path, offset, size]) => [path, readPiece(descriptor, offset, size)]);
  closeSync(descriptor);
  return JSON.parse(look(sources));
});
writeResult(job.result, uses);
process.exit(0);
