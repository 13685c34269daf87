/**
 * Writes a zip again as Pyodide itself reads it: without compression, with each name once and in UTF-8.
 * `node repack.mjs JOB.json PARENT`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";

import { readJob, writeResult } from "./lib/job.mjs";
import { endWithParent, optimiseLate } from "./lib/process.mjs";
import { startPyodide } from "./lib/pyodide.mjs";

const job = /** @type {import("./jobs.d.ts").RepackJob} */ (readJob());
endWithParent();
optimiseLate();
const pyodide = await startPyodide(job.runtime);
const [old, again] = ["/old.zip", "/again.zip"];
pyodide.FS.writeFile(old, readFileSync(job.archive));
const names = pyodide.globals.get("dict")();
pyodide.runPython(readFileSync(new URL("repack.py", import.meta.url), "utf8"), { globals: names });
const failure = names.get("repack")(old, again) ?? null;
if (failure === null) writeFileSync(job.output, pyodide.FS.readFile(again));
/** @type {import("./jobs.d.ts").Repacked} */
const repacked = { failure };
writeResult(job.result, repacked);
process.exit(0);
