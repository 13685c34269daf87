/**
 * Runs Python code in plain Pyodide: `node plain.mjs DISTRIBUTION CODE.py NAME...`. Prints one line
 * of JSON, as run.mjs does.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import { startPlain } from "./pyodide.mjs";

const [folder, codeFile, ...names] = process.argv.slice(2);
const pyodide = await startPlain(folder, names);
let stdout = "";
pyodide.setStdout({ batched: (/** @type {string} */ line) => (stdout += `${line}\n`) });
let error = null;
try {
  await pyodide.runPythonAsync(readFileSync(codeFile, "utf8"));
} catch (thrown) {
  error = String(/** @type {Error} */ (thrown).message);
}
const loadedPackages = Object.keys(pyodide.loadedPackages).sort();
const result = { stdout, error, misses: [], loadedPackages, written: false };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
