/**
 * Runs Python code from the outputs of a build: `node run.mjs OUT ROUTE CODE.py`. Prints one line
 * of JSON.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { runCode, startUnpacked } from "./pyodide.mjs";

const [out, route, codeFile] = process.argv.slice(2);
const served = join(out, "pyodide-pack");
const constants = readFileSync(join(out, "pyodide_pack.rs"), "utf8");
/**
 * Returns the bytes that a crate includes.
 * @param {string} name
 */
const included = (name) => {
  const [, file] = constants.match(`static ${name}: &\\[u8\\] = include_bytes!\\("(.*)"\\);`) ?? [];
  return new Uint8Array(readFileSync(join(out, file)));
};
const bytes = { bundle: included("BUNDLE"), stdlib: included("STDLIB") };
const digest = () =>
  createHash("sha256").update(bytes.bundle).update(bytes.stdlib).digest("hex");
const before = digest();
/** @type {string[]} */
const misses = [];
let restored = false;

// This folder has no wheels, and nothing is fetched.
const empty = mkdtempSync(join(tmpdir(), "no-packages-"));
const packages = { packageBaseUrl: `${empty}/`, packageCacheDir: `${empty}/` };
globalThis.fetch = async (/** @type {any} */ address) => {
  throw new Error(`the test must fetch nothing, not ${address}`);
};

async function load() {
  if (route === "plain") {
    const stdLibURL = join(out, "python_stdlib_stripped.zip");
    const { folder } = JSON.parse(readFileSync(join(served, "manifest.json"), "utf8")).pyodide;
    return startUnpacked(join(served, folder), bytes.bundle, { ...packages, stdLibURL });
  }
  const { loadBundle } = await import(pathToFileURL(join(served, "loader.js")).href);
  const embedded = {
    ...bytes,
    manifest: readFileSync(join(served, "manifest.json"), "utf8"),
  };
  const { pyodide } = await loadBundle({
    ...packages,
    ...(route === "embedded" ? embedded : {}),
    baseURL: served,
    strict: route === "strict",
    /** @param {{ phase: string }} event */
    onProgress: ({ phase }) => {
      if (phase === "restored" || phase === "start") restored = phase === "restored";
    },
    /** @param {{ path: string }} miss */
    onMiss: ({ path }) => misses.push(path),
  });
  return pyodide;
}

const ran = await runCode(await load(), readFileSync(codeFile, "utf8"));
const result = { ...ran, misses, restored, written: digest() !== before };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
