/**
 * The compressed copies in the outputs of a build: `node copies.mjs OUT`. Prints one line of JSON:
 * the names of the copies that inflate to the file beside them, and of those that do not.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

const out = process.argv[2];
/** @type {{ right: string[], wrong: string[] }} */
const copies = { right: [], wrong: [] };
for (const name of /** @type {string[]} */ (readdirSync(out, { recursive: true }))) {
  const [, file, kind] = /^(.*)\.(br|gz)$/.exec(name) ?? [];
  if (kind === undefined) continue;
  const inflate = kind === "br" ? brotliDecompressSync : gunzipSync;
  const same = inflate(readFileSync(join(out, name))).equals(readFileSync(join(out, file)));
  copies[same ? "right" : "wrong"].push(name.replaceAll("\\", "/"));
}
console.log(JSON.stringify(copies));
