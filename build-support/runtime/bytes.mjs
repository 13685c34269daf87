/**
 * Bytes of archives: their kinds and checksums.
 *
 * @module
 */

/** @typedef {import("./hosts/host.mjs").Chunk} Chunk */

export const EMPTY_ZIP = Uint8Array.of(80, 75, 5, 6, ...new Array(18).fill(0));

/** @param {Uint8Array} bytes */
export function isZip(bytes) {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** @param {Uint8Array} bytes */
export function isWasm(bytes) {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** @param {Uint8Array} bytes */
export function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @param {Uint8Array} bytes */
export function isZstd(bytes) {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

/**
 * Whether these are the bytes of a chunk. On insecure origins there is no `crypto.subtle`, and the CRC-32
 * decides.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Chunk} chunk
 */
export async function fits(bytes, chunk) {
  if (bytes.length !== chunk.bytes) return false;
  if (globalThis.crypto?.subtle === undefined) return crc32(bytes) === chunk.crc32;
  return (await digestOf(bytes, "SHA-256")) === chunk.sha256;
}

/**
 * A digest in base64, on secure origins.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {"SHA-256" | "SHA-384" | "SHA-512"} algorithm
 */
export async function digestOf(bytes, algorithm) {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest(algorithm, bytes))));
}

/** @type {Uint32Array | undefined} */
let crcTable;

/**
 * The checksum that zip and gzip use.
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
