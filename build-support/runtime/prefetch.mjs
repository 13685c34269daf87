/**
 * Fetching lazy chunks after the start, before they are needed.
 *
 * @module
 */

import { normalise } from "./packages.mjs";
import { IN_SERVICE_WORKER, ON_PAGE, requestHint } from "./platform.mjs";

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

/**
 * Fetches the chunks of split modules, so that a program rarely waits for one.
 * @param {import("./split.mjs").Parts} parts
 */
export function fetchWhileIdle(parts) {
  // A chunk that does not arrive is fetched when it is needed.
  parts.prefetch(idle).catch(() => {});
}

/**
 * Fetches all lazy chunks before the start is done, if they are needed in memory: if the caller says so, and
 * on a page that works without a network. There, synchronous requests do not reach the service worker, which
 * has the chunks.
 * @param {import("./chunks.mjs").Chunks} chunks
 * @param {import("./split.mjs").Parts | undefined} parts
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {import("./manifest.d.mts").Manifest} manifest
 */
export async function takeAhead(chunks, parts, { prefetch, strict, lazy }, { serviceWorker }) {
  const now = () => Promise.resolve();
  const warn = (/** @type {unknown} */ error) =>
    console.warn("pyodide-pack: not all files could be fetched ahead:", error);
  const isKept = serviceWorker && ON_PAGE && Boolean(navigator.serviceWorker?.controller);
  // Without a chunk of a module, Python would end.
  if (IN_SERVICE_WORKER || isKept || requestHint() !== "") await parts?.prefetch(now).catch(warn);
  if (strict) return;
  if (IN_SERVICE_WORKER && prefetch !== "start" && lazy === undefined) {
    throw new Error('a service worker can\'t fetch files while Python waits: set the option `prefetch: "start"`');
  }
  const fetchAll = async () => {
    await parts?.prefetch(now);
    await chunks.prefetch(() => true, now);
  };
  if (prefetch === "start") return fetchAll();
  if (isKept) await fetchAll().catch(warn);
}

/** Resolves when the browser has nothing else to do; elsewhere in the next turn of the event loop. */
function idle() {
  return new Promise((/** @type {(_?: unknown) => void} */ resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(resolve);
    else setTimeout(resolve);
  }).then(() => {});
}
