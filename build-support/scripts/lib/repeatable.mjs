/**
 * A process in which time and chance are the same in every run.
 *
 * @module
 */

import crypto from "node:crypto";

/** The start of 2026, in milliseconds. */
const START = Date.UTC(2026, 0, 1);
/** What each look at the clock takes, in milliseconds. */
const TICK = 0.001;

/**
 * Replaces clocks and entropy. To be called before Pyodide is loaded.
 * @param {() => void} onEntropy called whenever a program asks for entropy
 */
export function makeRepeatable(onEntropy) {
  let now = 0;
  performance.now = () => (now += TICK);
  Date.now = () => Math.floor(START + performance.now());
  let state = 1;
  const next = () => (state = Math.imul(state, 1_664_525) + 1_013_904_223) >>> 24;
  Math.random = () => next() / 256;
  const fill = (/** @type {any} */ view) => {
    onEntropy();
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = next();
    return view;
  };
  crypto.randomFillSync = fill;
  globalThis.crypto.getRandomValues = fill;
}
