/**
 * SHA-256 of files, which takes a build script forty times as long. `node digests.mjs JOB.json`.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import { readJob, sha256, writeResult } from "./scenario.mjs";

const job = /** @type {{ files: string[], result: string }} */ (readJob());
writeResult(job.result, job.files.map((path) => sha256(readFileSync(path))));
