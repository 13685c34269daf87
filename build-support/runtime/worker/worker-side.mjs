/**
 * Python in a worker, seen from the worker: answers the requests of the page.
 *
 * @module
 */

/** @typedef {import("../loader.d.mts").BundleOptions} BundleOptions */
/** @typedef {import("../loader.d.mts").Bundle} Bundle */
/** @typedef {import("./page.mjs").WorkerRequest} WorkerRequest */
/** @typedef {import("./page.mjs").WorkerMessage} WorkerMessage */

/**
 * Answers the page, one request after the other.
 * @param {(options: BundleOptions) => Promise<Bundle>} loadBundle
 */
export function answerPage(loadBundle) {
  /** @type {(message: WorkerMessage) => void} */
  const send = (message) => globalThis.postMessage(message);
  /** @type {Bundle | undefined} */
  let bundle;
  let missed = 0;
  let reported = 0;
  /** @param {WorkerRequest} request */
  const answer = async ({ load, ...request }) => {
    if (load === undefined) return answerIn(bundle?.pyodide, request);
    bundle = await loadBundle({
      ...load,
      onProgress: (progress) => send({ progress }),
      onMiss(miss) {
        missed += 1;
        send({ miss });
      },
      stdout: (/** @type {string} */ line) => send({ stdout: line }),
      stderr: (/** @type {string} */ line) => send({ stderr: line }),
    });
    return undefined;
  };
  let turn = Promise.resolve();
  globalThis.onmessage = (/** @type {MessageEvent<WorkerRequest>} */ { data }) => {
    turn = turn.then(async () => {
      /** @type {WorkerMessage} */
      let message;
      try {
        message = { id: data.id, value: await answer(data) };
      } catch (thrown) {
        message = { id: data.id, error: describeError(thrown, bundle?.pyodide) };
      }
      if (missed > reported) message.misses = bundle?.misses();
      reported = missed;
      try {
        send(message);
      } catch (error) {
        send({ id: data.id, error: describeError(error, undefined) }); // the value can't be sent
      }
    });
  };
}

/**
 * @param {any} pyodide
 * @param {Omit<WorkerRequest, "id" | "load">} request
 */
async function answerIn(pyodide, { call, run }) {
  if (call === undefined) return plainData(await pyodide.runPythonAsync(run));
  const [module, name, args] = call;
  const imported = pyodide.pyimport(module);
  const callee = imported[name];
  if (callee === undefined) throw new Error(`the Python module ${module} has no ${name}`);
  const values = args.map((value) => pyodide.toPy(value));
  try {
    return plainData(await callee(...values));
  } finally {
    for (const proxy of [...values, callee, imported]) proxy?.destroy?.();
  }
}

/**
 * A result of Python as data: lists, dicts as objects, and other values that structured cloning supports.
 * @param {any} result
 */
function plainData(result) {
  if (typeof result?.toJs !== "function") return result;
  try {
    return result.toJs({ dict_converter: Object.fromEntries, create_pyproxies: false });
  } finally {
    result.destroy();
  }
}

/**
 * An error as data. The message of Pyodide's error is the traceback; Python has the exception.
 * @param {unknown} thrown
 * @param {any} pyodide
 */
function describeError(thrown, pyodide) {
  const { type, message } = /** @type {Error & { type?: string }} */ (thrown);
  if (type === undefined || pyodide === undefined) {
    return { type: "", message: String(message ?? thrown), traceback: "" };
  }
  const sys = pyodide.pyimport("sys");
  const exception = sys.last_exc;
  try {
    return { type: String(type), message: `${type}: ${exception}`, traceback: message };
  } finally {
    exception?.destroy?.();
    sys.destroy();
  }
}
