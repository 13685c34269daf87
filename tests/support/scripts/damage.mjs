/**
 * Reads thousands of damaged forms of a snapshot: `node damage.mjs FILE`. Each is read, or is an error; none reaches
 * beyond the memory.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import { fillMemory, readSnapshot } from "../../../build-support/runtime/snapshot/file.mjs";

const RUNS = 20_000;
/** The header, and a little of what follows. */
const HEAD_BYTES = 30_000;

const whole = new Uint8Array(readFileSync(process.argv[2]));
const { header } = readSnapshot(whole);
const before = new Uint8Array(header.memory).fill(7);
fillMemory(readSnapshot(whole), before);
if (before.at(-1) !== 0 && header.runs.at(-1)?.[0] === 0) throw new Error("the end of the memory is not filled");
let state = 1;
const random = (/** @type {number} */ limit) => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % limit;
let read = 0;
for (let run = 0; run < RUNS; run++) {
  const bytes = whole.slice(0, HEAD_BYTES + random(HEAD_BYTES));
  for (let flips = random(3); flips >= 0; flips--) bytes[random(HEAD_BYTES)] = random(256);
  try {
    readSnapshot(bytes);
    read += 1;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof TypeError || error instanceof RangeError) throw error;
  }
}
if (read > 0) throw new Error(`${read} damaged snapshots were read`);
