/**
 * Errors as data, on both sides of a worker, and what can't be sent at all.
 *
 * @module
 */

/** The content of errors.py, which the build puts here. */
export const ERRORS_PY = "worker/errors.py";

/**
 * An error as data. `type` and `traceback` are empty for errors that are not Python's.
 * @typedef {{ type: string, message: string, traceback: string }} ErrorData
 */

/**
 * Describes anything that can be thrown, whatever its own methods do.
 * @param {unknown} thrown
 * @returns {ErrorData}
 */
export function describeThrown(thrown) {
  try {
    if (!(thrown instanceof Error)) return { type: "", message: textOfThrown(thrown), traceback: "" };
    const { name, message } = thrown;
    const type = /** @type {{ type?: unknown }} */ (/** @type {unknown} */ (thrown)).type;
    if (name === "PythonError" && typeof type === "string") return fromTraceback(type, String(message));
    return { type: "", message: message ? String(message) : String(name), traceback: "" };
  } catch {
    return { type: "", message: "an error whose text can't be shown", traceback: "" };
  }
}

/** @param {unknown} value */
function textOfThrown(value) {
  const isPlain = typeof value === "object" && value !== null && String(value) === "[object Object]";
  return isPlain ? JSON.stringify(value) : String(value);
}

/**
 * The message of Pyodide's error is the traceback, which ends with type, text and notes.
 * @param {string} type
 * @param {string} traceback
 */
function fromTraceback(type, traceback) {
  const lines = traceback.trimEnd().split("\n");
  const last = lines.map((line) => /^\s/.test(line)).lastIndexOf(true);
  return { type, message: lines.slice(last + 1).join("\n"), traceback };
}

/**
 * The error that a promise is rejected with.
 * @param {ErrorData} data
 */
export function errorOf(data) {
  return Object.assign(new Error(data.message), data);
}

/**
 * Undoes `errorOf`.
 * @param {ErrorData} error
 * @returns {ErrorData}
 */
export function dataOf({ type, message, traceback }) {
  return { type, message, traceback };
}

/**
 * Says which part of a value can't be sent, if one can't.
 * @param {unknown} value
 * @param {string} path the value's own name
 * @param {Set<unknown>} [seen]
 * @returns {string | undefined}
 */
export function findUnsendable(value, path, seen = new Set()) {
  if (seen.has(value) || isCloneable(value)) return undefined;
  seen.add(value);
  for (const [key, part] of partsOf(value)) {
    const found = findUnsendable(part, `${path}[${key}]`, seen);
    if (found !== undefined) return found;
  }
  return `${path} is ${kindOf(value)}, which can't be sent to a worker`;
}

/** @param {unknown} value */
export function isCloneable(value) {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {unknown} value
 * @returns {[key: string, part: unknown][]}
 */
function partsOf(value) {
  if (typeof value !== "object" || value === null) return [];
  try {
    if (value instanceof Map) return [...value].map(([key, part]) => [keyText(key), part]);
    if (value instanceof Set) return [...value].map((part) => ["item", part]);
    if (Array.isArray(value)) return value.map((part, at) => [String(at), part]);
    return Object.entries(value).map(([key, part]) => [keyText(key), part]);
  } catch {
    return [];
  }
}

/** @param {unknown} key */
function keyText(key) {
  return typeof key === "string" ? JSON.stringify(key) : String(key);
}

/** @param {unknown} value */
function kindOf(value) {
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  return isPlain ? "a proxy of an object" : `an object of the class ${prototype.constructor?.name}`;
}
