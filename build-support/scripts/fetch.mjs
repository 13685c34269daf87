/**
 * Fetches files into the cache. `node fetch.mjs JOB.json PARENT` writes a line to standard error for each
 * file that is done.
 *
 * - Incomplete files of this build or an earlier one are continued with `Range`.
 * - Network errors and the statuses 408, 425, 429 and 5xx are retried after growing pauses, or after that of
 *   `Retry-After`.
 * - Redirects are followed.
 * - A file with the right SHA-256 is renamed into place. A wrong file is discarded.
 *
 * Proxies and certificates: see `lib/request.mjs`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { readJob, writeResult } from "./lib/job.mjs";
import { prepare } from "./lib/process.mjs";
import { Failure, asFailure, get, shown } from "./lib/request.mjs";

/** @typedef {import("./jobs.d.ts").FetchFile} FetchFile */
/** @typedef {import("./jobs.d.ts").FetchOutcome} FetchOutcome */

/** How many bytes of a file may wait to be written. */
const AHEAD_BYTES = 8 << 20;

const job = /** @type {import("./jobs.d.ts").FetchJob} */ (readJob());
/** Origins that have answered. */
const answered = new Set();
/**
 * Why origins that never answered can't be reached. No further file waits for them.
 * @type {Map<string, Failure>}
 */
const unreachable = new Map();

/**
 * @param {string} name
 * @returns {URL}
 */
function addressOf(name) {
  if (/^https?:\/\//i.test(name)) return new URL(name);
  const url = new URL(job.base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${encodeURIComponent(name)}`;
  return url;
}

/**
 * @param {import("node:http").IncomingMessage} response
 * @param {import("./lib/request.mjs").Cause} cause
 * @returns {Failure}
 */
function ofStatus({ statusCode = 0, statusMessage = "", headers }, cause) {
  const said = `HTTP ${statusCode} ${statusMessage}`.trim();
  const after = headers["retry-after"] ?? "";
  const date = Date.parse(after) - Date.now();
  const waitMs = /^\d+$/.test(after) ? Number(after) * 1000 : date > 0 ? date : 0;
  if (waitMs > job.waitMs) {
    return new Failure(`${said}, and it asks to wait for ${Math.ceil(waitMs / 1000)} s`, cause);
  }
  const retry = [408, 425, 429].includes(statusCode) || statusCode >= 500;
  return new Failure(said, statusCode === 407 ? "proxy" : cause, { retry, waitMs });
}

/** An incomplete file: what has arrived of it, and the checksum of that. */
class PartialFile {
  /**
   * @param {import("node:fs/promises").FileHandle} handle
   * @param {FetchFile} wanted
   */
  constructor(handle, wanted) {
    this.handle = handle;
    this.wanted = wanted;
    this.size = 0;
    this.hash = createHash("sha256");
  }

  /** Reads what an earlier attempt left. */
  async read() {
    for await (const chunk of this.handle.createReadStream({ start: 0, autoClose: false })) {
      this.hash.update(chunk);
      this.size += chunk.length;
    }
  }

  async clear() {
    await this.handle.truncate(0);
    this.size = 0;
    this.hash = createHash("sha256");
  }

  /** @param {Buffer} chunk */
  async append(chunk) {
    if (this.size + chunk.length > job.bytes) throw tooLarge();
    this.hash.update(chunk);
    for (let done = 0; done < chunk.length; ) {
      const rest = chunk.length - done;
      done += (await this.handle.write(chunk, done, rest, this.size + done)).bytesWritten;
    }
    this.size += chunk.length;
  }

  get sha256() {
    return this.hash.copy().digest("hex");
  }

  get isWhole() {
    return this.sha256 === this.wanted.sha256;
  }
}

function tooLarge() {
  return new Failure(`it is larger than ${job.bytes} bytes`, "content", { discard: true });
}

/**
 * Takes everything that arrives, until the end or an error. With `for await`, bytes that arrived just before
 * the connection broke would be lost.
 * @param {import("node:http").IncomingMessage} response
 * @param {(chunk: Buffer) => Promise<void>} take
 */
async function receive(response, take) {
  let taken = Promise.resolve();
  let ahead = 0;
  response.on("data", (/** @type {Buffer} */ chunk) => {
    ahead += chunk.length;
    if (ahead > AHEAD_BYTES) response.pause();
    taken = taken.then(async () => {
      await take(chunk);
      ahead -= chunk.length;
      if (ahead === 0) response.resume();
    });
    taken.catch((error) => response.destroy(error));
  });
  try {
    await finished(response);
  } finally {
    await taken;
  }
}

/**
 * Makes one attempt to fetch the rest of a file. If the bytes that arrived before can't be continued, they
 * are discarded.
 * @param {PartialFile} part
 * @param {URL} url
 */
async function fetchRest(part, url) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), job.idleMs);
  const from = part.size;
  /** @type {Record<string, string>} */
  const range = from > 0 ? { range: `bytes=${from}-` } : {};
  try {
    const response = await get(url, { "user-agent": job.userAgent, ...range }, {
      signal: silence.signal,
      redirects: job.redirects,
      onAnswer: () => answered.add(url.origin),
    });
    const { statusCode = 0, headers } = response;
    const continues = statusCode === 206 && headers["content-range"]?.startsWith(`bytes ${from}-`);
    if (from > 0 && !continues && [200, 206, 416].includes(statusCode)) await part.clear();
    if (!continues && statusCode !== 200) {
      response.destroy();
      if (part.size < from) return;
      throw ofStatus(response, "status");
    }
    if (part.size + Number(headers["content-length"] ?? 0) > job.bytes) throw tooLarge();
    await receive(response, (chunk) => {
      timer.refresh();
      return part.append(chunk);
    });
    if (part.isWhole) return;
    if (continues) {
      // The bytes that arrived before may be those of another file.
      await part.clear();
      return;
    }
    const kind = [headers["content-type"], headers["content-encoding"]].filter(Boolean);
    const found = `${part.sha256} (${[`${part.size} bytes`, ...kind].join(", ")})`;
    const message = `its SHA-256 is ${found} instead of ${part.wanted.sha256}`;
    // Without a length, a connection that breaks looks like the end.
    const retry = !headers["content-length"] && !headers["transfer-encoding"];
    throw new Failure(message, "content", { discard: true, retry });
  } catch (error) {
    if (!silence.signal.aborted) throw error;
    throw new Failure(`nothing came for ${job.idleMs / 1000} s`, "network", { retry: true });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes attempts until the file is whole.
 * @param {PartialFile} part
 * @param {URL} url
 */
async function complete(part, url) {
  let most = part.size;
  let failed = 0;
  while (!part.isWhole) {
    try {
      await fetchRest(part, url);
    } catch (error) {
      const failure = asFailure(error);
      if (failure.discard) await part.clear();
      failed = part.size > most ? 1 : failed + 1;
      most = Math.max(most, part.size);
      // The length may be wrong: the file can be whole although more was announced.
      if (part.isWhole) return;
      if (!failure.retry || failed >= job.tries) {
        if (failed > 1) failure.message += `; tried ${failed} times`;
        throw failure;
      }
      const pause = job.pauseMs * 2 ** (failed - 1) * (1 + Math.random() / 4);
      await sleep(Math.max(pause, failure.waitMs));
    }
  }
}

/**
 * @param {FetchFile} wanted
 * @param {URL} url
 */
async function fetchFile(wanted, url) {
  const given = unreachable.get(url.origin);
  if (given !== undefined) throw given;
  await mkdir(dirname(wanted.path), { recursive: true });
  const partPath = `${wanted.path}.part`;
  const handle = await open(partPath, constants.O_RDWR | constants.O_CREAT);
  const part = new PartialFile(handle, wanted);
  try {
    await part.read();
    const before = part.size;
    await complete(part, url);
    await handle.datasync();
    await handle.close();
    await rename(partPath, wanted.path);
    const continued = before > 0 ? `, of which ${before} bytes were there` : "";
    console.error(`fetched ${basename(wanted.path)}: ${part.size} bytes${continued}`);
  } catch (error) {
    await handle.close();
    if (part.size === 0) {
      await rm(partPath, { force: true });
      await rmdir(dirname(wanted.path)).catch(() => {});
    }
    const failure = asFailure(error);
    const never = failure.kind === "network" && !answered.has(url.origin);
    if (never) unreachable.set(url.origin, failure);
    throw failure;
  }
}

/**
 * @param {FetchFile} wanted
 * @returns {Promise<FetchOutcome>}
 */
async function outcomeOf(wanted) {
  let url = wanted.name;
  try {
    const address = addressOf(wanted.name);
    url = shown(address);
    await fetchFile(wanted, address);
    return { url, failure: null };
  } catch (error) {
    const { message, kind } = asFailure(error);
    return { url, failure: { message, cause: kind } };
  }
}

await prepare({ prelude: null, network: true });
/** @type {FetchOutcome[]} */
const outcomes = [];
let next = 0;
const workers = Array.from({ length: job.parallel }, async () => {
  while (next < job.files.length) {
    const number = next++;
    outcomes[number] = await outcomeOf(job.files[number]);
  }
});
await Promise.all(workers);
writeResult(job.result, outcomes);
process.exit(0);
