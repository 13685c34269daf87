/**
 * The gzip size of each file, the unit of the report. `node gzip_sizes.mjs JOB.json`.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * @typedef {object} SizesJob
 * @property {{ content: string, ranges: [offset: number, size: number][] }[]} files
 * @property {string} result
 */

const job = /** @type {SizesJob} */ (JSON.parse(readFileSync(process.argv[2], "utf8")));
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
writeFileSync(job.result, JSON.stringify(sizes));
