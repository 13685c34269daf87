/**
 * The files without which Python can't start: the loader requests them before it has the manifest.
 *
 * @module
 */

/**
 * @typedef {object} First
 * @property {{ file: string, bytes: number }} core the WebAssembly module
 * @property {{ file: string, bytes: number } | null} largest eager chunk, which tells whether the server compresses
 * @property {import("./manifest.d.mts").Chunk | null} stdlib
 */

/** What the build puts here. It may be of another deployment than the manifest. @type {First | undefined} */
export const FIRST = undefined;
