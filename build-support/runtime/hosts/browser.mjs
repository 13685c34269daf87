/**
 * Files beside the loader, through the network of a browser, as compressed as the server and the browser
 * allow.
 *
 * @module
 */

import { directory } from "../address.mjs";
import { EMPTY_ZIP, fits, isZstd } from "../bytes.mjs";
import { ON_PAGE } from "../platform.mjs";
import { beginningWith, canInflate, collect, collectUnmeasured, decompression, gunzipped } from "./streams.mjs";

/** @typedef {import("./host.mjs").Chunk} Chunk */
/** @typedef {import("./host.mjs").Copy} Copy */
/** @typedef {import("./host.mjs").Host} Host */

/** @implements {Host} */
export class BrowserHost {
  #root;
  #signal;

  /**
   * @param {string | URL} base
   * @param {AbortSignal} [signal]
   */
  constructor(base, signal) {
    this.#root = new URL(directory(String(base)), globalThis.location?.href);
    this.#signal = signal;
  }

  /** @param {string} file */
  address(file) {
    return new URL(file, this.#root).href;
  }

  /**
   * @param {string} file
   * @param {RequestInit} [init]
   */
  async #get(file, init = {}) {
    const address = this.address(file);
    const response = await fetch(address, { signal: this.#signal, ...init });
    if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
    return response;
  }

  /**
   * @param {string} file
   * @param {string} [integrity]
   */
  async text(file, integrity) {
    if (integrity === undefined) return (await this.#get(file)).text();
    // Only the console has the reason why a fetch with a digest failed.
    const response = await this.#get(file, { integrity }).catch((cause) => {
      this.#signal?.throwIfAborted();
      throw new Error(`${this.address(file)} is not what \`integrity\` says, or does not exist`, { cause });
    });
    return response.text();
  }

  /** @param {Chunk} chunk */
  async compresses({ file, bytes }) {
    if (!canInflate("gzip")) return true;
    try {
      const response = await fetch(this.address(file), { method: "HEAD", signal: this.#signal });
      const { ok, headers } = response;
      await response.arrayBuffer(); // unread, it would count as aborted
      const encoding = headers.get("content-encoding") ?? "identity";
      // For another origin, the encoding is hidden and the length is not.
      const length = Number(headers.get("content-length"));
      return ok && (encoding !== "identity" || (length > 0 && length < bytes));
    } catch {
      return false;
    }
  }

  /**
   * @param {Chunk} chunk
   * @param {Copy | undefined} copy
   * @param {(count: number) => void} onBytes
   * @returns {Promise<Uint8Array>}
   */
  async bytes(chunk, copy, onBytes) {
    if (copy === "zstd") {
      const response = await fetch(this.address(`${chunk.file}.zst`), { signal: this.#signal });
      const stream = await beginningWith(response, isZstd);
      if (stream !== undefined) return collectUnmeasured(stream, chunk.bytes, onBytes);
    }
    const copied = () => fetch(this.address(`${chunk.file}.gz`), { signal: this.#signal });
    const stream = copy && (await gunzipped(await copied()));
    return stream === undefined ? this.#wholeBytes(chunk, onBytes) : this.#copiedBytes(chunk, stream, onBytes);
  }

  /**
   * @param {Chunk} chunk
   * @param {ReadableStream<Uint8Array>} stream of its copy with gzip, inflated
   * @param {(count: number) => void} onBytes
   */
  async #copiedBytes(chunk, stream, onBytes) {
    const address = `${this.address(chunk.file)}.gz`;
    const whole = await collect(stream, chunk.bytes, onBytes).catch((cause) => {
      throw new Error(`${address} could not be read`, { cause });
    });
    if (await fits(whole, chunk)) return whole;
    throw new Error(`${address} is not what the manifest says`);
  }

  /**
   * @param {Chunk} chunk
   * @param {(count: number) => void} onBytes
   */
  async #wholeBytes(chunk, onBytes) {
    const { file, bytes, sha256 } = chunk;
    // With a digest, a browser would pass no byte on before the last one arrived.
    const checkHere = globalThis.crypto?.subtle !== undefined;
    const { body } = await this.#get(file, checkHere ? {} : { integrity: `sha256-${sha256}` });
    const whole = body === null ? new Uint8Array() : await collect(body, bytes, onBytes);
    if (checkHere && !(await fits(whole, chunk))) {
      throw new Error(`${this.address(file)} is not what the manifest says`);
    }
    return whole;
  }

  /**
   * @param {string} file
   * @param {boolean} again
   */
  bytesNow(file, again) {
    const address = this.address(file);
    const request = new XMLHttpRequest();
    request.open("GET", again ? `${address}?again=${Date.now()}` : address, false);
    // On a page's main thread, a synchronous request may have text as its response, but no binary data.
    if (ON_PAGE) request.overrideMimeType("text/plain; charset=x-user-defined");
    else request.responseType = "arraybuffer";
    request.send();
    if (request.status < 200 || request.status > 299) {
      throw new Error(`${request.status} ${request.statusText}`);
    }
    if (!ON_PAGE) return new Uint8Array(request.response);
    const text = request.responseText;
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /** @param {"gzip" | "brotli"} format */
  inflates(format) {
    return canInflate(format);
  }

  /**
   * @param {"gzip" | "brotli"} format
   * @param {Uint8Array} bytes
   */
  async inflate(format, bytes) {
    const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream();
    const whole = new Response(stream.pipeThrough(decompression(format)));
    return new Uint8Array(await whole.arrayBuffer());
  }

  /** @param {string} address */
  load(address) {
    return import(/* @vite-ignore */ /* webpackIgnore: true */ address);
  }

  /** @param {boolean} alone */
  async emptyZip(alone) {
    return alone ? URL.createObjectURL(new Blob([EMPTY_ZIP])) : this.address("empty.zip");
  }
}
