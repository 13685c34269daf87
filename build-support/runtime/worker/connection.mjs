/**
 * The page's end of a worker: every request that goes out settles, whatever happens to the worker.
 *
 * @module
 */

import { GONE } from "../hosts/request.mjs";
import { RELEASE } from "../release.mjs";
import { errorOf, findUnsendable } from "./errors.mjs";

/** @typedef {import("../loader.d.mts").BundleOptions} BundleOptions */
/** @typedef {import("./errors.mjs").ErrorData} ErrorData */

/**
 * The only message that does not pass through the port.
 * @typedef {object} FirstMessage
 * @property {MessagePort} port
 * @property {string} lock name of the lock that the worker holds while it lives
 */

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
 * @property {ErrorData} [error]
 * @property {string[]} [misses] all lines for `build.rs` so far, only in replies after new misses
 * @property {import("../loader.d.mts").ProgressEvent} [progress]
 * @property {import("../loader.d.mts").MissEvent} [miss]
 * @property {string} [stdout] a line
 * @property {string} [stderr] a line
 * @property {ErrorData} [uncaught] an error of a callback
 * @property {import("../reload.mjs").ReloadData} [reload]
 * @property {string} [started] its script runs, of this release
 * @property {true} [holds] it holds the lock
 * @property {string} [lost] why a request was lost
 * @property {ErrorData} [ended] why it can't answer any more
 */

/**
 * A worker, and how to find out why it did not start.
 * @typedef {object} Started
 * @property {Worker} worker
 * @property {() => void} release what only the start needs
 * @property {() => Promise<Error | undefined>} problem what is wrong with its script, as the server sends it
 * @property {() => Promise<Error>} explain
 */

/** The page is older or newer than the worker, so they may not understand each other. */
export class OtherRelease extends Error {
  /** @param {string} release */
  constructor(release) {
    super(`the worker is of another release than the page: ${GONE}`);
    this.release = release;
  }
}

/** How long a worker may be silent before the server is asked about its script, in milliseconds. */
const FIRST_WAIT = 2000;

export class WorkerConnection {
  #started;
  #onEvent;
  #port;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void }>} */
  #waiting = new Map();
  #sent = 0;
  #isHeard = false;
  /** @type {{ reason: unknown } | undefined} why it ended */
  #end;
  #lock = `pyodide-pack ${Date.now()} ${Math.random()}`;
  #lockRequest = new AbortController();

  /**
   * @param {Started} started
   * @param {(message: WorkerMessage) => void} onEvent
   */
  constructor(started, onEvent) {
    this.#started = started;
    this.#onEvent = onEvent;
    const { worker } = started;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#receive(data);
    port1.onmessageerror = () => this.#rejectAll(new Error("a message of the worker could not be read"));
    worker.onerror = (event) => this.#fail(event);
    /** @type {FirstMessage} */
    const first = { port: port2, lock: this.#lock };
    worker.postMessage(first, [port2]);
    this.#askWhileSilent();
  }

  /** WebKit does not report every script that could not be loaded, so the server is asked while nothing is heard. */
  async #askWhileSilent() {
    for (let wait = FIRST_WAIT; ; wait *= 2) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#isHeard || this.#end !== undefined) return;
      const problem = await this.#started.problem();
      if (problem !== undefined && !this.#isHeard) this.end(problem);
    }
  }

  /**
   * @param {Omit<WorkerRequest, "id">} request
   * @param {[name: string, value: unknown][]} [parts] of the request, for the error if it can't be sent
   * @param {string} [hint] what to do then
   * @returns {Promise<any>}
   */
  send(request, parts = [], hint = "") {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end.reason);
        return;
      }
      this.#sent += 1;
      try {
        this.#port.postMessage({ ...request, id: this.#sent });
      } catch (cause) {
        const found = parts.map(([name, value]) => findUnsendable(value, name)).find(Boolean);
        reject(new Error((found ?? `the request can't be sent to a worker: ${cause}`) + hint, { cause }));
        return;
      }
      this.#waiting.set(this.#sent, { resolve, reject });
    });
  }

  /**
   * Ends the worker, and rejects all requests that are not answered, and all later ones.
   * @param {unknown} reason
   */
  end(reason) {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#started.worker.onerror = null;
    this.#started.worker.terminate();
    this.#started.release();
    this.#port.onmessage = null;
    this.#port.close();
    this.#lockRequest.abort();
    this.#rejectAll(reason);
  }

  /** @param {unknown} reason */
  #rejectAll(reason) {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(reason);
  }

  /** @param {WorkerMessage} message */
  #receive(message) {
    const { id, value, error, started, holds, lost, ended } = message;
    if (started !== undefined) {
      this.#isHeard = true;
      this.#started.release();
      if (started !== RELEASE) this.end(new OtherRelease(started));
    }
    if (holds) this.#watch();
    if (lost !== undefined) this.#rejectAll(new Error(lost));
    if (ended !== undefined) this.end(errorOf(ended));
    if (id !== undefined) {
      const request = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) request?.resolve(value);
      else request?.reject(errorOf(error));
    }
    this.#onEvent(message);
  }

  /** Asks for the worker's lock, which it holds until it ends. */
  #watch() {
    const { signal } = this.#lockRequest;
    const ended = () => this.end(new Error("the worker ended: it crashed, or the browser ended it"));
    navigator.locks.request(this.#lock, { signal }, ended).catch(() => {});
  }

  /**
   * The worker's script could not be loaded, or an error passed by the worker's own listener.
   * @param {ErrorEvent} event
   */
  async #fail(event) {
    event.preventDefault();
    const { message } = event;
    if (this.#isHeard) this.#onEvent({ uncaught: { type: "", message: message ?? "unknown", traceback: "" } });
    else this.end(await this.#started.explain());
  }
}
