/**
 * Decodes zstd before Python starts, with Pyodide's own module, which has a decoder from 314 on.
 *
 * @module
 */

/** How much is decoded at once. */
const OUTPUT_BYTES = 1 << 20;
/** Of `ZSTD_inBuffer` and `ZSTD_outBuffer`: a pointer, a size and a position. */
const BUFFER_BYTES = 12;

/**
 * Decodes a stream. The interpreter's memory grows only by the compressed bytes and a window, not by the
 * whole result.
 *
 * @param {any} module
 * @param {Uint8Array} compressed
 * @param {number} size of the result, in bytes
 * @returns {Uint8Array<ArrayBuffer>} of another length if it is not what was expected
 */
export function unzstd(module, compressed, size) {
  if (typeof module?._ZSTD_decompressStream !== "function") {
    throw new Error("this Pyodide can't decode zstd: set the option `compression: \"gzip\"`");
  }
  const whole = new Uint8Array(size);
  const stream = module._ZSTD_createDStream();
  const input = module._malloc(compressed.length);
  const output = module._malloc(OUTPUT_BYTES);
  const buffers = module._malloc(2 * BUFFER_BYTES);
  try {
    module.HEAPU8.set(compressed, input);
    const write = (/** @type {number} */ at, /** @type {number[]} */ numbers) =>
      new Uint32Array(module.HEAPU8.buffer, at, 3).set(numbers);
    const position = (/** @type {number} */ at) => new Uint32Array(module.HEAPU8.buffer, at, 3)[2];
    write(buffers, [input, compressed.length, 0]);
    for (let done = 0; ; ) {
      write(buffers + BUFFER_BYTES, [output, OUTPUT_BYTES, 0]);
      const more = module._ZSTD_decompressStream(stream, buffers + BUFFER_BYTES, buffers);
      const count = position(buffers + BUFFER_BYTES);
      if (module._ZSTD_isError(more) !== 0 || done + count > size) return new Uint8Array();
      whole.set(module.HEAPU8.subarray(output, output + count), done);
      done += count;
      // The end of the frame, or of the input.
      if (more === 0 || (count === 0 && position(buffers) === compressed.length)) {
        return whole.subarray(0, done);
      }
    }
  } finally {
    module._ZSTD_freeDStream(stream);
    for (const pointer of [input, output, buffers]) module._free(pointer);
  }
}
