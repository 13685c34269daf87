/**
 * Executes steps with a bundle: `node lazy.mjs OUT OPTIONS STEP...`. A step is Python code, `read:PATH` (by
 * JavaScript, while no Python runs), `damage:PATH` (of the chunk that holds this mounted file), `repair`, or
 * `settle` (wait until nothing more is read). With the option `embedded`, only the core is read from the served
 * folder. With `refusing`, `onMiss` throws. Python may call `js.interrupt()`. Prints one line of JSON.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { filesOf } from "../../../build-support/runtime/index.mjs";

const [out, options, ...steps] = process.argv.slice(2);
const served = join(out, "pyodide-pack");
const manifest = JSON.parse(readFileSync(join(served, "manifest.json"), "utf8"));

/** Chunks that are read as damaged, and chunks of code that were read. */
const damaged = new Set();
const read = new Set();
const plain = fs.readFileSync;
fs.readFileSync = /** @type {any} */ ((/** @type {any} */ path, /** @type {any[]} */ ...rest) => {
  const content = plain(path, ...rest);
  if (String(path).includes(join(served, "lazy"))) read.add(path);
  return damaged.has(path) ? content.subarray(1) : content;
});
syncBuiltinESMExports();

/** @param {string} path */
function chunkOf(path) {
  const [folder, name] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
  const [, , chunk = -1] = filesOf(manifest)[folder].find(([file]) => file === name) ?? [];
  return join(served, manifest.chunks[chunk].file);
}

/** @type {any[]} */
const events = [];
/** @type {string[]} */
const printed = [];
const { loadBundle } = await import(pathToFileURL(join(served, "loader.js")).href);
const { embedded, refusing, ...given } = JSON.parse(options);
const zips = { bundle: "pyodide-package-bundle.zip", stdlib: "python_stdlib_stripped.zip", lazy: "pyodide-package-lazy.zip" };
const bytes = Object.entries(embedded ? zips : {}).map(([name, zip]) => [name, readFileSync(join(out, zip))]);
const { pyodide, misses } = await loadBundle({
  ...given,
  ...Object.fromEntries(bytes),
  onMiss(/** @type {any} */ event) {
    events.push({ error: null, ...event });
    if (refusing) throw new Error("onMiss refuses");
  },
});
/** @type {string[]} */
const reported = [];
console.error = (error) => reported.push(String(error));
const signals = new Uint8Array(1);
pyodide.setInterruptBuffer(signals);
const SIGINT = 2;
/** @type {any} */ (globalThis).interrupt = () => (signals[0] = SIGINT);
let prefetched = 0;
for (const step of steps) {
  if (step.startsWith("damage:")) {
    damaged.add(chunkOf(step.slice("damage:".length)));
  } else if (step.startsWith("read:")) {
    printed.push(new TextDecoder().decode(pyodide.FS.readFile(step.slice("read:".length))));
  } else if (step === "repair") {
    damaged.clear();
  } else if (step === "settle") {
    for (let before = -1; before !== read.size; ) {
      before = read.size;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    prefetched = read.size;
  } else {
    let text = "";
    pyodide.setStdout({ batched: (/** @type {string} */ line) => (text += `${line}\n`) });
    await pyodide.runPythonAsync(step);
    printed.push(text);
  }
}
const result = { printed, events, reported, lines: misses(), prefetched };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
