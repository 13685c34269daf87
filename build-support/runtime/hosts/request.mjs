/**
 * Requests of browsers whose failures name the address and what came instead of the file.
 *
 * @module
 */

import { unanswered } from "../answers.mjs";

export const UNREACHABLE = "the server can't be reached, or does not let this page read the file";

/** What to do about a file that was there when the manifest was read. */
export const GONE = "the site may have been deployed anew, so reload the page";

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
  const response = await fetch(address, unanswered({ ...init })).catch((cause) => {
    init.signal?.throwIfAborted();
    const digest = init.integrity === undefined ? "" : ", or it is not what `integrity` says";
    throw new FileError(address, `${UNREACHABLE}${digest} (${textOf(cause)})`, cause);
  });
  if (!response.ok || response.body === null || response.status === 204) {
    throw new FileError(address, `the server answered ${statusOf(response)}`);
  }
  return /** @type {Response & { body: ReadableStream<Uint8Array<ArrayBuffer>> }} */ (response);
}

/**
 * Reads a file, and if it does not arrive, once more past caches: a cache may keep something else under its
 * name, and a network may work the second time.
 * @template T
 * @param {(init: RequestInit) => Promise<T>} read
 * @returns {Promise<T>}
 */
export async function readTwice(read) {
  return read({}).catch((error) => {
    if (!(error instanceof FileError)) throw error;
    return read({ cache: "reload" });
  });
}

/**
 * The text of a response, to its end.
 * @param {string} address
 * @param {Response} response
 * @param {AbortSignal} [signal]
 */
export async function textFrom(address, response, signal) {
  return response.text().catch((cause) => {
    signal?.throwIfAborted();
    throw new FileError(address, `the connection broke off (${textOf(cause)})`, cause);
  });
}

/**
 * What came instead of a file, for messages: `404 Not Found`, `200 OK, text/html`.
 * @param {{ ok: boolean, status: number, statusText: string, headers: Pick<Headers, "get"> }} response
 */
export function statusOf({ ok, status, statusText, headers }) {
  const type = ok && status !== 204 ? headers.get("content-type") : undefined;
  return [`${status} ${statusText}`.trim(), type].filter(Boolean).join(", ");
}

/** @param {unknown} error */
export function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}
