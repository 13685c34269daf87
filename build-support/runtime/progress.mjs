/**
 * How much of the bundle has arrived.
 *
 * @module
 */

/** @typedef {import("./loader.d.mts").ProgressEvent} ProgressEvent */

/**
 * @param {import("./manifest.d.mts").Manifest} manifest
 * @param {(event: ProgressEvent) => void} onProgress
 */
export function progressOf({ chunks }, onProgress) {
  const total = chunks.reduce((sum, chunk) => sum + (chunk.eager ? chunk.bytes : 0), 0);
  let loaded = 0;
  /** @type {ProgressEvent["phase"]} */
  let current = "core";
  /** @type {(phase: ProgressEvent["phase"], bytes?: number) => void} */
  return (phase, bytes = 0) => {
    loaded += bytes;
    // Packages arrive while Python starts.
    if (phase !== "fetch" || current === "core") current = phase;
    onProgress({ phase: current, loaded, total });
  };
}
