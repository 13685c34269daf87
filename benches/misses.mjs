/**
 * Runs some typical calls, each in a new Pyodide that a bundle starts: `node misses.mjs OUT CALLS.py
 * COUNT`. Prints one line of JSON with the fetched chunks of each call.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

import { runCalls } from "../tests/support/scripts/calls_runner.mjs";

const [out, calls, count] = process.argv.slice(2);
const served = join(out, "pyodide-pack");
const { loadBundle } = await import(pathToFileURL(join(served, "loader.js")).href);
const runner = readFileSync(new URL("../tests/python/calls/run_calls.py", import.meta.url), "utf8");
const text = readFileSync(calls, "utf8");

const done = [];
for (let number = 0; number < Number(count); number += 1) {
  /** @type {{ chunk: string, bytes: number }[]} */
  const events = [];
  const { pyodide } = await loadBundle({ onMiss: (/** @type {any} */ event) => events.push(event) });
  const one = `${text}\nCALLS = [CALLS[${number} * len(CALLS) // ${count}]]\n`;
  const [{ name }] = runCalls(pyodide, [["run_calls.py", runner], [basename(calls), one]], 1, () => []);
  const fetched = events.filter(({ bytes }) => bytes > 0);
  done.push({
    name,
    files: events.length,
    requests: fetched.length,
    bytes: fetched.reduce((sum, event) => sum + event.bytes, 0),
    brotli: fetched.reduce((sum, event) => sum + statSync(join(served, `${event.chunk}.br`)).size, 0),
  });
}
process.stdout.write(`${JSON.stringify(done)}\n`, () => process.exit(0));
