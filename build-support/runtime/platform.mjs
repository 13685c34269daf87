/**
 * Where this code runs.
 *
 * @module
 */

/** Values of `process.type` in those processes of Electron that show pages. */
const PAGES_OF_ELECTRON = ["renderer", "worker", "service-worker"];

export const IN_NODE = isNode(typeof process === "object" ? process : undefined);
/** In a service worker, which can't import at run time and has no synchronous requests. */
export const IN_SERVICE_WORKER = "ServiceWorkerGlobalScope" in globalThis && "skipWaiting" in globalThis;
/** On the main thread of a page. */
export const ON_PAGE = typeof document === "object" && typeof window === "object";
/** The largest module that a page's main thread may compile synchronously in Chrome, in bytes. */
export const SYNCHRONOUS_COMPILE_LIMIT = 8 * 1024 * 1024;

/**
 * Whether an object is Node's own. Bundlers put objects of this name on pages, some with a version of Node,
 * and Electron's pages may use Node, but load files as a browser does.
 * @param {any} process
 */
function isNode(process) {
  if (Object.prototype.toString.call(process) !== "[object process]") return false;
  return typeof process.versions?.node === "string" && !process.browser && !PAGES_OF_ELECTRON.includes(process.type);
}

/**
 * Whether this thread refuses to compile a module of this size before it returns to the event loop.
 * @param {number} bytes
 */
export function refusesToCompile(bytes) {
  if (!ON_PAGE || bytes <= SYNCHRONOUS_COMPILE_LIMIT) return false;
  try {
    new WebAssembly.Module(new Uint8Array(SYNCHRONOUS_COMPILE_LIMIT + 1));
  } catch (error) {
    // Browsers without the limit say that these bytes are no module, with a CompileError.
    return error instanceof RangeError;
  }
  return false;
}

/** The number of loads that run without the page's `process`. */
let loads = 0;
/** @type {any} the `process` of the page */
let pageProcess;

/**
 * Runs a load in which Pyodide, too, takes a page with a `process` for a browser. It has two tests of its own:
 * one believes `process.browser`, the other one `process.type`, and in 0.27 neither.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
export async function asBrowser(load) {
  const claimsNode = typeof globalThis.process?.versions?.node === "string";
  if (IN_NODE || (!claimsNode && loads === 0)) return load();
  loads += 1;
  if (loads === 1) pageProcess = globalThis.process;
  const versions = { value: { ...pageProcess.versions, node: undefined } };
  // Assigned, because a property that a script declares can't be defined again. If this page does not allow
  // it, nothing is lost.
  Reflect.set(globalThis, "process", Object.create(pageProcess, { versions }));
  try {
    return await load();
  } finally {
    loads -= 1;
    if (loads === 0) Reflect.set(globalThis, "process", pageProcess);
  }
}

/** What to do where the policy of a page forbids synchronous requests; empty elsewhere. */
export function requestHint() {
  const policy = ON_PAGE ? /** @type {any} */ (document).featurePolicy : undefined;
  if (policy?.allowsFeature("sync-xhr") !== false) return "";
  return ": the Permissions-Policy of this page forbids synchronous requests (sync-xhr). Use loadWorker";
}
