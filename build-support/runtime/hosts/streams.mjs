/**
 * Streams of bytes in browsers: checking their start, inflating and collecting them.
 *
 * @module
 */

import { isGzip } from "../bytes.mjs";

/**
 * @param {"gzip" | "brotli"} format browsers support more than the types of TypeScript have
 * @returns {ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource>}
 */
export function decompression(format) {
  return new DecompressionStream(/** @type {CompressionFormat} */ (format));
}

/**
 * Whether this browser can inflate a format.
 * @param {"gzip" | "brotli"} format
 */
export function canInflate(format) {
  try {
    return decompression(format) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The content of a compressed copy, or `undefined` if there is no copy. Some hosts see the name and make
 * the browser inflate it already.
 * @param {Response} response
 * @param {(bytes: Uint8Array) => boolean} isContent whether the content starts with these bytes
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined>}
 */
export async function gunzipped(response, isContent) {
  let isInflated = false;
  const stream = await beginningWith(response, (bytes) => (isInflated = isContent(bytes)) || isGzip(bytes));
  return isInflated ? stream : stream?.pipeThrough(decompression("gzip"));
}

/**
 * The body of a response, or `undefined` if it is something else: some hosts answer wrong addresses with
 * a page.
 * @param {Response} response
 * @param {(bytes: Uint8Array) => boolean} wanted whether the first bytes are those of the expected file
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined>}
 */
export async function beginningWith({ ok, body }, wanted) {
  if (!ok || body === null) return undefined;
  const [first, whole] = body.tee();
  const reader = first.getReader();
  const { value = new Uint8Array() } = await reader.read();
  // Resolves when both halves are done.
  reader.cancel().catch(() => {});
  if (wanted(value)) return whole;
  await whole.cancel();
  return undefined;
}

/**
 * Collects a stream of unknown length, and reports it as `size` bytes at its end.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {number} size
 * @param {(count: number) => void} onBytes
 */
export async function collectUnmeasured(stream, size, onBytes) {
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  onBytes(size);
  return whole;
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} size the largest allowed
 * @param {(count: number) => void} onBytes
 */
export async function collect(stream, size, onBytes) {
  const whole = new Uint8Array(size);
  const reader = stream.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return whole.subarray(0, length);
    if (length + value.length > size) throw new Error(`there are more than ${size} bytes`);
    whole.set(value, length);
    length += value.length;
    onBytes(value.length);
  }
}
