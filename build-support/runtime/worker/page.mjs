/**
 * Python in a worker, seen from the page: the object that `loadWorker` resolves to.
 *
 * @module
 */

import { absoluteAddresses, folderAt, relativeHint } from "../address.mjs";
import { loaderOf } from "../deployments.mjs";
import { IN_NODE } from "../platform.mjs";
import { logReload, reloadEvent } from "../reload.mjs";
import { OtherRelease, WorkerConnection } from "./connection.mjs";
import { errorOf } from "./errors.mjs";
import { startScript } from "./script.mjs";

/** @typedef {import("../loader.d.mts").BundleOptions} BundleOptions */
/** @typedef {import("../loader.d.mts").WorkerPython} WorkerPython */
/** @typedef {import("./connection.mjs").WorkerMessage} WorkerMessage */

/** Options that stay on the page: functions that it calls, and the signal. */
const PAGE_OPTIONS = new Set(["signal", "onProgress", "onMiss", "onError", "onReload", "stdout", "stderr"]);

/**
 * Starts a worker beside the loader, and Python in it.
 * @param {BundleOptions} options
 * @param {URL} loader the loader's own address
 * @returns {Promise<WorkerPython>}
 */
export async function startWorker(options, loader) {
  const { baseURL, signal } = options;
  if (IN_NODE) throw new Error("loadWorker is for browsers");
  signal?.throwIfAborted();
  const base = folderAt(baseURL ?? new URL("./", loader));
  const given = Object.entries(options).filter(([name]) => !PAGE_OPTIONS.has(name));
  /** @type {string[]} */
  let misses = [];
  const listeners = listenersOf(options);
  const script = startScript(new URL("worker.js", base), relativeHint(String(baseURL ?? "/")));
  const connection = new WorkerConnection(script, (message) => {
    misses = message.misses ?? misses;
    listeners(message);
  });
  const abort = () => connection.end(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    const load = { ...absoluteAddresses(Object.fromEntries(given)), baseURL: base };
    const parts = given.map(([name, value]) => /** @type {[string, unknown]} */ ([`the option \`${name}\``, value]));
    await connection.send({ load }, parts, ": call loadBundle in a worker of your own");
  } catch (error) {
    connection.end(error);
    const other = error instanceof OtherRelease ? await loaderOf(error.release, base) : undefined;
    if (other === undefined) throw error;
    return other.loadWorker({ ...options, baseURL: base });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return {
    call: async (/** @type {string} */ path, /** @type {unknown[]} */ ...args) =>
      connection.send(
        { call: [...moduleAndName(path), args] },
        args.map((value, at) => [`argument ${at + 1} of ${path}`, value]),
      ),
    run: (/** @type {string} */ code) => connection.send({ run: code }),
    misses: () => misses,
    terminate: () => connection.end(new Error("the worker was terminated")),
  };
}

/**
 * @param {BundleOptions} options
 * @returns {(message: WorkerMessage) => void}
 */
function listenersOf({ onProgress, onMiss, onError, onReload = logReload, ...options }) {
  const { stdout = console.log, stderr = console.warn } = options;
  return ({ progress, miss, uncaught, reload, stdout: output, stderr: errors }) => {
    if (progress !== undefined) onProgress?.(progress);
    if (miss !== undefined) onMiss?.(miss);
    if (uncaught !== undefined) onError?.(errorOf(uncaught));
    if (reload !== undefined) onReload(reloadEvent(reload));
    if (output !== undefined) stdout(output);
    if (errors !== undefined) stderr(errors);
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
