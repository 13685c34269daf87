/**
 * Importing scripts in browsers, with failures that name the address and what came.
 *
 * @module
 */

import { FileError, requested, statusOf, textFrom, textOf } from "./request.mjs";

/**
 * Imports a module. Some browsers remember that an address could not be imported, so the second try has
 * another one.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function importScript(address, signal) {
  const again = () => {
    signal?.throwIfAborted();
    return importModule(newAddress(address));
  };
  return importModule(address).catch(again).catch(async (cause) => {
    signal?.throwIfAborted();
    throw await importError(address, cause, signal);
  });
}

/**
 * Imports the text of a module through a `blob:` address.
 * @param {string} text
 * @returns {Promise<any>}
 */
export async function importCopy(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return importModule(address).finally(() => URL.revokeObjectURL(address));
}

/**
 * The same file under an address that no cache knows.
 * @param {string} address
 */
export function newAddress(address) {
  return `${address}${address.includes("?") ? "&" : "?"}again=${Date.now()}`;
}

/**
 * @param {string} address
 * @returns {Promise<any>}
 */
function importModule(address) {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ address);
}

/**
 * Why a module could not be imported, which browsers tell only to developers.
 * @param {string} address
 * @param {unknown} cause
 * @param {AbortSignal} [signal]
 */
async function importError(address, cause, signal) {
  const why = cause instanceof SyntaxError ? "it is no script" : "the browser did not import it";
  return (await scriptProblem(address, signal, cause)) ?? new FileError(address, `${why}: ${textOf(cause)}`, cause);
}

/**
 * What is wrong with a script as the server sends it, if anything.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @param {unknown} [cause]
 * @returns {Promise<FileError | undefined>}
 */
export async function scriptProblem(address, signal, cause) {
  try {
    const response = await requested(address, { signal });
    const type = response.headers.get("content-type") ?? "no type";
    const text = await textFrom(address, response, signal);
    if (!/^(text|application)\/(x-)?(java|ecma)script\b/.test(type)) {
      return new FileError(address, `the server sends it as ${type}, but scripts must be text/javascript`, cause);
    }
    if (!/^\s*</.test(text)) return undefined;
    return new FileError(address, `a page came instead of the script (${statusOf(response)})`, cause);
  } catch (error) {
    return error instanceof FileError ? error : new FileError(address, textOf(error), error);
  }
}
