/**
 * Python in a worker: the page's half, which asks, and the worker's half, which answers. Every message
 * is plain data.
 *
 * @module
 */

import { directory, IN_NODE } from "./hosts.mjs";

/**
 * What the page asks for; one of `load`, `call` and `run`.
 * @typedef {object} Question
 * @property {number} id
 * @property {import("./loader.d.mts").BundleOptions} [load]
 * @property {[module: string, name: string, args: unknown[]]} [call]
 * @property {string} [run]
 */

/**
 * What the worker says. An answer has the question's `id`; anything else is an event.
 * @typedef {object} Message
 * @property {number} [id]
 * @property {unknown} [value]
 * @property {{ type: string, message: string, traceback: string }} [error]
 * @property {import("./loader.d.mts").ProgressEvent} [progress]
 * @property {import("./loader.d.mts").MissEvent} [miss]
 * @property {string[]} [misses] as lines for `build.rs`, whenever there are more
 * @property {string} [stdout] a line
 * @property {string} [stderr] a line
 */

/** Functions are called here, and what can't be sent stays here. */
const OF_THE_PAGE = ["worker", "signal", "onProgress", "onMiss", "stdout", "stderr", "fsInit", "loadPyodide"];

/**
 * Starts a worker beside the loader, and Python in it.
 * @param {import("./loader.d.mts").BundleOptions} options
 * @param {URL} here the loader's own address
 * @returns {{ python: Promise<import("./loader.d.mts").WorkerPython>, misses: () => string[] }}
 */
export function inWorker(options, here) {
  /** @type {string[]} */
  let misses = [];
  const start = async () => {
    const { baseURL, signal, onProgress, onMiss, stdout, stderr, fsInit, loadPyodide } = options;
    if (IN_NODE) throw new Error("loadBundle({ worker: true }) is for browsers");
    if (fsInit ?? loadPyodide) throw new Error("functions can't be sent to a worker: fsInit, loadPyodide");
    signal?.throwIfAborted();
    const base = new URL(directory(String(baseURL ?? new URL("./", here))), location.href);
    const address = new URL("worker.mjs", base);
    const worker = new Worker(address, { type: "module" });
    /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void }>} */
    const waiting = new Map();
    let asked = 0;
    /** @param {unknown} error */
    const end = (error) => {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    /** @param {Omit<Question, "id">} question */
    const ask = (question) =>
      new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve, reject });
        worker.postMessage({ ...question, id: asked });
      });
    worker.onerror = (event) => {
      event.preventDefault();
      end(new Error(`the worker ${address} failed: ${event.message ?? "it could not be loaded"}`));
    };
    worker.onmessage = (/** @type {MessageEvent<Message>} */ { data }) => {
      if (data.progress !== undefined) onProgress?.(data.progress);
      if (data.miss !== undefined) onMiss?.(data.miss);
      if (data.misses !== undefined) misses = data.misses;
      if (data.stdout !== undefined) (stdout ?? console.log)(data.stdout);
      if (data.stderr !== undefined) (stderr ?? console.warn)(data.stderr);
      if (data.id === undefined) return;
      const question = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error === undefined) question?.resolve(data.value);
      else question?.reject(Object.assign(new Error(data.error.message), data.error));
    };
    const given = Object.entries(options).filter(([name]) => !OF_THE_PAGE.includes(name));
    const abort = () => end(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      await ask({ load: { ...Object.fromEntries(given), baseURL: base.href } });
    } catch (error) {
      end(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    return {
      call: (/** @type {string} */ module, /** @type {string} */ name, /** @type {any[]} */ ...args) =>
        /** @type {Promise<any>} */ (ask({ call: [module, name, args] })),
      run: (/** @type {string} */ code) => /** @type {Promise<any>} */ (ask({ run: code })),
      terminate: () => end(new Error("the worker was terminated")),
    };
  };
  return { python: start(), misses: () => misses };
}

/**
 * Answers the page, one question after the other.
 * @param {(options: import("./loader.d.mts").BundleOptions) => import("./loader.d.mts").Loading} loadBundle
 */
export function answerPage(loadBundle) {
  /** @type {(message: Message) => void} */
  const tell = (message) => globalThis.postMessage(message);
  /** @type {import("./loader.d.mts").Loading} */
  let loading;
  let missed = 0;
  let told = 0;
  /** @param {Question} question */
  const answer = async ({ load, call, run }) => {
    if (load !== undefined) {
      loading = loadBundle({
        ...load,
        onProgress: (progress) => tell({ progress }),
        onMiss(miss) {
          missed += 1;
          tell({ miss });
        },
        stdout: (/** @type {string} */ line) => tell({ stdout: line }),
        stderr: (/** @type {string} */ line) => tell({ stderr: line }),
      });
      await loading;
      return undefined;
    }
    const pyodide = await loading;
    if (call === undefined) return plain(await pyodide.runPythonAsync(run));
    const [module, name, args] = call;
    const imported = pyodide.pyimport(module);
    const callee = imported[name];
    if (callee === undefined) throw new Error(`the Python module ${module} has no ${name}`);
    const values = args.map((value) => pyodide.toPy(value));
    try {
      return plain(await callee(...values));
    } finally {
      for (const proxy of [...values, callee, imported]) proxy?.destroy?.();
    }
  };
  let turn = Promise.resolve();
  globalThis.onmessage = (/** @type {MessageEvent<Question>} */ { data }) => {
    turn = turn.then(async () => {
      /** @type {Message} */
      let message;
      try {
        message = { id: data.id, value: await answer(data) };
      } catch (thrown) {
        message = { id: data.id, error: await described(thrown, loading) };
      }
      if (missed > told) message.misses = loading.misses();
      told = missed;
      try {
        tell(message);
      } catch (error) {
        tell({ id: data.id, error: await described(error, undefined) }); // the value can't be sent
      }
    });
  };
}

/**
 * A result of Python as data: lists, dicts as objects, and what else structured cloning knows.
 * @param {any} result
 */
function plain(result) {
  if (typeof result?.toJs !== "function") return result;
  try {
    return result.toJs({ dict_converter: Object.fromEntries, create_pyproxies: false });
  } finally {
    result.destroy();
  }
}

/**
 * What was thrown, as data. The message of Pyodide's error is the traceback; Python has the exception.
 * @param {unknown} thrown
 * @param {Promise<any> | undefined} loading
 */
async function described(thrown, loading) {
  const { type, message } = /** @type {Error & { type?: string }} */ (thrown);
  const pyodide = type === undefined ? undefined : await loading?.catch(() => undefined);
  if (pyodide === undefined) return { type: "", message: String(message ?? thrown), traceback: "" };
  const sys = pyodide.pyimport("sys");
  const exception = sys.last_exc;
  try {
    return { type: String(type), message: `${type}: ${exception}`, traceback: message };
  } finally {
    exception?.destroy?.();
    sys.destroy();
  }
}
