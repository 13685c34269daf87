/**
 * Runs typical calls in Node: `node calls.mjs plain DISTRIBUTION CALLS EVERY NAME...` in plain Pyodide with
 * these packages, `node calls.mjs bundle OUT CALLS EVERY` in a bundle; `CALLS` is a folder. Prints one line
 * of JSON.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { runCalls } from "./calls_runner.mjs";

const [kind, folder, calls, every, ...names] = process.argv.slice(2);

/** @type {{ bytes: number }[]} */
const opened = [];
/** @param {string} name */
const load = (name) => import(pathToFileURL(join(folder, name)).href);

async function start() {
  if (kind === "bundle") {
    const { loadBundle } = await load("pyodide-pack/loader.mjs");
    return loadBundle({ onMiss: (/** @type {{ bytes: number }} */ event) => opened.push(event) });
  }
  const { loadPyodide } = await load("pyodide.mjs");
  const pyodide = await loadPyodide({ indexURL: `${folder}/` });
  await pyodide.loadPackage(names, { messageCallback() {} });
  return pyodide;
}

const files = readdirSync(calls).filter((name) => name.endsWith(".py")).sort();
const done = runCalls(
  await start(),
  files.map((name) => [name, readFileSync(join(calls, name), "utf8")]),
  Number(every),
  () => opened.splice(0),
);
process.stdout.write(`${JSON.stringify(done)}\n`, () => process.exit(0));
