/**
 * Runs a selection of the packages' own tests in plain Pyodide or from a bundle, each package in a
 * process of its own, two at a time.
 *
 *     node suite.mjs FILES DISTRIBUTION BUNDLE|plain full|small RESULT.json WHEEL...
 *
 * A module that takes too long or ends the process is noted, and the others are run without it.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [files, distribution, bundle, size, result, ...wheels] = process.argv.slice(2);
const selection = JSON.parse(readFileSync(join(files, `${size}.json`), "utf8"));
/** `own` has tests of the wheels. */
const PACKAGES = [...Object.keys(selection).filter((name) => name !== "own"), ...wheels];
const JOBS = Math.max(1, Number(process.env.JOBS ?? 2));
/** Of one module, in milliseconds: only for those that never end, however busy the machine is. */
const LIMIT = 600 * 1000;

/**
 * @typedef {{ outcome: string, about: string, stems?: string[] }} Outcome
 * @typedef {object} PackageRun
 * @property {Record<string, Outcome>} outcomes
 * @property {Record<string, string[]>} warnings by test
 * @property {Record<string, number>} seconds by module
 * @property {Record<string, string>} lost modules that have no outcomes, and why
 * @property {number} misses files that were fetched on demand
 * @property {number} total seconds
 */

/**
 * @param {string} tests
 * @param {string[]} modules
 * @param {PackageRun} run
 */
async function once(tests, modules, run) {
  const folder = mkdtempSync(join(tmpdir(), `tests-${tests}-`));
  const job = { distribution, bundle: bundle === "plain" ? null : bundle, packages: PACKAGES, files, tests, modules };
  writeFileSync(join(folder, "job.json"), JSON.stringify(job));
  const script = fileURLToPath(new URL("run.mjs", import.meta.url));
  const log = openSync(join(folder, "log.txt"), "w");
  const child = spawn(process.execPath, [script, join(folder, "job.json")], { stdio: ["ignore", "pipe", log] });
  let [at, since, ended, slow] = ["start", performance.now(), false, false];
  const timer = setInterval(() => {
    slow = slow || performance.now() - since > LIMIT;
    if (slow) child.kill("SIGKILL");
  }, 1000);
  for await (const line of createInterface({ input: /** @type {any} */ (child.stdout) })) {
    if (!line.startsWith("{")) continue;
    const event = JSON.parse(line);
    if (event.at !== undefined) {
      if (!at.startsWith("collection")) run.seconds[at] = (performance.now() - since) / 1000;
      [at, since] = [event.at, performance.now()];
    } else if (event.warning !== undefined) {
      (run.warnings[event.test] ??= []).push(event.warning);
    } else if (event.outcomes !== undefined) {
      Object.assign(run.outcomes, event.outcomes);
      writeFileSync(result, JSON.stringify(runs));
    } else {
      ended = true;
      run.misses += event.misses;
      run.total += event.seconds;
      if (event.status > 1) run.lost[""] = `pytest ended with ${event.status}: ${join(folder, "log.txt")}`;
    }
  }
  clearInterval(timer);
  if (ended) return [];
  const module = at.replace("collection of ", "");
  run.lost[module] = `${slow ? "took too long" : "ended the process"} at ${at}: ${join(folder, "log.txt")}`;
  if (!modules.includes(module)) return [];
  const collecting = at !== module;
  return collecting ? modules.filter((m) => m !== module) : modules.slice(modules.indexOf(module) + 1);
}

/** @type {Record<string, PackageRun>} */
const runs = {};
const queue = Object.keys(selection).sort((one, other) => selection[one].length - selection[other].length);

async function work() {
  for (let tests = queue.shift(); tests !== undefined; tests = queue.shift()) {
    /** @type {PackageRun} */
    const run = (runs[tests] = { outcomes: {}, warnings: {}, seconds: {}, lost: {}, misses: 0, total: 0 });
    for (let modules = selection[tests]; modules.length > 0; ) modules = await once(tests, modules, run);
    const { total, misses, lost, outcomes } = run;
    console.error(tests, Object.keys(outcomes).length, "tests", Math.round(total), "s", misses, "misses", lost);
    writeFileSync(result, JSON.stringify(runs));
  }
}

await Promise.all(Array.from({ length: JOBS }, work));
