/**
 * SHA-256 of files: a build script, which is not optimised, would take forty times as long.
 * `node digests.mjs JOB.json`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { readJob, writeResult } from "./lib/job.mjs";

const job = /** @type {import("./jobs.d.ts").DigestsJob} */ (readJob());
const sha256 = (/** @type {string} */ path) => createHash("sha256").update(readFileSync(path)).digest("hex");
writeResult(job.result, job.files.map(sha256));
