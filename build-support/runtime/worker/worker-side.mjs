/**
 * Python in a worker, seen from the worker: loads the bundle, answers the page, and reports what nobody
 * caught.
 *
 * @module
 */

import { Calls } from "./calls.mjs";
import { RELEASE } from "../release.mjs";
import { dataOf, describeThrown } from "./errors.mjs";

/** @typedef {import("../loader.d.mts").BundleOptions} BundleOptions */
/** @typedef {import("../loader.d.mts").Bundle} Bundle */
/** @typedef {import("./connection.mjs").FirstMessage} FirstMessage */
/** @typedef {import("./connection.mjs").WorkerMessage} WorkerMessage */
/** @typedef {import("./connection.mjs").WorkerRequest} WorkerRequest */

/**
 * Answers the page through the port of its first message, so that messages of the app do no harm.
 * @param {(options: BundleOptions) => Promise<Bundle>} loadBundle
 */
export function answerPage(loadBundle) {
  const listen = (/** @type {MessageEvent<FirstMessage>} */ { data }) => {
    const { port, lock } = data;
    const side = new WorkerSide(port, loadBundle);
    port.onmessage = (/** @type {MessageEvent<WorkerRequest>} */ event) => side.take(event.data);
    port.onmessageerror = () => side.send({ lost: "a message of the page could not be read" });
    side.send({ started: RELEASE });
    // The browser takes the lock away when the worker ends, for whatever reason.
    const hold = () => new Promise(() => side.send({ holds: true }));
    globalThis.navigator.locks?.request(lock, hold).catch(() => {});
  };
  globalThis.addEventListener("message", listen, { once: true });
}

class WorkerSide {
  #port;
  #loadBundle;
  /** @type {Bundle | undefined} */
  #bundle;
  /** @type {Calls | undefined} */
  #calls;
  #missed = 0;
  #reported = 0;

  /**
   * @param {MessagePort} port
   * @param {(options: BundleOptions) => Promise<Bundle>} loadBundle
   */
  constructor(port, loadBundle) {
    this.#port = port;
    this.#loadBundle = loadBundle;
    globalThis.addEventListener("error", (event) => this.#uncaught(event, event.error ?? event.message));
    globalThis.addEventListener("unhandledrejection", (event) => this.#uncaught(event, event.reason));
    // The page ends the worker then. If it closed itself, the message could come after the lock, as from a crash.
    globalThis.close = () => this.send({ ended: { type: "", message: "the worker closed itself", traceback: "" } });
  }

  /** @param {WorkerMessage} message */
  send(message) {
    this.#port.postMessage(message);
  }

  /** @param {WorkerRequest} request */
  async take({ id, load, ...request }) {
    const reply = (/** @type {unknown} */ value) => this.send({ id, value, ...this.#misses() });
    const fail = (/** @type {import("./errors.mjs").ErrorData} */ error) =>
      this.send({ id, error, ...this.#misses() });
    if (load === undefined) {
      this.#calls?.take(request, { reply, fail });
      return;
    }
    try {
      await this.#load(load);
    } catch (thrown) {
      fail(describeThrown(thrown));
      return;
    }
    reply(undefined);
  }

  /** @param {BundleOptions} options */
  async #load(options) {
    this.#bundle = await this.#loadBundle({
      ...options,
      onProgress: (progress) => this.send({ progress }),
      onMiss: (miss) => {
        this.#missed += 1;
        this.send({ miss });
      },
      onReload: ({ error, ...event }) =>
        this.send({ reload: { ...event, ...(error && { error: dataOf(error) }) } }),
      stdout: (line) => this.send({ stdout: line }),
      stderr: (line) => this.send({ stderr: line }),
    });
    const { pyodide } = this.#bundle;
    // Pyodide's own hook for failures after which it can't be used.
    pyodide._api.on_fatal = (/** @type {unknown} */ thrown) => {
      const error = describeThrown(thrown);
      this.send({ ended: { ...error, message: `Python ended: ${error.message}` } });
    };
    this.#calls = new Calls(pyodide);
  }

  /** The lines for `build.rs`, if there are new ones. */
  #misses() {
    if (this.#missed === this.#reported) return {};
    this.#reported = this.#missed;
    return { misses: this.#bundle?.misses() };
  }

  /**
   * Reports an error of a callback. Python goes on, as it does on a page.
   * @param {Event} event
   * @param {unknown} thrown
   */
  #uncaught(event, thrown) {
    event.preventDefault();
    const error = describeThrown(thrown);
    console.error(`uncaught in the worker of Python: ${error.traceback || error.message}`);
    this.send({ uncaught: error });
  }
}
