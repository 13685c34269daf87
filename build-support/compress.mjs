/**
 * Compresses files, as many at a time as there are processors. `node compress.mjs JOB.json PARENT`.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import { prepare, readJob, writeResult } from "./scenario.mjs";

/**
 * @typedef {object} CompressJob
 * @property {{ source: string, target: string, encoding: "br" | "gzip", level: number }[]} files the
 *   slowest first
 * @property {string} result
 */

/** Of the memory that Node grows the result by; its default, 16 kB, is slow for megabytes. */
const chunkSize = 1024 * 1024;

/**
 * The logarithm of the window: as far back as the file reaches, but not beyond 24, the largest that
 * browsers take. (From 17 on, Brotli's first byte is never that of gzip's magic number in so short a
 * stream, nor that of a zip, so that the loader can tell them apart.)
 * @param {number} size
 */
function brotliWindow(size) {
  return Math.min(Math.max(Math.ceil(Math.log2(size + 16)), 17), 24);
}

/**
 * @param {Uint8Array} bytes
 * @param {CompressJob["files"][number]} file
 */
function compressed(bytes, { encoding, level }) {
  if (encoding === "gzip") return promisify(gzip)(bytes, { level, chunkSize });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: level,
    [constants.BROTLI_PARAM_LGWIN]: brotliWindow(bytes.length),
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return promisify(brotliCompress)(bytes, { params, chunkSize });
}

const job = /** @type {CompressJob} */ (readJob());
await prepare({ prelude: null, network: false });
const queue = job.files.values();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (const file of queue) {
      writeFileSync(file.target, await compressed(readFileSync(file.source), file));
    }
  }),
);
writeResult(job.result, true);
