/**
 * The job that the build wrote for a script, and the result of the script: JSON files.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";

/** @returns {any} the job named on the command line */
export function readJob() {
  return JSON.parse(readFileSync(process.argv[2], "utf8"));
}

/**
 * @param {string} path
 * @param {unknown} result
 */
export function writeResult(path, result) {
  writeFileSync(path, JSON.stringify(result));
}
