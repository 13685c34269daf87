/**
 * Requests of browsers whose failures name the address and what came instead of the file.
 *
 * @module
 */

/** A file that did not arrive as the build made it. */
export class FileError extends Error {
  /**
   * @param {string} address
   * @param {string} what
   * @param {unknown} [cause]
   */
  constructor(address, what, cause) {
    super(`${address}: ${what}`, { cause });
    this.name = "FileError";
  }
}

/**
 * A response with a body.
 * @param {string} address
 * @param {RequestInit} init
 * @returns {Promise<Response & { body: ReadableStream<Uint8Array<ArrayBuffer>> }>}
 */
export async function requested(address, init) {
  const response = await fetch(address, init).catch((cause) => {
    init.signal?.throwIfAborted();
    const reason = "the server can't be reached, or does not let this page read the file";
    throw new FileError(address, `${reason} (${textOf(cause)})`, cause);
  });
  if (!response.ok || response.body === null || response.status === 204) {
    throw new FileError(address, `the server answered ${statusOf(response)}`);
  }
  return /** @type {Response & { body: ReadableStream<Uint8Array<ArrayBuffer>> }} */ (response);
}

/**
 * Why a script could not be imported, which browsers tell only to developers; `undefined` if the server sends it
 * as it should.
 * @param {string} address
 * @param {unknown} cause
 * @param {AbortSignal} [signal]
 * @returns {Promise<Error | undefined>}
 */
export async function importError(address, cause, signal) {
  try {
    const response = await requested(address, { signal });
    await response.body.cancel();
    const type = response.headers.get("content-type") ?? "no type";
    if (/^(text|application)\/(x-)?(java|ecma)script\b/.test(type)) return undefined;
    return new FileError(address, `the server sends it as ${type}, but scripts must be text/javascript`, cause);
  } catch (error) {
    return error instanceof FileError ? error : new FileError(address, "the server does not answer", error);
  }
}

/**
 * What came instead of a file, for messages: `404 Not Found`, `200 OK, text/html`.
 * @param {Response} response
 */
export function statusOf({ ok, status, statusText, headers }) {
  const type = ok && status !== 204 ? headers.get("content-type") : undefined;
  return [`${status} ${statusText}`.trim(), type].filter(Boolean).join(", ");
}

/** @param {unknown} error */
export function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}
