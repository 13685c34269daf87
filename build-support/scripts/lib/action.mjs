/**
 * The entries below `ac/` of a shared cache: messages `ActionResult` of Bazel's remote execution API, version 2,
 * in the binary format of Protocol Buffers. Servers such as bazel-remote refuse everything else. Only these fields
 * are used; others are passed over, because a server may add some:
 *
 *     ActionResult { repeated OutputFile output_files = 2; }
 *     OutputFile   { string path = 1; Digest digest = 2; }
 *     Digest       { string hash = 1; int64 size_bytes = 2; }
 *
 * @module
 */

/** @typedef {import("../jobs.d.ts").RemoteFile} RemoteFile */

/** The kinds of fields: a number, eight bytes, bytes with their length, four bytes. */
const [NUMBER, EIGHT, BYTES, FOUR] = [0, 1, 2, 5];

/**
 * @param {number} value
 * @returns {number[]} seven bits in each byte, the lowest first
 */
function varint(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/**
 * @param {number} number
 * @param {string | Buffer} content
 */
function field(number, content) {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + BYTES, ...varint(bytes.length)]), bytes]);
}

/**
 * @param {RemoteFile[]} files
 * @returns {Buffer}
 */
export function encodeAction(files) {
  const encoded = files.map(({ path, sha256, bytes }) => {
    const digest = Buffer.concat([field(1, sha256), Buffer.from([2 * 8 + NUMBER, ...varint(bytes)])]);
    return field(2, Buffer.concat([field(1, path), field(2, digest)]));
  });
  return Buffer.concat(encoded);
}

/**
 * @param {Buffer} message
 * @returns {Generator<[number: number, value: Buffer | number]>} the fields; throws if it is no message
 */
function* fieldsOf(message) {
  let at = 0;
  const number = () => {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined || factor > 2 ** 63) throw new Error("a number is cut");
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = number();
    const kind = tag % 8;
    if (kind === NUMBER) {
      yield [Math.floor(tag / 8), number()];
      continue;
    }
    const length = kind === BYTES ? number() : kind === EIGHT ? 8 : kind === FOUR ? 4 : NaN;
    if (!(at + length <= message.length)) throw new Error("a field is cut");
    yield [Math.floor(tag / 8), message.subarray(at, (at += length))];
  }
}

/**
 * @param {Buffer} message
 * @param {number} number
 * @returns {(Buffer | number)[]} the values of a field
 */
function values(message, number) {
  return [...fieldsOf(message)].filter(([other]) => other === number).map(([, value]) => value);
}

/** @param {Buffer | number | undefined} value */
function message(value) {
  if (Buffer.isBuffer(value)) return value;
  throw new Error("a field is missing");
}

/**
 * @param {Buffer} bytes
 * @returns {RemoteFile[]} throws if it is no entry, or one with paths that lead out of a folder
 */
export function decodeAction(bytes) {
  const files = values(bytes, 2).map((value) => {
    const file = message(value);
    const path = message(values(file, 1)[0]).toString();
    const digest = message(values(file, 2)[0]);
    const sha256 = message(values(digest, 1)[0]).toString();
    const size = Number(values(digest, 2)[0] ?? 0);
    if (!/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size)) throw new Error("a digest is wrong");
    const isInside = path.split("/").every((name) => !["", ".", ".."].includes(name));
    if (!isInside || /[\\:\0]/.test(path)) throw new Error(`the path ${JSON.stringify(path)} is wrong`);
    return { path, sha256, bytes: size };
  });
  if (files.length === 0) throw new Error("it has no files");
  return files;
}
