/**
 * How the loader reads the files beside it: in browsers through the network, in Node from the disk.
 *
 * @module
 */

import { BrowserHost } from "./browser.mjs";
import { nodeHost } from "./node.mjs";
import { IN_NODE } from "../platform.mjs";

/** @typedef {Pick<import("../manifest.d.mts").Chunk, "file" | "bytes" | "sha256" | "crc32">} Chunk */
/** @typedef {import("../manifest.d.mts").Copy} Copy */

/**
 * How fresh a file must be: as caches have it, as the server has it now, or under an address that no cache
 * can know.
 * @typedef {"default" | "reload" | "unknown"} Freshness
 */

/**
 * @typedef {object} Host
 * @property {(file: string) => string} address
 * @property {(address: string | URL) => string} folder the absolute form, with a slash at its end
 * @property {(file: string, options: { integrity?: string, freshness: Freshness }) => Promise<string>} text
 * @property {(first: import("../first.mjs").First, compression: "auto" | "host") => void} ahead begins to fetch the
 *   first files
 * @property {(file: { file: string, bytes: number }) => Promise<boolean>} compresses whether the host takes care
 *   of compression itself
 * @property {(chunk: Chunk, copy: Copy | undefined, onBytes: (count: number) => void) => Promise<Uint8Array>} bytes
 *   checked; from this compressed copy, if it exists; copies with zstd are not decoded
 * @property {(file: string, again: boolean) => { bytes: Uint8Array, answer: string }} bytesNow without returning
 *   to the event loop; with `again` under an address that no cache knows; `answer` is what the server answered
 * @property {(format: "gzip" | "brotli") => boolean} inflates whether it can inflate the format
 * @property {(format: "gzip" | "brotli", bytes: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>} inflate
 * @property {(address: string, options: { copied: boolean, classic: boolean }) => Promise<any>} load imports a
 *   script; `copied` from its compressed copy, if it exists and the page's policy allows that; `classic` if it
 *   is no module
 * @property {(address: string, copied: boolean) => Promise<Response>} wasm with a body
 * @property {(address: string, copied: boolean) => Promise<string>} json in browsers
 * @property {(alone: boolean) => Promise<string>} emptyZip address of an empty zip; `alone` if no files are
 *   beside the loader
 */

/**
 * @param {string | URL} base address of a folder
 * @param {AbortSignal} [signal] ends what is being fetched
 * @returns {Promise<Host>}
 */
export async function hostOf(base, signal) {
  return IN_NODE ? nodeHost(base) : new BrowserHost(base, signal);
}
