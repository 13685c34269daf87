/**
 * Compresses files: with Node's zlib as many at a time as there are processors, with Pyodide's zstd
 * one after the other beside them. `node compress.mjs JOB.json PARENT`.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import { prepare, readJob, writeResult } from "./scenario.mjs";

/**
 * @typedef {object} CompressJob
 * @property {string} runtime folder of a Pyodide runtime for zstd, ends with a separator
 * @property {{ source: string, target: string, encoding: "br" | "gzip" | "zstd", level: number }[]}
 *   files the slowest first
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
const zstd = job.files.filter(({ encoding }) => encoding === "zstd");
const queue = job.files.filter(({ encoding }) => encoding !== "zstd").values();
await Promise.all([
  ...Array.from({ length: availableParallelism() }, async () => {
    for (const file of queue) {
      writeFileSync(file.target, await compressed(readFileSync(file.source), file));
    }
  }),
  zstd.length > 0 ? compressZstd(zstd) : undefined,
]);
writeResult(job.result, true);
process.exit(0);

/**
 * With the functions of https://facebook.github.io/zstd/zstd_manual.html that Pyodide exports from
 * 314 on. Node has zstd from 22.15 on only, and others in other versions.
 * @param {CompressJob["files"]} files
 */
async function compressZstd(files) {
  const { loadPyodide } = await import(pathToFileURL(`${job.runtime}pyodide.mjs`).href);
  const { _module: module } = await loadPyodide({ indexURL: job.runtime });
  for (const { source, target, level } of files) {
    const bytes = readFileSync(source);
    const limit = module._ZSTD_compressBound(bytes.length);
    const [from, to] = [module._malloc(bytes.length), module._malloc(limit)];
    module.HEAPU8.set(bytes, from);
    const size = module._ZSTD_compress(to, limit, from, bytes.length, level);
    if (module._ZSTD_isError(size) !== 0) throw new Error(`zstd could not compress ${source}`);
    writeFileSync(target, module.HEAPU8.subarray(to, to + size));
    module._free(from);
    module._free(to);
    // Back to the event loop: copies that zlib has finished are written, and the next begun.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
