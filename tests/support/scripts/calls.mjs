/**
 * Runs typical calls in Node: `node calls.mjs plain DISTRIBUTION CALLS EVERY APP NAME...` in plain Pyodide
 * with an app and these packages or wheels, `node calls.mjs bundle OUT CALLS EVERY` in a bundle. `CALLS` and
 * `APP` are folders. Prints one line of JSON.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { runCalls } from "./calls_runner.mjs";
import { copyApp, startPlain } from "./pyodide.mjs";

const [kind, folder, calls, every, app, ...names] = process.argv.slice(2);

/** @type {{ bytes: number }[]} */
const opened = [];

async function start() {
  if (kind === "plain") {
    const pyodide = await startPlain(folder, names);
    copyApp(pyodide, app);
    return pyodide;
  }
  const { loadBundle } = await import(pathToFileURL(join(folder, "pyodide-pack/loader.js")).href);
  const onMiss = (/** @type {{ bytes: number }} */ event) => opened.push(event);
  const { snapshot } = JSON.parse(readFileSync(join(folder, "pyodide-pack/manifest.json"), "utf8"));
  let isRestored = false;
  const onProgress = (/** @type {{ phase: string }} */ { phase }) => (isRestored ||= phase === "restored");
  const { pyodide } = await loadBundle({ onMiss, onProgress });
  if (isRestored !== (snapshot !== undefined)) throw new Error("the start did not use the snapshot");
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
