/**
 * Files beside the loader, through the network of a browser, as compressed as the server and the browser
 * allow.
 *
 * @module
 */

import { directory } from "../address.mjs";
import { digestOf, fits, isWasm, isZip, isZstd } from "../bytes.mjs";
import { hasIntegrity } from "../integrity.mjs";
import { ON_PAGE } from "../platform.mjs";
import { allowsBlobs } from "./policy.mjs";
import { FileError, importError, requested, statusOf, textOf } from "./request.mjs";
import { beginningWith, canInflate, collect, collectUnmeasured, decompression, gunzipped } from "./streams.mjs";

/** @typedef {import("./host.mjs").Chunk} Chunk */
/** @typedef {import("./host.mjs").Copy} Copy */
/** @typedef {import("./host.mjs").Host} Host */

/** The bytes of scripts and JSON start with a printable character; those of pages with `<`. */
const isText = (/** @type {Uint8Array} */ bytes) => bytes[0] >= 0x20 && bytes[0] < 0x7f && bytes[0] !== 0x3c;

/** @implements {Host} */
export class BrowserHost {
  #root;
  #signal;

  /**
   * @param {string | URL} base
   * @param {AbortSignal} [signal]
   */
  constructor(base, signal) {
    this.#root = this.folder(base);
    this.#signal = signal;
  }

  /** @param {string | URL} address relative to the page */
  folder(address) {
    return new URL(directory(String(address)), globalThis.document?.baseURI ?? globalThis.location?.href).href;
  }

  /** @param {string} file */
  address(file) {
    return new URL(file, this.#root).href;
  }

  /**
   * @param {string} address
   * @param {RequestInit} [init]
   */
  #get(address, init = {}) {
    return requested(address, { signal: this.#signal, ...init });
  }

  /**
   * @param {string} file
   * @param {{ integrity?: string, fresh?: boolean }} options
   */
  async text(file, { integrity, fresh }) {
    const address = this.address(file);
    const cache = fresh ? "reload" : "default";
    if (integrity === undefined) return this.#readText(await this.#get(address, { cache }));
    // A cache on the way may have the file of another deployment, and ask the server only for a new address.
    const meant = `${address}?${encodeURIComponent(integrity)}`;
    const text = (await this.#meantText(address, integrity, cache)) ?? (await this.#meantText(meant, integrity, "reload"));
    if (text !== undefined) return text;
    throw new FileError(address, "it is not what `integrity` says");
  }

  /**
   * The text of a file, if it has this digest.
   * @param {string} address
   * @param {string} integrity
   * @param {RequestCache} cache
   */
  async #meantText(address, integrity, cache) {
    const checkHere = globalThis.crypto?.subtle !== undefined;
    const response = await this.#get(address, checkHere ? { cache } : { cache, integrity }).catch((error) => {
      if (checkHere) throw error;
      this.#signal?.throwIfAborted(); // a browser does not tell the digest from the network
    });
    if (response === undefined) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    /** @type {(algorithm: string) => Promise<string>} */
    const digest = (algorithm) => digestOf(bytes, /** @type {"SHA-256"} */ (algorithm.replace("sha", "SHA-")));
    if (checkHere && !(await hasIntegrity(integrity, digest))) return undefined;
    return new TextDecoder().decode(bytes);
  }

  /** @param {Response} response */
  async #readText(response) {
    return response.text().catch((cause) => {
      this.#signal?.throwIfAborted();
      throw new FileError(response.url, `the connection broke off (${textOf(cause)})`, cause);
    });
  }

  /** @param {{ file: string, bytes: number }} file */
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
    const address = this.address(chunk.file);
    if (copy === "zstd") {
      const response = await this.#copy(`${address}.zst`);
      const stream = response && (await beginningWith(response, isZstd));
      if (stream !== undefined) return collectUnmeasured(stream, chunk.bytes, onBytes);
    }
    const response = copy && (await this.#copy(`${address}.gz`));
    const stream = response && (await gunzipped(response, isZip));
    if (stream !== undefined) return this.#checked(chunk, stream, `${address}.gz`, onBytes);
    return this.#wholeBytes(chunk, address, onBytes);
  }

  /**
   * The response for a compressed copy, if there is one.
   * @param {string} address
   */
  async #copy(address) {
    return this.#get(address).catch(() => {
      this.#signal?.throwIfAborted();
      return undefined;
    });
  }

  /**
   * @param {Chunk} chunk
   * @param {ReadableStream<Uint8Array>} stream
   * @param {string} source
   * @param {(count: number) => void} onBytes
   */
  async #checked(chunk, stream, source, onBytes) {
    const whole = await collect(stream, chunk.bytes, onBytes).catch((cause) => {
      this.#signal?.throwIfAborted();
      throw new FileError(source, `it could not be read to its end (${textOf(cause)})`, cause);
    });
    if (await fits(whole, chunk)) return whole;
    throw new FileError(source, "it is not what the manifest says");
  }

  /**
   * @param {Chunk} chunk
   * @param {string} address
   * @param {(count: number) => void} onBytes
   */
  async #wholeBytes(chunk, address, onBytes) {
    let count = 0;
    const read = async (/** @type {RequestInit} */ init) => {
      const response = await this.#get(address, init);
      return this.#checked(chunk, response.body, `${address} (${statusOf(response)})`, (more) => {
        count += more;
        onBytes(more);
      });
    };
    return read({}).catch((error) => {
      if (!(error instanceof FileError)) throw error;
      // A cache may keep something else under this name, and a network may work the second time.
      onBytes(-count);
      return read({ cache: "reload" });
    });
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

  /**
   * @param {string} address
   * @param {boolean} copied
   */
  async wasm(address, copied) {
    const response = copied ? await this.#copy(`${address}.gz`) : undefined;
    const stream = response && (await gunzipped(response, isWasm));
    return stream === undefined ? this.#get(address) : new Response(stream);
  }

  /**
   * @param {string} address
   * @param {boolean} copied
   */
  async json(address, copied) {
    const text = copied ? await this.#copiedText(address) : undefined;
    if (text !== undefined) return text;
    const response = await this.#get(address);
    const json = await this.#readText(response);
    if (json.startsWith("{")) return json;
    throw new FileError(address, `it is no JSON (${statusOf(response)})`);
  }

  /**
   * The text of a file from its copy, if there is one.
   * @param {string} address
   */
  async #copiedText(address) {
    const response = await this.#copy(`${address}.gz`);
    const stream = response && (await gunzipped(response, isText));
    return stream && this.#readText(new Response(stream));
  }

  /**
   * @param {string} address
   * @param {{ copied: boolean }} options
   */
  async load(address, { copied }) {
    const text = copied && (await allowsBlobs()) ? await this.#copiedText(address) : undefined;
    if (text !== undefined) {
      const blob = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      try {
        return await importModule(blob);
      } catch (cause) {
        console.warn(`pyodide-pack: ${address}.gz could not be imported: ${textOf(cause)}`);
      } finally {
        URL.revokeObjectURL(blob);
      }
    }
    return importModule(address).catch(async (cause) => {
      throw (await importError(address, cause, this.#signal)) ?? new FileError(address, textOf(cause), cause);
    });
  }

  async emptyZip() {
    return this.address("empty.zip");
  }
}

/**
 * @param {string} address
 * @returns {Promise<any>}
 */
function importModule(address) {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ address);
}
