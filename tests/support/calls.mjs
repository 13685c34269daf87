/**
 * Runs typical calls: `node calls.mjs plain DISTRIBUTION CALLS EVERY` in plain Pyodide with its own
 * packages, `node calls.mjs bundle OUT CALLS EVERY` in a bundle; `CALLS` is a folder, of whose calls every
 * so manieth is run. Prints one line of JSON: for each call its result, and what was fetched for it.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [kind, folder, calls, every] = process.argv.slice(2);
const PACKAGES = ["pandas", "numpy", "sympy", "scikit-learn", "matplotlib"];

/** @type {{ bytes: number }[]} */
let opened = [];
/** @param {string} name */
const load = (name) => import(pathToFileURL(join(folder, name)).href);

async function start() {
  if (kind === "bundle") {
    const { loadBundle } = await load("pyodide-pack/loader.mjs");
    return loadBundle({ onMiss: (/** @type {{ bytes: number }} */ event) => opened.push(event) });
  }
  const { loadPyodide } = await load("pyodide.mjs");
  const pyodide = await loadPyodide({ indexURL: `${folder}/` });
  await pyodide.loadPackage(PACKAGES, { messageCallback() {} });
  return pyodide;
}

const pyodide = await start();
pyodide.setStdout({ batched() {} });
pyodide.setStderr({ batched() {} });

/**
 * @param {string} file
 * @returns {any} its names
 */
function namesOf(file) {
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(readFileSync(join(calls, file), "utf8"), { globals: names });
  return names;
}

const runOne = namesOf("run_calls.py").get("run_one");
/** @type {{ group: string, name: string, result: string, files: number, requests: number, bytes: number }[]} */
const done = [];
let number = 0;
for (const file of readdirSync(calls).filter((name) => name.startsWith("calls_")).sort()) {
  for (const [name, code] of namesOf(file).get("CALLS").toJs()) {
    if (number++ % Number(every) !== 0) continue;
    opened = [];
    const result = runOne(name, code);
    const fetched = opened.filter(({ bytes }) => bytes > 0);
    const group = file.slice("calls_".length, -".py".length);
    const bytes = fetched.reduce((sum, event) => sum + event.bytes, 0);
    done.push({ group, name, result, files: opened.length, requests: fetched.length, bytes });
  }
}
process.stdout.write(`${JSON.stringify(done)}\n`, () => process.exit(0));
