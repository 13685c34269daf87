/**
 * Compresses files: with Node's zlib as many at the same time as there are processors, and meanwhile with
 * Pyodide's zstd one after the other. `node compress.mjs JOB.json PARENT`.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import { readJob, writeResult } from "./lib/job.mjs";
import { prepare } from "./lib/process.mjs";
import { startPyodide } from "./lib/pyodide.mjs";

/** @typedef {import("./jobs.d.ts").CompressFile} CompressFile */

/** The memory by which Node grows the result. The default, 16 kB, is slow for megabytes. */
const chunkSize = 1024 * 1024;

/**
 * The logarithm of the window: the size of the file, but at most 24, the largest that browsers accept. (From
 * 17 on, the first byte of so short a stream is never the first byte of gzip or of a zip, so the loader can
 * distinguish them.)
 * @param {number} size
 */
function brotliWindow(size) {
  return Math.min(Math.max(Math.ceil(Math.log2(size + 16)), 17), 24);
}

/**
 * @param {Uint8Array} bytes
 * @param {CompressFile} file
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

const job = /** @type {import("./jobs.d.ts").CompressJob} */ (readJob());
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
 * With the functions of https://facebook.github.io/zstd/zstd_manual.html that Pyodide exports from 314 on.
 * Node has zstd only from 22.15 on, and its releases have different versions of it.
 * @param {CompressFile[]} files
 */
async function compressZstd(files) {
  const { _module: module } = await startPyodide(job.runtime);
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
    // Return to the event loop, so that finished copies of zlib are written and the next ones are started.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
