// Runs every browser test in every engine, and prints the table of what passed.
//
//     node all.mjs TARGET [--engine NAME]... [FILE.mjs]...
//
// TARGET is Cargo's target folder, with the example built, with the folders in `tmp` that the tests write, and
// with `tmp/rust`, which `cargo run --package pyodide-pack-web-tests TARGET/tmp/rust` writes.

import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ENGINES = ["chromium", "firefox", "webkit"];
/** How many tests run side by side. */
const AT_ONCE = 2;
const [folder, ...others] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node all.mjs TARGET [--engine NAME]... [FILE.mjs]...");
  process.exit(2);
}
const target = resolve(folder);
const named = others.filter((_, at) => others[at - 1] === "--engine");
const files = others.filter((name) => name.endsWith(".mjs"));

/** The outputs of the example's newest build. */
async function newestOutputs() {
  const builds = join(target, "debug/build");
  const found = [];
  for (const name of await readdir(builds)) {
    if (!name.startsWith("example-app-")) continue;
    const out = join(builds, name, "out");
    const file = await stat(join(out, "pyodide_pack.rs")).catch(() => undefined);
    if (file !== undefined) found.push({ out, time: file.mtimeMs });
  }
  const newest = found.sort((one, other) => other.time - one.time)[0];
  if (newest === undefined) throw new Error(`no build of example-app in ${builds}: run cargo build -p example-app`);
  return newest.out;
}

const out = await newestOutputs();
const example = join(target, "debug/example-app");
const calls = fileURLToPath(new URL("../python/calls", import.meta.url));
const tight = fileURLToPath(new URL("../python/lazy/tight.py", import.meta.url));

const VERSIONS = ["0.27.5", "0.28.3", "0.29.5", "314.0.7", "315.0.0-alpha.2"];
const versions = VERSIONS.map((version) => join(target, `tmp/shared/version-${version}/out`));

/** Name, file and arguments of each test. A new test is a new line. */
/** @type {[name: string, file: string, ...given: string[]][]} */
const TESTS = [
  ["what the browser can do (page, worker)", "abilities.mjs"],
  ["example, Leptos and plain (worker)", "example-app.mjs", example, join(target, "screenshots")],
  ["own worker, loadWorker, cancelling (page, worker)", "worker.mjs", example],
  ["kinds of hosts (page, worker)", "hosts.mjs", out],
  ["slow network, policy, two tabs (worker)", "page.mjs", out],
  ["without a network (page, worker, service worker)", "offline.mjs", join(target, "tmp/offline")],
  ["side modules over 8 MiB (page, worker)", "large.mjs", join(target, "tmp/large")],
  ["a `process` on the page (page, worker)", "processes.mjs", out],
  ["misses at limits (page, worker)", "tight.mjs", join(target, "tmp/shared/lazy-tight/out"), tight],
  ["minimal program (page)", "minimal.mjs", join(target, "tmp/minimal-program")],
  ["40 of 200 calls, failing network (page, worker)", "calls.mjs", join(target, "tmp/calls"), calls, "5"],
  ["servers (page, worker)", "servers.mjs", out, example],
  ["files that do not arrive (page, worker)", "failures.mjs", out],
  ["deployments (page, worker)", "deployments.mjs", out],
  ["edits of the app (page, worker)", "reload.mjs", out],
  ["WebAssembly in parts (page, worker)", "split.mjs", join(target, "tmp/shared/split-numpy/out")],
  ["snapshots (page, worker)", "snapshots.mjs", ...["first", "idle"].map((name) => join(target, `tmp/shared/snapshot-${name}/out`))],
  ["the first result on each version (page, worker)", "start.mjs", ...versions],
  ["the Rust client (worker)", "rust.mjs", join(target, "tmp/offline/1"), join(target, "tmp/rust")],
  ["answers of workers (worker)", "answers.mjs", join(target, "tmp/calls")],
];

/**
 * Runs a test, and resolves with the counts of its last line.
 * @param {{ engine: string, name: string, file: string, given: string[] }} job
 */
async function test({ engine, name, file, given }) {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const env = { ...process.env, ENGINE: engine };
  const from = performance.now();
  const program = spawn(process.execPath, [script, ...given], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => program.once("close", resolve));
  const lines = [];
  for await (const line of createInterface(program.stdout)) lines.push(line);
  const code = await ended;
  const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(lines.at(-1) ?? "") ?? [];
  const whole = passed !== undefined && Number(passed) > 0 && (code === 0) === (Number(failed) === 0);
  const text = whole ? `${passed} passed, ${failed} failed, ${skipped ?? 0} skipped` : `ended with code ${code}`;
  const seconds = ((performance.now() - from) / 1000).toFixed();
  console.log([`== ${engine}: ${name}: ${seconds} s`, ...lines.filter((line) => !line.startsWith("ok "))].join("\n"));
  return { text, ok: whole && code === 0 };
}

const engines = named.length > 0 ? named : ENGINES;
const rows = TESTS.filter(([, file]) => files.length === 0 || files.includes(file));
const jobs = rows.flatMap(([name, file, ...given]) => engines.map((engine) => ({ engine, name, file, given })));
/** @type {{ text: string, ok: boolean }[]} */
const results = [];
let next = 0;
/** Takes one job after the other. */
async function work() {
  while (next < jobs.length) {
    const number = next++;
    results[number] = await test(jobs[number]);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
console.log(`\n| | ${engines.join(" | ")} |\n|${" --- |".repeat(engines.length + 1)}`);
for (const [row, [name]] of rows.entries()) {
  const cells = engines.map((_, column) => results[row * engines.length + column]);
  console.log(`| ${[name, ...cells.map(({ text, ok }) => (ok ? text : `**${text}**`))].join(" | ")} |`);
}
process.exit(results.length > 0 && results.every(({ ok }) => ok) ? 0 : 1);
