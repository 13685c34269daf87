/**
 * Runs the calls of a page. One at a time runs in Python, but a call that waits does not keep others back.
 *
 * @module
 */

import { ownNames } from "../python.mjs";
import { describeThrown, ERRORS_PY, isCloneable } from "./errors.mjs";

/** @typedef {import("./errors.mjs").ErrorData} ErrorData */

/** The contents of calls.py and results.py, which the build puts here. */
const CALLS_PY = "worker/calls.py";
const RESULTS_PY = "worker/results.py";

/**
 * The ends of a call: exactly one of both is called.
 * @typedef {object} Answer
 * @property {(value: unknown) => void} reply throws if the value can't be sent
 * @property {(error: ErrorData) => void} fail
 */

export class Calls {
  #globals;
  #answerCall;
  #answerRun;
  /** @type {Promise<void>} the start of the last call */
  #turn = Promise.resolve();

  /** @param {any} pyodide */
  constructor(pyodide) {
    const names = ownNames(pyodide, "pyodide_pack_calls", [ERRORS_PY, RESULTS_PY, CALLS_PY]);
    this.#globals = pyodide.globals;
    this.#answerCall = names.get("answer_call");
    this.#answerRun = names.get("answer_run");
    names.get("settle_rejections")((/** @type {unknown} */ cause) => {
      const { message } = describeThrown(cause);
      return new Error(`a promise was rejected with ${message}`, { cause });
    });
  }

  /**
   * Answers a call. Calls start in order: a second one starts when the first is done or waits.
   * @param {{ call?: [module: string, name: string, args: unknown[]], run?: string }} request
   * @param {Answer} answer
   */
  take({ call, run }, { reply, fail }) {
    this.#turn = this.#turn.then(
      () =>
        new Promise((started) => {
          const page = {
            started,
            reply,
            fail: (/** @type {string[]} */ ...[type, message, traceback]) => fail({ type, message, traceback }),
            dict: objectOrMap,
            is_cloneable: isCloneable,
          };
          // Python's functions raise nothing, unless the interpreter itself has failed.
          this.#start(page, call, run)
            .catch((/** @type {unknown} */ thrown) => fail(describeThrown(thrown)))
            .finally(started);
        }),
    );
  }

  /**
   * @param {object} page
   * @param {[module: string, name: string, args: unknown[]] | undefined} call
   * @param {string} [run]
   */
  async #start(page, call, run) {
    const running =
      call === undefined
        ? this.#answerRun(page, run, this.#globals)
        : this.#answerCall(page, call[0], call[1], withoutNull(call[2]));
    await running;
    running.destroy?.();
  }
}

/**
 * A dict of Python: an object if all keys are texts, and a map if not.
 * @param {Iterable<[key: unknown, value: unknown]>} items
 */
function objectOrMap(items) {
  const entries = [...items];
  if (!entries.every(([key]) => typeof key === "string")) return new Map(entries);
  return Object.fromEntries(/** @type {[string, unknown][]} */ (entries));
}

/**
 * Replaces `null`, which is `None` only in some versions of Pyodide, by `undefined`, which is in all.
 * Changes the value, which is a copy already.
 * @param {any} value
 * @param {Set<unknown>} [seen]
 * @returns {any}
 */
function withoutNull(value, seen = new Set()) {
  if (value === null) return undefined;
  if (typeof value !== "object" || seen.has(value)) return value;
  seen.add(value);
  const inner = (/** @type {unknown} */ part) => withoutNull(part, seen);
  if (value instanceof Map) {
    const entries = [...value].map(([key, part]) => /** @type {const} */ ([inner(key), inner(part)]));
    value.clear();
    for (const [key, part] of entries) value.set(key, part);
  } else if (value instanceof Set) {
    const items = [...value].map(inner);
    value.clear();
    for (const item of items) value.add(item);
  } else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    for (const key of Object.keys(value)) if (typeof value[key] === "object") value[key] = inner(value[key]);
  }
  return value;
}
