// The loader in a module worker: the traced pair of dialects from the bundle, another on demand.
//
//     node worker.mjs BINARY

import { check, run, watch } from "./harness.mjs";

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node worker.mjs BINARY");
  process.exit(2);
}

const WORKER = `
import { loadBundle } from "./pyodide-pack/loader.mjs";

const misses = [];
const steps = [];
const pyodide = await loadBundle({
  onMiss: ({ path }) => misses.push(path),
  onProgress: ({ step, loaded, total }) => steps.push([step, loaded, total]),
});
const app = pyodide.pyimport("app");
const traced = app.transpile("SELECT 1 AS a", "duckdb", "postgres");
const before = misses.length;
const untraced = app.transpile("SELECT a FROM t LIMIT 3", "duckdb", "tsql");
const size = pyodide.runPython("import wave; wave.__file__");
postMessage({ traced, before, untraced, misses, steps, size });
`;

/**
 * @typedef {object} Answer
 * @property {string} traced
 * @property {number} before
 * @property {string} untraced
 * @property {string[]} misses
 * @property {[step: string, loaded: number, total: number][]} steps
 * @property {string} size
 */

await run(binary, async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  const body = "<!doctype html><title>Worker</title><link rel=icon href=favicon.svg>";
  await page.route("**/test.html", (route) => route.fulfill({ contentType: "text/html", body }));
  await page.route("**/worker.mjs", (route) =>
    route.fulfill({ contentType: "text/javascript", body: WORKER }),
  );
  await page.goto(new URL("test.html", address).href);
  const answer = await page.evaluate(
    () =>
      new Promise((/** @type {(answer: Answer) => void} */ resolve, reject) => {
        const worker = new Worker("worker.mjs", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
  );
  check("the traced pair", answer.traced, "SELECT\n  1 AS a;");
  check("fetches nothing", answer.before, 0);
  check("another dialect", answer.untraced, "SELECT\nTOP 3\n  a\nFROM t;");
  check("came on demand", answer.misses.some((path) => path.includes("dialects/tsql.")));
  check("as did the standard library", answer.misses.some((path) => path.includes("/wave.")));
  const [step, loaded, total] = answer.steps.at(-1) ?? [];
  check("the last step is ready", step, "ready");
  check("all bytes were counted", loaded, total);
  check("the browser had nothing to complain about", complaints.join("\n"), "");
});
