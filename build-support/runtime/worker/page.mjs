/**
 * Python in a worker, seen from the page: requests go out, replies and events come in, all as plain data.
 *
 * @module
 */

import { absoluteAddresses, directory } from "../address.mjs";
import { IN_NODE } from "../platform.mjs";

/** @typedef {import("../loader.d.mts").BundleOptions} BundleOptions */
/** @typedef {import("../loader.d.mts").WorkerPython} WorkerPython */

/**
 * A message of the page: one of `load`, `call` and `run`.
 * @typedef {object} WorkerRequest
 * @property {number} id
 * @property {BundleOptions} [load]
 * @property {[module: string, name: string, args: unknown[]]} [call]
 * @property {string} [run]
 */

/**
 * A message of the worker. A reply has the request's `id`; everything else is an event.
 * @typedef {object} WorkerMessage
 * @property {number} [id]
 * @property {unknown} [value]
 * @property {{ type: string, message: string, traceback: string }} [error]
 * @property {import("../loader.d.mts").ProgressEvent} [progress]
 * @property {import("../loader.d.mts").MissEvent} [miss]
 * @property {string[]} [misses] all lines for `build.rs` so far, only in replies after new misses
 * @property {string} [stdout] a line
 * @property {string} [stderr] a line
 */

/** Options with functions, and with values that can't be sent. They stay on the page. */
const PAGE_OPTIONS = new Set(["signal", "onProgress", "onMiss", "stdout", "stderr", "fsInit", "loadPyodide"]);

/** A worker, and the requests that it has not answered yet. */
class WorkerConnection {
  #worker;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void }>} */
  #waiting = new Map();
  #sent = 0;

  /**
   * @param {URL} address of the worker's script
   * @param {(message: WorkerMessage) => void} onMessage
   */
  constructor(address, onMessage) {
    this.#worker = new Worker(address, { type: "module" });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.end(new Error(`the worker ${address} failed: ${event.message ?? "it could not be loaded"}`));
    };
    this.#worker.onmessage = (/** @type {MessageEvent<WorkerMessage>} */ { data }) => {
      onMessage(data);
      this.#settle(data);
    };
  }

  /**
   * @param {Omit<WorkerRequest, "id">} request
   * @returns {Promise<any>}
   */
  send(request) {
    return new Promise((resolve, reject) => {
      this.#sent += 1;
      this.#waiting.set(this.#sent, { resolve, reject });
      this.#worker.postMessage({ ...request, id: this.#sent });
    });
  }

  /**
   * Ends the worker, and rejects all requests that are not answered.
   * @param {unknown} error
   */
  end(error) {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** @param {WorkerMessage} message */
  #settle({ id, value, error }) {
    if (id === undefined) return;
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) request?.resolve(value);
    else request?.reject(Object.assign(new Error(error.message), error));
  }
}

/**
 * Starts a worker beside the loader, and Python in it.
 * @param {BundleOptions} options
 * @param {URL} loader the loader's own address
 * @returns {Promise<WorkerPython>}
 */
export async function startWorker(options, loader) {
  const { baseURL, signal, onProgress, onMiss, fsInit, loadPyodide } = options;
  const { stdout = console.log, stderr = console.warn } = options;
  if (IN_NODE) throw new Error("loadWorker is for browsers");
  if (fsInit ?? loadPyodide) throw new Error("functions can't be sent to a worker: fsInit, loadPyodide");
  signal?.throwIfAborted();
  const base = new URL(directory(String(baseURL ?? new URL("./", loader))), location.href);
  /** @type {string[]} */
  let misses = [];
  const connection = new WorkerConnection(new URL("worker.js", base), (message) => {
    if (message.progress !== undefined) onProgress?.(message.progress);
    if (message.miss !== undefined) onMiss?.(message.miss);
    if (message.misses !== undefined) misses = message.misses;
    if (message.stdout !== undefined) stdout(message.stdout);
    if (message.stderr !== undefined) stderr(message.stderr);
  });
  const given = Object.entries(options).filter(([name]) => !PAGE_OPTIONS.has(name));
  const abort = () => connection.end(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    await connection.send({ load: { ...absoluteAddresses(Object.fromEntries(given), document.baseURI), baseURL: base.href } });
  } catch (error) {
    connection.end(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return {
    call: async (/** @type {string} */ path, /** @type {unknown[]} */ ...args) =>
      connection.send({ call: [...moduleAndName(path), args] }),
    run: (/** @type {string} */ code) => connection.send({ run: code }),
    misses: () => misses,
    terminate: () => connection.end(new Error("the worker was terminated")),
  };
}

/**
 * @param {string} path of a function: `app.greet`
 * @returns {[module: string, name: string]}
 */
function moduleAndName(path) {
  const dot = path.lastIndexOf(".");
  if (dot < 1) throw new Error(`\`${path}\` names no module: write \`app.${path}\``);
  return [path.slice(0, dot), path.slice(dot + 1)];
}
