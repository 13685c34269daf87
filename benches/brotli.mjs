/**
 * Bytes on the wire: `node brotli.mjs MEMO FILE...` prints a JSON list of the files' sizes after Brotli
 * with quality 11 and a window of 16 MiB. The folder `MEMO` caches the sizes by content.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const compress = promisify(brotliCompress);
const [memo, ...files] = process.argv.slice(2);
mkdirSync(memo, { recursive: true });

/** @param {string} file */
async function size(file) {
  const bytes = readFileSync(file);
  const known = join(memo, createHash("sha256").update(bytes).digest("hex"));
  if (existsSync(known)) return Number(readFileSync(known, "utf8"));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const { length } = await compress(bytes, { params });
  writeFileSync(known, String(length));
  return length;
}

console.log(JSON.stringify(await Promise.all(files.map(size))));
