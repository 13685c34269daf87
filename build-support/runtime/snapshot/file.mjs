/**
 * Snapshots of Python's memory, as files: what the loader must know, and the pages that are not zero.
 *
 * Magic number, lengths of header and state (both `u32`, little-endian), header as JSON, state, pages. The state is
 * what Pyodide writes in front of the memory, and reads itself.
 *
 * @module
 */

/** `PYMEM`, and the version of the format. */
const MAGIC = [0x50, 0x59, 0x4d, 0x45, 0x4d, 0, 0, 1];
const PAGE_BYTES = 4096;
/** Pages of WebAssembly, in which memory grows. */
const GROWTH_BYTES = 65536;
const START_BYTES = MAGIC.length + 8;
/** The state is read as numbers of this size. */
const ALIGNMENT = 16;

/**
 * @typedef {object} Header
 * @property {number} memory bytes of the memory
 * @property {number} table slots of the table of functions
 * @property {number} symbols checksum of the symbols and their addresses before the side modules
 * @property {Record<string, number>} functions the slots of exported functions in that table, by name
 * @property {string[]} modules paths of the side modules, in their order
 * @property {[handle: number, path: string][]} handles of side modules that Python has open
 * @property {boolean} localZones whether there are local time zones of `dateutil`
 * @property {Record<string, string>} environ the environment at the start
 * @property {[first: number, count: number][]} runs of pages that are not zero, ascending
 */

/** @typedef {{ header: Header, state: Uint8Array, pages: Uint8Array }} Snapshot */

/**
 * @param {Omit<Header, "memory" | "runs">} about
 * @param {Uint8Array} state
 * @param {Uint8Array} memory
 * @returns {Uint8Array}
 */
export function writeSnapshot(about, state, memory) {
  /** @type {Header["runs"]} */
  const runs = [];
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / 8);
  const isZero = (/** @type {number} */ page) => {
    const end = ((page + 1) * PAGE_BYTES) / 8;
    for (let at = (page * PAGE_BYTES) / 8; at < end; at++) if (words[at] !== 0n) return false;
    return true;
  };
  for (let page = 0; page < memory.length / PAGE_BYTES; page++) {
    if (isZero(page)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === page) last[1] += 1;
    else runs.push([page, 1]);
  }
  const header = JSON.stringify({ memory: memory.length, ...about, runs });
  const padding = -(START_BYTES + new TextEncoder().encode(header).length) & (ALIGNMENT - 1);
  const text = new TextEncoder().encode(header + " ".repeat(padding));
  const lengths = new Uint8Array(Uint32Array.of(text.length, state.length).buffer);
  const parts = [Uint8Array.from(MAGIC), lengths, text, state];
  for (const [first, count] of runs) parts.push(memory.subarray(first * PAGE_BYTES, (first + count) * PAGE_BYTES));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes the first of a file */
export function isSnapshot(bytes) {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

/**
 * Reads a file that has not been checked.
 * @param {Uint8Array} bytes
 * @returns {Snapshot}
 */
export function readSnapshot(bytes) {
  if (bytes.length < START_BYTES || !isSnapshot(bytes)) throw new Error("it is no snapshot of this version");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [headerBytes, stateBytes] = [MAGIC.length, MAGIC.length + 4].map((at) => view.getUint32(at, true));
  const [stateAt, pagesAt] = [START_BYTES + headerBytes, START_BYTES + headerBytes + stateBytes];
  if (pagesAt > bytes.length) throw new Error("it is cut off");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(START_BYTES, stateAt)));
  checkHeader(header, bytes.length - pagesAt);
  // A copy: Pyodide reads it as numbers, from the start of its buffer.
  return { header, state: bytes.slice(stateAt, pagesAt), pages: bytes.subarray(pagesAt) };
}

/**
 * Replaces the whole memory.
 * @param {Snapshot} snapshot
 * @param {Uint8Array} memory at least as long as that of the snapshot
 */
export function fillMemory({ header: { runs }, pages }, memory) {
  let [end, at] = [0, 0];
  for (const [first, count] of runs) {
    const [start, length] = [first * PAGE_BYTES, count * PAGE_BYTES];
    memory.fill(0, end, start);
    memory.set(pages.subarray(at, at + length), start);
    [end, at] = [start + length, at + length];
  }
  memory.fill(0, end);
}

/**
 * @param {any} header
 * @param {number} pagesBytes
 */
function checkHeader(header, pagesBytes) {
  const isCount = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
  const isText = (/** @type {unknown} */ value) => typeof value === "string";
  const { memory, table, symbols, functions, modules, handles, localZones, environ, runs } = header ?? {};
  const fits =
    [memory, table, symbols].every(isCount) &&
    memory % GROWTH_BYTES === 0 &&
    [modules, handles, runs].every(Array.isArray) &&
    modules.every(isText) &&
    handles.every((/** @type {any} */ pair) => isCount(pair?.[0]) && modules.includes(pair[1])) &&
    typeof localZones === "boolean" &&
    Object.values(functions ?? [-1]).every(isCount) &&
    Object.values(environ ?? [0]).every(isText);
  if (!fits) throw new Error("its header has another form");
  let [end, bytes] = [0, 0];
  for (const run of runs) {
    const [first, count] = Array.isArray(run) ? run : [];
    if (!isCount(first) || !isCount(count) || first < end) throw new Error("its pages are not in order");
    end = first + count;
    bytes += count * PAGE_BYTES;
  }
  if (end * PAGE_BYTES > memory || bytes !== pagesBytes) throw new Error("it has not the pages of its header");
}
