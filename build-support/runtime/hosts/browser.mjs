/**
 * Files beside the loader, through the network of a browser, as compressed as the server and the browser
 * allow.
 *
 * @module
 */

import { folderAt } from "../address.mjs";
import { unanswered } from "../answers.mjs";
import { digestOf, fits, isWasm, isZip, isZstd } from "../bytes.mjs";
import { hasIntegrity } from "../integrity.mjs";
import { ON_PAGE } from "../platform.mjs";
import { Ahead } from "./ahead.mjs";
import { allowsBlobs } from "./policy.mjs";
import { FileError, GONE, readTwice, requested, statusOf, textFrom, textOf, UNREACHABLE } from "./request.mjs";
import { importCopy, importScript, newAddress } from "./scripts.mjs";
import { beginningWith, canInflate, collect, collectUnmeasured, decompression, gunzipped } from "./streams.mjs";

/** @typedef {import("./host.mjs").Chunk} Chunk */
/** @typedef {import("./host.mjs").Copy} Copy */
/** @typedef {import("./host.mjs").Host} Host */

/** The bytes of scripts and JSON start with a printable character; those of pages with `<`. */
const isText = (/** @type {Uint8Array} */ bytes) => bytes[0] >= 0x20 && bytes[0] < 0x7f && bytes[0] !== 0x3c;

/** What a chunk is requested by: one of another deployment may have another digest. @param {Chunk} chunk */
const keyOf = ({ file, sha256 }) => `${file} ${sha256}`;

/** @implements {Host} */
export class BrowserHost {
  #root;
  #signal;
  #ahead = new Ahead();
  /** @type {Map<string, Promise<boolean>>} by file */
  #compresses = new Map();

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
    return folderAt(address);
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
   * @param {{ integrity?: string, freshness: import("./host.mjs").Freshness }} options
   */
  async text(file, { integrity, freshness }) {
    const known = this.address(file);
    // Service workers and caches on the way may ignore how a request is cached, but not a new address.
    const address = freshness === "unknown" ? `${known}?${encodeURIComponent(integrity ?? Date.now())}` : known;
    const cache = freshness === "default" ? "default" : "reload";
    // Without `crypto.subtle`, the browser itself compares.
    const checkHere = globalThis.crypto?.subtle !== undefined;
    const response = await this.#get(address, checkHere ? { cache } : { cache, integrity });
    const text = await textFrom(address, response, this.#signal);
    if (integrity === undefined || !checkHere) return text;
    const bytes = new TextEncoder().encode(text);
    /** @type {(algorithm: string) => Promise<string>} */
    const digest = (algorithm) => digestOf(bytes, /** @type {"SHA-256"} */ (algorithm.replace("sha", "SHA-")));
    if (await hasIntegrity(integrity, digest)) return text;
    throw new FileError(address, `it is not what \`integrity\` says (${statusOf(response)})`);
  }

  /**
   * Requests the first files before the manifest is there, if the server compresses them: it says so meanwhile.
   * @param {import("../first.mjs").First} first
   * @param {"auto" | "host"} compression
   */
  ahead({ core, largest, stdlib }, compression) {
    const isSent = async (/** @type {{ file: string, bytes: number } | null} */ file) =>
      file !== null && (compression === "host" || this.compresses(file));
    isSent(core).then((isSo) => {
      const address = this.address(core.file);
      if (isSo) this.#ahead.begin(address, () => this.#wasm(address, false));
    });
    isSent(largest).then((isSo) => {
      if (isSo && stdlib) this.#ahead.begin(keyOf(stdlib), (onBytes) => this.#bytes(stdlib, undefined, onBytes));
    });
  }

  /** @param {{ file: string, bytes: number }} file */
  compresses(file) {
    const known = this.#compresses.get(file.file) ?? this.#askWhether(file);
    this.#compresses.set(file.file, known);
    return known;
  }

  /** @param {{ file: string, bytes: number }} file */
  async #askWhether({ file, bytes }) {
    if (!canInflate("gzip")) return true;
    try {
      const response = await fetch(this.address(file), unanswered({ method: "HEAD", signal: this.#signal }));
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
    if (copy !== undefined) return this.#bytes(chunk, copy, onBytes);
    return this.#ahead.take(keyOf(chunk), (count) => this.#bytes(chunk, copy, count), onBytes);
  }

  /**
   * @param {Chunk} chunk
   * @param {Copy | undefined} copy
   * @param {(count: number) => void} onBytes
   * @returns {Promise<Uint8Array>}
   */
  async #bytes(chunk, copy, onBytes) {
    const address = this.address(chunk.file);
    const zstd = copy === "zstd" ? await this.#zstd(chunk, `${address}.zst`, onBytes) : undefined;
    const copied = zstd ?? (copy && (await this.#gzip(chunk, `${address}.gz`, onBytes)));
    if (copied !== undefined) return copied;
    return readTwice(async (init) => {
      const response = await this.#get(address, init);
      return this.#checked(chunk, response.body, `${address} (${statusOf(response)})`, onBytes);
    });
  }

  /**
   * The bytes of a copy with zstd, if there is one.
   * @param {Chunk} chunk
   * @param {string} address
   * @param {(count: number) => void} onBytes
   */
  async #zstd(chunk, address, onBytes) {
    return this.#optional(async () => {
      const stream = await beginningWith(await this.#get(address), isZstd);
      return stream && collectUnmeasured(stream, chunk.bytes, onBytes);
    });
  }

  /**
   * The content of a copy with gzip, if there is one.
   * @param {Chunk} chunk
   * @param {string} address
   * @param {(count: number) => void} onBytes
   */
  async #gzip(chunk, address, onBytes) {
    return this.#optional(async () => {
      const stream = await gunzipped(await this.#get(address), isZip);
      return stream && this.#checked(chunk, stream, address, onBytes);
    });
  }

  /**
   * What is read from a copy, or `undefined` if there is no copy or it does not arrive whole: then the file
   * itself may.
   * @template T
   * @param {() => Promise<T | undefined>} read
   * @returns {Promise<T | undefined>}
   */
  async #optional(read) {
    return read().catch(() => {
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
    let count = 0;
    const counted = (/** @type {number} */ more) => {
      count += more;
      onBytes(more);
    };
    try {
      const whole = await collect(stream, chunk.bytes, counted);
      if (await fits(whole, chunk)) return whole;
      throw new FileError(source, "it is not what the manifest says");
    } catch (cause) {
      onBytes(-count);
      this.#signal?.throwIfAborted();
      if (cause instanceof FileError) throw cause;
      throw new FileError(source, `it could not be read to its end (${textOf(cause)})`, cause);
    }
  }

  /**
   * @param {string} file
   * @param {boolean} again
   */
  bytesNow(file, again) {
    const address = this.address(file);
    const request = new XMLHttpRequest();
    request.open("GET", again ? newAddress(address) : address, false);
    // On a page's main thread, a synchronous request may have text as its response, but no binary data.
    if (ON_PAGE) request.overrideMimeType("text/plain; charset=x-user-defined");
    else request.responseType = "arraybuffer";
    try {
      request.send();
    } catch (cause) {
      throw new Error(`${UNREACHABLE} (${textOf(cause)})`, { cause });
    }
    const { status, statusText } = request;
    const headers = { get: (/** @type {string} */ name) => request.getResponseHeader(name) };
    const isComplete = status >= 200 && status <= 299 && status !== 204;
    const answer = statusOf({ ok: isComplete, status, statusText, headers });
    const isGone = status === 404 || status === 410;
    if (!isComplete) throw new Error(`the server answered ${answer}${isGone ? `: ${GONE}` : ""}`);
    if (!ON_PAGE) return { bytes: new Uint8Array(request.response), answer };
    const text = request.responseText;
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return { bytes, answer };
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
    if (copied) return this.#wasm(address, copied);
    return this.#ahead.take(address, () => this.#wasm(address, copied));
  }

  /**
   * @param {string} address
   * @param {boolean} copied
   */
  async #wasm(address, copied) {
    const copy = copied && (await this.#optional(async () => gunzipped(await this.#get(`${address}.gz`), isWasm)));
    return copy ? new Response(copy) : readTwice((init) => this.#get(address, init));
  }

  /**
   * @param {string} address
   * @param {boolean} copied
   */
  async json(address, copied) {
    const text = copied ? await this.#copiedText(address) : undefined;
    if (text !== undefined) return text;
    return readTwice(async (init) => {
      const response = await this.#get(address, init);
      const json = await textFrom(address, response, this.#signal);
      if (json.startsWith("{")) return json;
      throw new FileError(address, `it is no JSON (${statusOf(response)})`);
    });
  }

  /**
   * The text of a file from its copy, if there is one.
   * @param {string} address
   */
  async #copiedText(address) {
    return this.#optional(async () => {
      const stream = await gunzipped(await this.#get(`${address}.gz`), isText);
      return stream && textFrom(address, new Response(stream));
    });
  }

  /**
   * @param {string} address
   * @param {{ copied: boolean }} options
   */
  async load(address, { copied }) {
    const text = copied && (await allowsBlobs()) ? await this.#copiedText(address) : undefined;
    const module = text === undefined ? undefined : await this.#optional(() => importCopy(text));
    return module ?? importScript(address, this.#signal);
  }

  async emptyZip() {
    return this.address("empty.zip");
  }
}
