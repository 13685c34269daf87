/**
 * Where this code runs.
 *
 * @module
 */

export const IN_NODE = typeof process === "object" && typeof process.versions?.node === "string";
/** In a service worker, which can't import at run time and has no synchronous requests. */
export const IN_SERVICE_WORKER = "ServiceWorkerGlobalScope" in globalThis && "skipWaiting" in globalThis;
/** On the main thread of a page. */
export const ON_PAGE = typeof document === "object" && typeof window === "object";
