/**
 * Fetching lazy chunks after the start, before they are needed.
 *
 * @module
 */

import { normalise } from "./packages.mjs";

/**
 * Fetches all chunks but those of sources, which only tracebacks need; or those of some packages.
 * @param {import("./chunks.mjs").Chunks} chunks
 * @param {"idle" | string[]} wanted
 */
export function startPrefetch(chunks, wanted) {
  const names = Array.isArray(wanted) ? new Set(wanted.map(normalise)) : undefined;
  chunks
    .prefetch(
      (chunk) => !chunk.source && (names === undefined || names.has(normalise(chunk.package))),
      names === undefined ? idle : () => Promise.resolve(),
    )
    .catch((error) => console.warn("pyodide-pack: fetching ahead ended:", error));
}

/** Resolves when the browser has nothing else to do; elsewhere in the next turn of the event loop. */
function idle() {
  return new Promise((/** @type {(_?: unknown) => void} */ resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(resolve);
    else setTimeout(resolve);
  }).then(() => {});
}
