/**
 * Reads and writes a shared cache by the HTTP protocol of Bazel's remote caches. `node remote.mjs JOB.json PARENT`.
 *
 * - `ac/KEY` is an entry, which lists files; `cas/SHA256` is a file.
 * - A file with another SHA-256 or another size is wrong. It and its entry are ignored and named.
 * - Nothing is tried twice. After the first other failure, nothing further is requested.
 * - An entry is written after its files, so that it never lists what does not exist.
 *
 * Proxies and certificates: see `lib/request.mjs`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";

import { decodeAction, encodeAction } from "./lib/action.mjs";
import { readJob, writeResult } from "./lib/job.mjs";
import { prepare } from "./lib/process.mjs";
import { Failure, asFailure, get, request } from "./lib/request.mjs";

/** @typedef {import("./jobs.d.ts").RemoteFile} RemoteFile */
/** @typedef {{ file: RemoteFile, source: string, skip: number }} Pending */

/** The largest entry: thousands of files. */
const ENTRY_BYTES = 16 << 20;
/** The size of a piece that is sent. */
const PIECE_BYTES = 64 << 10;
/** Statuses of what does not exist. */
const MISSING = [204, 404, 410];

const job = /** @type {import("./jobs.d.ts").RemoteJob} */ (readJob());
const base = new URL(process.env.PYODIDE_PACK_REMOTE_CACHE ?? "");
const token = process.env.PYODIDE_PACK_REMOTE_CACHE_TOKEN ?? "";
/** @type {Record<string, string>} */
const headers = { "user-agent": job.userAgent, ...(token && { authorization: `Bearer ${token}` }) };
/** @type {Map<string, string>} */
const wrong = new Map();
/** Cancels everything. */
const end = new AbortController();
const state = {
  /** @type {import("./jobs.d.ts").RemoteFailure | null} */
  failure: null,
  written: 0,
};

/** A failure with the status of the answer. */
class StatusFailure extends Failure {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message, status === 407 ? "proxy" : "status");
    this.status = status;
  }
}

/** @param {string} path */
function addressOf(path) {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  return url;
}

/** @param {Buffer} bytes */
function sha256Of(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Makes one request, which fails if nothing happens for a while.
 * @template T
 * @param {string} what
 * @param {(how: import("./lib/request.mjs").RequestOptions, refresh: () => void) => Promise<T>} run
 * @returns {Promise<T>}
 */
async function within(what, run) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), job.idleMs);
  const signal = AbortSignal.any([silence.signal, end.signal]);
  try {
    return await run({ signal, connectMs: job.connectMs, keep: true }, () => timer.refresh());
  } catch (error) {
    const silent = new Failure(`nothing came for ${job.idleMs / 1000} s`, "network");
    const failed = silence.signal.aborted ? silent : asFailure(error);
    failed.message = `${what}: ${failed.message}`;
    throw failed;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {import("node:http").IncomingMessage} response
 * @returns {StatusFailure}
 */
function ofStatus({ statusCode = 0, statusMessage = "" }) {
  return new StatusFailure(`HTTP ${statusCode} ${statusMessage}`.trim(), statusCode);
}

/**
 * @param {string} path
 * @param {number} limit the largest allowed size
 * @returns {Promise<{ bytes: Buffer, kind: string } | undefined>} `undefined` if the server does not have it; of a
 *   larger file only the start
 */
function download(path, limit) {
  return within(`GET ${path}`, async (how, refresh) => {
    const response = await get(addressOf(path), headers, { ...how, redirects: job.redirects });
    if (response.statusCode !== 200) {
      response.resume();
      if (MISSING.includes(response.statusCode ?? 0)) return undefined;
      throw ofStatus(response);
    }
    const pieces = [];
    let size = 0;
    for await (const piece of response) {
      refresh();
      pieces.push(piece);
      size += piece.length;
      if (size > limit) break;
    }
    return { bytes: Buffer.concat(pieces), kind: response.headers["content-type"] ?? "" };
  });
}

/**
 * @param {string} path
 * @param {Buffer} content
 */
function upload(path, content) {
  return within(`PUT ${path}`, async (how, refresh) => {
    const pieces = function* () {
      for (let at = 0; at < content.length; at += PIECE_BYTES) {
        refresh();
        yield content.subarray(at, at + PIECE_BYTES);
      }
    };
    const further = { ...headers, "content-length": `${content.length}`, "content-type": "application/octet-stream" };
    const response = await request(addressOf(path), further, { ...how, method: "PUT", body: Readable.from(pieces()) });
    response.resume();
    if (![200, 201, 202, 204].includes(response.statusCode ?? 0)) throw ofStatus(response);
    state.written += content.length;
  });
}

/**
 * @param {RemoteFile} file
 * @returns {Promise<boolean>} whether the server has the file, as far as it says
 */
function exists({ sha256, bytes }) {
  const path = `cas/${sha256}`;
  if (job.wrong.includes(path)) return Promise.resolve(false);
  return within(`HEAD ${path}`, async (how) => {
    const response = await request(addressOf(path), headers, { ...how, method: "HEAD" });
    response.resume();
    const { statusCode = 0, headers: said } = response;
    // Not every store knows HEAD.
    if ([...MISSING, 403, 405, 501].includes(statusCode)) return false;
    if (statusCode !== 200) throw ofStatus(response);
    return Number(said["content-length"] ?? bytes) === bytes;
  });
}

/**
 * @param {string} path
 * @param {string} message
 */
function isWrong(path, message) {
  wrong.set(path, message);
  return null;
}

/**
 * Calls `run` for every item, for several at the same time.
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R>} run
 * @returns {Promise<R[]>}
 */
async function each(items, run) {
  /** @type {R[]} */
  const results = [];
  const queue = items.entries();
  const work = async () => {
    for (const [number, item] of queue) results[number] = await run(item);
  };
  await Promise.all(Array.from({ length: job.parallel }, work));
  return results;
}

/**
 * @param {string} key
 * @returns {Promise<RemoteFile[] | null>} the files of an entry
 */
async function readEntry(key) {
  const path = `ac/${key}`;
  const entry = await download(path, ENTRY_BYTES);
  if (entry === undefined) return null;
  try {
    const files = decodeAction(entry.bytes);
    const large = files.find(({ bytes }) => bytes > job.bytes);
    if (large !== undefined) throw new Error(`${large.path} has more than ${job.bytes} bytes`);
    return files;
  } catch (error) {
    const kind = [`${entry.bytes.length} bytes`, entry.kind].filter(Boolean).join(", ");
    return isWrong(path, `it is no entry (${kind}): ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * @param {RemoteFile} file
 * @param {string[]} targets
 * @returns {Promise<boolean>} whether the file is there now
 */
async function readFile({ sha256, bytes }, targets) {
  const path = `cas/${sha256}`;
  const content = bytes === 0 ? { bytes: Buffer.alloc(0), kind: "" } : await download(path, bytes);
  if (content === undefined) return false;
  const found = sha256Of(content.bytes);
  if (found !== sha256) {
    const size = content.bytes.length;
    const kind = [`${size > bytes ? "more than " : ""}${Math.min(size, bytes)} of ${bytes} bytes`, content.kind];
    isWrong(path, `its SHA-256 is ${found} (${kind.filter(Boolean).join(", ")})`);
    return false;
  }
  for (const target of targets) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content.bytes);
  }
  return true;
}

/** @returns {Promise<import("./jobs.d.ts").RemoteFound[]>} */
async function readAll() {
  /** @type {import("./jobs.d.ts").RemoteFound[]} */
  const entries = await each(job.reads, ({ key }) => readEntry(key));
  /** @type {Map<string, { file: RemoteFile, targets: string[] }>} */
  const wanted = new Map();
  entries.forEach((files, number) => {
    for (const file of files ?? []) {
      const targets = wanted.get(file.sha256)?.targets ?? [];
      targets.push(join(job.reads[number].folder, file.path));
      wanted.set(file.sha256, { file, targets });
    }
  });
  /** @type {Set<string>} */
  const present = new Set();
  const reading = each([...wanted.values()], async ({ file, targets }) => {
    if (await readFile(file, targets)) present.add(file.sha256);
  });
  // Entries whose files have come are of use, whatever happens to others.
  await reading.catch(fail);
  return entries.map((files) => (files?.every(({ sha256 }) => present.has(sha256)) ? files : null));
}

async function writeAll() {
  /** @type {Map<string, Pending>} */
  const uploads = new Map();
  const entries = job.writes.map(({ key, files }) => {
    const listed = files.map(({ path, source, skip }) => {
      const content = readFileSync(source).subarray(skip);
      const file = { path, sha256: sha256Of(content), bytes: content.length };
      if (file.bytes > 0) uploads.set(file.sha256, { file, source, skip });
      return file;
    });
    return { key, files: listed };
  });
  const all = [...uploads.values()].sort((a, b) => a.file.bytes - b.file.bytes);
  /** @param {Pending} one */
  const write = async ({ file, source, skip }) => {
    if (await exists(file)) return;
    await upload(`cas/${file.sha256}`, readFileSync(source).subarray(skip));
  };
  // The smallest first, alone: a server that refuses may close the connection before a larger one is sent.
  await each(all.slice(0, 1), write);
  await each(all.slice(1), write);
  await each(entries, ({ key, files }) => upload(`ac/${key}`, encodeAction(files)));
}

/** @param {unknown} error */
function fail(error) {
  if (state.failure !== null) return;
  const { message, kind } = asFailure(error);
  state.failure = { message, cause: kind, status: error instanceof StatusFailure ? error.status : 0 };
  end.abort();
}

await prepare({ prelude: null, network: true });
const timer = setTimeout(() => fail(new Failure(`it took more than ${job.totalMs / 1000} s`, "network")), job.totalMs);
/** @type {import("./jobs.d.ts").RemoteFound[]} */
let found = job.reads.map(() => null);
try {
  found = await readAll();
  if (state.failure === null) await writeAll();
} catch (error) {
  fail(error);
}
clearTimeout(timer);
/** @type {import("./jobs.d.ts").RemoteAnswer} */
const answer = { found, wrong: Array.from(wrong, ([path, message]) => ({ path, message })), ...state };
writeResult(job.result, answer);
process.exit(0);
