/**
 * How the loader reads the files beside it: in browsers through the network, as compressed as the
 * host and the browser allow it; in Node from the disk.
 *
 * @module
 */

import { isZstd } from "./zstd.mjs";

const EMPTY_ZIP = Uint8Array.of(80, 75, 5, 6, ...new Array(18).fill(0));
export const IN_NODE = typeof process === "object" && typeof process.versions?.node === "string";
export const ON_PAGE = typeof document === "object" && typeof window === "object";

/** @param {Uint8Array} bytes */
export function isZip(bytes) {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** @param {Uint8Array} bytes */
export function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * @typedef {object} Part
 * @property {string} file name relative to the bundle's address
 * @property {number} bytes
 * @property {string} sha256 in base64
 * @property {number} crc32
 * @property {boolean} hot whether it is loaded at the start
 * @property {boolean} [source] whether it has sources of bytecode, for tracebacks
 * @property {string} distribution
 * @property {number} [embedded] offset of the part in pyodide-package-bundle.zip; if it is cold, in
 *   pyodide-package-cold.zip
 */

/** @typedef {"zstd" | "gzip"} Copy */

/**
 * @typedef {object} Manifest
 * @property {1} schema
 * @property {Copy[]} siblings compressed copies beside each hot part, `NAME.gz` and
 *   `NAME.zst`, the smallest first
 * @property {{ version: string, asm: string, packageBaseUrl: string | null, env: { PYTHONPATH: string } }} pyodide
 * @property {Part[]} parts
 * @property {import("./packfs.mjs").Dirs} dirs files whose part is not among `parts` were dropped, but
 *   have to be seen
 * @property {Record<string, Record<string, string[]>>} dropped what is nowhere: distribution -> folder ->
 *   names
 * @property {{ name: string, version: string, channel: string }[]} packages
 * @property {{ path: string, library: boolean, bytes: number }[]} sideModules in load order
 */

/**
 * How files beside the loader are read.
 * @typedef {object} Host
 * @property {(file: string) => string} address
 * @property {(file: string, integrity?: string) => Promise<string>} text
 * @property {(part: Part) => Promise<boolean>} compresses whether it takes care of compression itself
 * @property {(part: Part, copy: Copy | undefined, onBytes: (count: number) => void) => Promise<Uint8Array>} bytes
 *   checked, from this compressed copy, if there is one; but those of zstd as they come
 * @property {(file: string, again: boolean) => Uint8Array} bytesNow without returning to the event loop;
 *   with `again` under an address that no cache knows
 * @property {(format: "gzip" | "brotli") => boolean} inflates
 * @property {(format: "gzip" | "brotli", bytes: Uint8Array) => Promise<Uint8Array>} inflate
 * @property {(address: string) => Promise<any>} load a module
 * @property {(alone: boolean) => Promise<string>} emptyZip address of an empty zip, whether there
 *   are files beside the loader or it is alone
 */

/**
 * @param {string | URL} base address of a folder
 * @param {AbortSignal} [signal] ends what is being fetched
 * @returns {Promise<Host>}
 */
export async function hostOf(base, signal) {
  return IN_NODE ? nodeHost(base) : browserHost(base, signal);
}

/**
 * @param {string | URL} base
 * @param {AbortSignal} [signal]
 * @returns {Host}
 */
function browserHost(base, signal) {
  const root = new URL(directory(String(base)), globalThis.location?.href);
  const address = (/** @type {string} */ file) => new URL(file, root).href;
  const get = async (/** @type {string} */ file, /** @type {RequestInit} */ init = {}) => {
    const response = await fetch(address(file), { signal, ...init });
    if (!response.ok) throw new Error(`${address(file)}: ${response.status} ${response.statusText}`);
    return response;
  };
  return {
    address,
    async text(file, integrity) {
      if (integrity === undefined) return (await get(file)).text();
      // Why a fetch with a digest failed is told to nobody but the console.
      const response = await get(file, { integrity }).catch((cause) => {
        signal?.throwIfAborted();
        throw new Error(`${address(file)} is not what \`integrity\` says, or not there`, { cause });
      });
      return response.text();
    },
    async compresses({ file, bytes }) {
      if (!inflates("gzip")) return true;
      try {
        const response = await fetch(address(file), { method: "HEAD", signal });
        const { ok, headers } = response;
        await response.arrayBuffer(); // or it counts as given up
        const encoding = headers.get("content-encoding") ?? "identity";
        // Of another origin, the encoding is hidden and the length is not.
        const length = Number(headers.get("content-length"));
        return ok && (encoding !== "identity" || (length > 0 && length < bytes));
      } catch {
        return false;
      }
    },
    async bytes(part, copies, onBytes) {
      const { file, bytes, sha256 } = part;
      if (copies === "zstd") {
        const response = await fetch(address(`${file}.zst`), { signal });
        const copy = await beginningWith(response, isZstd);
        if (copy !== undefined) return collectUnmeasured(copy, bytes, onBytes);
      }
      const copy = copies && (await gunzipped(await fetch(address(`${file}.gz`))));
      if (copy !== undefined) {
        const whole = await collect(copy, bytes, onBytes).catch((cause) => {
          throw new Error(`${address(file)}.gz could not be read`, { cause });
        });
        if (await fits(whole, part)) return whole;
        throw new Error(`${address(file)}.gz is not what the manifest says`);
      }
      // Given a digest, a browser hands nothing over before the last byte is there.
      const own = globalThis.crypto?.subtle !== undefined;
      const { body } = await get(file, own ? {} : { integrity: `sha256-${sha256}` });
      const whole = body === null ? new Uint8Array() : await collect(body, bytes, onBytes);
      if (own && !(await fits(whole, part))) throw new Error(`${address(file)} is not what the manifest says`);
      return whole;
    },
    inflates,
    async inflate(format, bytes) {
      const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream();
      const whole = new Response(stream.pipeThrough(decompression(format)));
      return new Uint8Array(await whole.arrayBuffer());
    },
    bytesNow(file, again) {
      const request = new XMLHttpRequest();
      request.open("GET", again ? `${address(file)}?again=${Date.now()}` : address(file), false);
      // The page's main thread may not ask for binary data synchronously, only for text.
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
    },
    load: (url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url),
    emptyZip: async (alone) =>
      alone ? URL.createObjectURL(new Blob([EMPTY_ZIP])) : address("empty.zip"),
  };
}

/**
 * @param {"gzip" | "brotli"} format which browsers know before the types do
 * @returns {ReadableWritablePair<Uint8Array, BufferSource>}
 */
function decompression(format) {
  return new DecompressionStream(/** @type {CompressionFormat} */ (format));
}

/** @param {"gzip" | "brotli"} format */
function inflates(format) {
  try {
    return decompression(format) !== undefined;
  } catch {
    return false;
  }
}

/**
 * What a compressed copy holds, or `undefined` if there is none. Some hosts take the name for a reason
 * to have it inflated already.
 * @param {Response} response
 * @returns {Promise<ReadableStream<Uint8Array> | undefined>}
 */
async function gunzipped(response) {
  let inflated = false;
  const stream = await beginningWith(response, (bytes) => (inflated = isZip(bytes)) || isGzip(bytes));
  return inflated ? stream : stream?.pipeThrough(decompression("gzip"));
}

/**
 * What came, or `undefined` if it is something else: an address may answer with the page for wrong
 * addresses, too.
 * @param {Response} response
 * @param {(bytes: Uint8Array) => boolean} wanted whether its first bytes are those of what was asked for
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined>}
 */
async function beginningWith({ ok, body }, wanted) {
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
 * A stream of unknown length, reported as if it were `size` bytes when it is there.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {number} size
 * @param {(count: number) => void} onBytes
 */
async function collectUnmeasured(stream, size, onBytes) {
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  onBytes(size);
  return whole;
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} size that it must not exceed
 * @param {(count: number) => void} onBytes
 */
async function collect(stream, size, onBytes) {
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

/**
 * Whether these are the bytes of a part. There is no `subtle` at addresses that are not secure.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Part} part
 */
export async function fits(bytes, part) {
  if (bytes.length !== part.bytes) return false;
  if (globalThis.crypto?.subtle === undefined) return crc32(bytes) === part.crc32;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest)) === part.sha256;
}

/**
 * @param {string | URL} base a path or a file URL
 * @returns {Promise<Host>}
 */
async function nodeHost(base) {
  const module = (/** @type {string} */ name) => import(/* @vite-ignore */ name);
  const fs = await module("node:fs");
  const { createHash } = await module("node:crypto");
  const os = await module("node:os");
  const path = await module("node:path");
  const { fileURLToPath, pathToFileURL } = await module("node:url");
  const zlib = await module("node:zlib");
  const text = String(base);
  const root = text.startsWith("file:") ? fileURLToPath(text) : path.resolve(text);
  const address = (/** @type {string} */ file) => path.join(root, file);
  // A copy: small files of Node's lie in a buffer that they share.
  const bytesNow = (/** @type {string} */ file) => new Uint8Array(fs.readFileSync(address(file)));
  return {
    address,
    async text(file, integrity) {
      const bytes = bytesNow(file);
      if (integrity !== undefined) {
        const digests = [...integrity.matchAll(/\b(sha(?:256|384|512))-(\S+)/g)];
        // As in browsers, the strongest algorithm counts.
        const strongest = digests.map(([, algorithm]) => algorithm).sort().pop();
        const is = (/** @type {string[]} */ [, algorithm, digest]) =>
          algorithm === strongest && createHash(algorithm).update(bytes).digest("base64") === digest;
        if (!digests.some(is)) throw new Error(`${address(file)} is not what \`integrity\` says`);
      }
      return new TextDecoder().decode(bytes);
    },
    compresses: async () => true,
    async bytes({ file, sha256 }, _copy, onBytes) {
      const bytes = bytesNow(file);
      if (createHash("sha256").update(bytes).digest("base64") !== sha256) {
        throw new Error(`${address(file)} is not what the manifest says`);
      }
      onBytes(bytes.length);
      return bytes;
    },
    bytesNow,
    inflates: () => true,
    inflate: async (format, bytes) =>
      new Uint8Array(format === "gzip" ? zlib.gunzipSync(bytes) : zlib.brotliDecompressSync(bytes)),
    load: (file) => import(/* @vite-ignore */ file.includes("://") ? file : pathToFileURL(file).href),
    async emptyZip(alone) {
      if (!alone) return address("empty.zip");
      const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "pyodide-pack-")), "empty.zip");
      fs.writeFileSync(file, EMPTY_ZIP);
      return file;
    },
  };
}

/** @param {string} address */
export function directory(address) {
  return address.endsWith("/") ? address : `${address}/`;
}

/** @type {Uint32Array | undefined} */
let crcTable;

/**
 * The checksum of zip and gzip.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes) {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, value) => {
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]) & 255];
  return (crc ^ -1) >>> 0;
}
