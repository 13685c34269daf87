/**
 * Zips that a program embeds and passes to the loader.
 *
 * @module
 */

import { isGzip, isZip } from "./bytes.mjs";

/**
 * The zip, in whatever encoding `pyodide_pack.rs` includes it. Brotli has no magic number, but as the build
 * makes it, it never starts like a zip or gzip.
 * @param {ArrayBuffer | Uint8Array} given
 * @param {string} what
 * @param {import("./hosts/host.mjs").Host} host
 */
export async function inflated(given, what, host) {
  const bytes = given instanceof Uint8Array
    ? new Uint8Array(given.buffer, given.byteOffset, given.length)
    : new Uint8Array(given);
  if (isZip(bytes)) return bytes;
  const format = isGzip(bytes) ? "gzip" : "brotli";
  if (!host.inflates(format)) {
    throw new Error(
      `the embedded ${what} is compressed with ${format}, which this browser can't inflate: ` +
        "write .embed_encoding(Encoding::Gzip) in build.rs, which all current browsers can",
    );
  }
  const whole = await host.inflate(format, bytes).catch((/** @type {unknown} */ cause) => {
    throw new Error(`the embedded ${what} is neither a zip nor compressed, or damaged`, { cause });
  });
  if (!isZip(whole)) throw new Error(`the embedded ${what} is not a zip`);
  return whole;
}
