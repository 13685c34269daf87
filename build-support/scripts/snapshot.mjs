/**
 * Makes a snapshot of Python's memory after the imports of the app. `node snapshot.mjs JOB.json PARENT`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { writeSnapshot } from "../runtime/snapshot/file.mjs";
import { environOf, symbolsOf } from "../runtime/snapshot/surroundings.mjs";
import { readJob, writeResult } from "./lib/job.mjs";
import { openerOf } from "./lib/opener.mjs";
import { hideProgram, optimiseLate, prepare } from "./lib/process.mjs";
import { ENVIRONMENT } from "./lib/pyodide.mjs";
import { makeRepeatable } from "./lib/repeatable.mjs";
import { contentOf } from "./lib/snapshot.mjs";

/** The place of the length of the state in what Pyodide writes, in numbers of 32 bits. */
const STATE_LENGTH = 1;

/** Modules that ask for entropy on behalf of others. A restored start renews their own state. */
const ENTROPY = ["random", "secrets", "tempfile", "uuid"];
/** Other modules whose state a restored start renews; Python itself has no name. */
const RENEWED = /^(?:numpy\.random(?:\..*)?)?$/;

const job = /** @type {import("./jobs.d.ts").SnapshotJob} */ (readJob());
/** @type {Set<string>} */
const random = new Set();
let opener = () => "";
let symbols = 0;
/** @type {Record<string, number>} */
const functions = {};
/** @type {any} the module of Pyodide */
let emscripten;

await prepare(job);
hideProgram();
optimiseLate();
makeRepeatable(() => random.add(opener()));
const { default: create } = await import(pathToFileURL(`${job.core}pyodide.asm.mjs`).href);
const { loadBundle } = await import(pathToFileURL(join(job.served, "loader.js")).href);
const { pyodide } = await loadBundle({
  baseURL: job.served,
  packageBaseUrl: job.packages,
  packageCacheDir: job.packages,
  env: ENVIRONMENT,
  _makeSnapshot: true,
  createPyodideModule: (/** @type {any} */ settings) => create((emscripten = settings)),
  fsInit: async () => {
    const { GOT, wasmTable } = emscripten;
    symbols = symbolsOf(GOT);
    for (const name in GOT) if (GOT[name].value > 0 && GOT[name].value < wasmTable.length) functions[name] = GOT[name].value;
  },
});
const { FS, LDSO, wasmTable } = emscripten;
const preloaded = Object.keys(LDSO.loadedLibsByName).slice(1);
const localZones = importAll();
refuseLeftovers();
const memory = /** @type {Uint8Array} */ (pyodide.makeMemorySnapshot());
const stateBytes = new Uint32Array(memory.buffer, memory.byteOffset, STATE_LENGTH + 1)[STATE_LENGTH];
const handles = Object.entries(LDSO.loadedLibsByHandle).slice(1);
const file = writeSnapshot(
  {
    table: wasmTable.length,
    symbols,
    functions,
    modules: preloaded,
    handles: handles.map(([handle, { name }]) => [Number(handle), name]),
    localZones,
    environ: environOf(emscripten.getEnvStrings()),
  },
  memory.slice(0, stateBytes),
  memory.subarray(stateBytes),
);
writeFileSync(job.file, file);
/** @type {import("./jobs.d.ts").MadeSnapshot} */
const made = {
  ...contentOf(file),
  memory: memory.length - stateBytes,
  random: [...random].filter((name) => !RENEWED.test(name)),
};
writeResult(job.result, made);
process.exit(0);

/** Returns whether there are local time zones of `dateutil`. */
function importAll() {
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(readFileSync(new URL("snapshot.py", import.meta.url), "utf8"), { globals: names });
  const importThem = (/** @type {string[]} */ modules) => {
    const list = pyodide.toPy(modules);
    names.get("import_all")(list);
    list.destroy();
  };
  importThem(job.modules.filter((name) => ENTROPY.includes(name)));
  opener = openerOf(pyodide, ENTROPY);
  importThem(job.modules);
  opener = () => "";
  const localZones = /** @type {boolean} */ (names.get("tidy")());
  names.destroy();
  return localZones;
}

/** Fails if something stays that no memory has, and empties what each start fills. */
function refuseLeftovers() {
  for (const name of Object.keys(pyodide.loadedPackages)) delete pyodide.loadedPackages[name];
  const open = FS.streams.find((/** @type {any} */ stream) => stream && stream.fd > 2);
  if (open) throw new Error(`a file stays open: ${open.path}`);
  const late = Object.keys(LDSO.loadedLibsByName).slice(1 + preloaded.length);
  if (late.length > 0) throw new Error(`${late[0]} is loaded, but not eager`);
}
