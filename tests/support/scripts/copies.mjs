/**
 * The compressed copies in the outputs of a build: `node copies.mjs OUT`. Prints one line of JSON:
 * the names of the copies that inflate to the file beside them, and of those that do not.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { unzstd } from "../../../build-support/runtime/zstd.mjs";

const out = process.argv[2];
const { loadBundle } = await import(pathToFileURL(join(out, "pyodide-pack", "loader.js")).href);
const { _module: pyodide } = (await loadBundle()).pyodide;
/** @type {{ right: string[], wrong: string[] }} */
const copies = { right: [], wrong: [] };
for (const name of /** @type {string[]} */ (readdirSync(out, { recursive: true }))) {
  const [, file, kind] = /^(.*)\.(br|gz|zst)$/.exec(name) ?? [];
  if (kind === undefined) continue;
  const whole = readFileSync(join(out, file));
  const copy = readFileSync(join(out, name));
  const inflate = kind === "br" ? brotliDecompressSync : gunzipSync;
  const inflated = kind === "zst" ? unzstd(pyodide, copy, whole.length) : inflate(copy);
  const same = whole.equals(inflated);
  copies[same ? "right" : "wrong"].push(name.replaceAll("\\", "/"));
}
process.stdout.write(`${JSON.stringify(copies)}\n`, () => process.exit(0));
