/**
 * The gzip sizes of files, for the report. `node sizes.mjs JOB.json`.
 *
 * @module
 */

import { closeSync, openSync, readSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { readJob, writeResult } from "./lib/job.mjs";

const job = /** @type {import("./jobs.d.ts").SizesJob} */ (readJob());
const sizes = job.files.map(({ content, ranges }) => {
  const descriptor = openSync(content, "r");
  const found = ranges.map(([offset, size]) => {
    const bytes = Buffer.alloc(size);
    readSync(descriptor, bytes, 0, size, offset);
    return gzipSync(bytes).length;
  });
  closeSync(descriptor);
  return found;
});
writeResult(job.result, sizes);
