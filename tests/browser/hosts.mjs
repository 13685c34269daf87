// The loader on three kinds of hosts: one that compresses nothing, one that compresses everything, and one
// without compressed copies that answers every address with a page. Also with embedded bytes, on a page and
// in a worker.
//
//     node hosts.mjs OUT_DIR

import { cp, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { check, listen, mediaType, run, unexpected, watch } from "./harness.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node hosts.mjs OUT_DIR");
  process.exit(2);
}

const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const PAGE = "<!doctype html><title>Hosts</title><link rel=icon href='data:,'>";

// A debug build has no copies, so this test makes them, and changes the manifest.
const served = join(out, "pyodide-pack");
const manifest = JSON.parse(await readFile(join(served, "manifest.json"), "utf8"));
manifest.copies = ["zstd", "gzip"];
/** @type {Map<string, Uint8Array>} by path */
const made = new Map([[join(served, "manifest.json"), Buffer.from(JSON.stringify(manifest))]]);
const { loadBundle } = await import(pathToFileURL(join(served, "loader.js")).href);
const { _module: zstd } = (await loadBundle()).pyodide;
const digest = (/** @type {Uint8Array} */ bytes) =>
  `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
const own = await readFile(join(served, "manifest.json"));
const altered = made.get(join(served, "manifest.json")) ?? own;
/** @type {(integrity: string) => Promise<string>} */
const inNode = (integrity) =>
  loadBundle({ integrity }).then(() => "loaded", (/** @type {Error} */ error) => error.message);
check("Node takes the manifest that was meant", await inNode(`sha256-x ${digest(own)}`), "loaded");
check("and no other", (await inNode(digest(altered))).includes("manifest.json: it is not what `integrity` says"));
// A lazy chunk that is gone, when all of them are wanted at the start.
const partial = await mkdtemp(join(tmpdir(), "partial-"));
await cp(served, partial, { recursive: true });
const gone = (await readdir(join(partial, "lazy"))).find((name) => name.endsWith(".zip")) ?? "";
await rm(join(partial, "lazy", gone));
const ahead = await loadBundle({ baseURL: partial, prefetch: "start" }).then(
  () => "loaded",
  (/** @type {Error} */ error) => error.message,
);
check("Node names a chunk that can't be fetched ahead", ahead.includes(gone) ? "" : ahead, "");
await rm(partial, { recursive: true });
const { asm, folder } = manifest.pyodide;
const core = ["pyodide.asm.wasm", "pyodide-lock.json", asm.replace(/\.mjs$/, ".js")].map((name) => join(served, folder, name));
const zips = ["pyodide-package-bundle.zip", "python_stdlib_stripped.zip"].map((name) => join(out, name));
for (const file of [...core, ...zips]) made.set(`${file}.gz`, gzipSync(await readFile(file), { level: 1 }));
for (const name of await readdir(served)) {
  if (!/^(app|bundle|stdlib)\..*\.zip$/.test(name)) continue;
  const bytes = await readFile(join(served, name));
  made.set(join(served, `${name}.gz`), gzipSync(bytes, { level: 1 }));
  const limit = zstd._ZSTD_compressBound(bytes.length);
  const [from, to] = [zstd._malloc(bytes.length), zstd._malloc(limit)];
  zstd.HEAPU8.set(bytes, from);
  const size = zstd._ZSTD_compress(to, limit, from, bytes.length, 3);
  made.set(join(served, `${name}.zst`), zstd.HEAPU8.slice(to, to + size));
}

/** @type {string[]} */
let asked = [];
/** Whether the first files were requested while the manifest was on its way from the host `late`. */
let isAhead = false;

/** Waits for the requests for the first files, but not for ever. */
async function firstFiles() {
  const wanted = [/^GET .*\.asm\.wasm$/, /^GET .*stdlib\..*\.zip$/];
  for (let waited = 0; waited < 500 && !isAhead; waited += 1) {
    isAhead = wanted.every((name) => asked.some((line) => name.test(line)));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const server = createServer(async (request, response) => {
  const [, host, file] = /^\/(\w*)\/?(.*)$/.exec(request.url?.split("?")[0] ?? "") ?? [];
  asked.push(`${request.method} ${file}`);
  const path = join(out, file);
  const there = file !== "" && (made.has(path) || (await stat(path).catch(() => undefined))?.isFile());
  if (!there || (host === "page" && /\.(gz|zst)$/.test(file))) {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(PAGE);
    return;
  }
  let body = made.get(path) ?? (await readFile(path));
  if (host === "late" && file.endsWith("/manifest.json")) await firstFiles();
  if (host === "damaged" && file.includes("/bundle.")) body = body.map((byte, at) => (at === 99 ? byte ^ 1 : byte));
  response.setHeader("content-type", mediaType(file));
  if (host === "compressing" || host === "late") {
    // WebKit takes Brotli by TLS only.
    const brotli = String(request.headers["accept-encoding"]).includes("br");
    response.setHeader("content-encoding", brotli ? "br" : "gzip");
    body = brotli ? brotliCompressSync(body, QUICK) : gzipSync(body, { level: 1 });
  }
  response.setHeader("content-length", body.length);
  response.end(request.method === "HEAD" ? undefined : body);
});

/** The requests for chunks, without their names. */
function requestedZips() {
  const names = asked.filter((line) => /\.zip(\.gz|\.zst)?$/.test(line) && !line.includes("empty"));
  const kinds = names.map((line) => line.replace(/ .*?\.zip/, " zip"));
  asked = [];
  return [...new Set(kinds)].join(", ");
}

/**
 * Loads the bundle from a host, and runs the app.
 * @param {Page} page
 * @param {string} base address of the outputs
 * @param {{ compression?: "auto" | "host" | "gzip" | "zstd", worker?: true }} [options]
 */
async function load(page, base, options = {}) {
  return page.evaluate(
    async ([base, options]) => {
      const { loadBundle, loadWorker } = await import(`${base}loader.js`);
      const { worker, ...given } = options;
      /** @type {{ loaded: number, total: number } | undefined} */
      let last;
      const onProgress = (/** @type {any} */ event) => (last = event);
      const python = await (worker ? loadWorker : loadBundle)({ ...given, onProgress });
      const query = /** @type {const} */ (["SELECT 1 AS a", "duckdb", "postgres"]);
      const text = worker
        ? await python.call("app.transpile", ...query)
        : python.pyodide.pyimport("app").transpile(...query);
      if (worker) python.terminate();
      return text === "SELECT\n  1 AS a;" && last?.loaded === last?.total;
    },
    /** @type {const} */ ([`${base}pyodide-pack/`, options]),
  );
}

/**
 * Checks which copies are requested from which host.
 * @param {Page} page
 * @param {string} address
 */
async function checkCopies(page, address) {
  const from = (/** @type {string} */ host, /** @type {Parameters<typeof load>[2]} */ options = {}) =>
    load(page, `${address}${host}/`, options);
  check("a host that compresses nothing", await from("nothing"));
  check("receives a request for zstd", requestedZips(), "HEAD zip, GET zip.zst");
  check("or for gzip, if told so", await from("nothing", { compression: "gzip" }));
  check("receives a request for gzip", requestedZips(), "GET zip.gz");
  check("or not, if told so", await from("nothing", { compression: "host" }));
  check("receives a request for the zip itself", requestedZips(), "GET zip");
  check("a host that compresses", await from("compressing"));
  check("is left to it", requestedZips(), "HEAD zip, GET zip");
  check("a host that sends the manifest late", await from("late"));
  check("has sent core and standard library before", isAhead);
  asked = [];
  check("a host that has no copies", await from("page", { compression: "gzip" }));
  check("receives requests for the files", requestedZips(), "GET zip.gz, GET zip");
  check("a host that has no copies of either kind", await from("page", { compression: "zstd" }));
  check("receives requests for all of them", requestedZips(), "GET zip.zst, GET zip.gz, GET zip");

  check("in a worker, a host that compresses nothing", await from("nothing", { worker: true }));
  check("receives a request for zstd, too", requestedZips(), "HEAD zip, GET zip.zst");
  check("or for gzip", await from("nothing", { compression: "gzip", worker: true }));
  check("receives a request for gzip, too", requestedZips(), "GET zip.gz");
  check("and a host that compresses", await from("compressing", { worker: true }));
  check("is left to it, too", requestedZips(), "HEAD zip, GET zip");
}

/**
 * Checks a chunk and a manifest that do not match their digests.
 * @param {Page} page
 * @param {string} address
 */
async function checkDigests(page, address) {
  const damaged = await page.evaluate(async (base) => {
    const { loadBundle } = await import(`${base}loader.js`);
    const loading = loadBundle({ compression: "host" });
    return loading.catch((/** @type {Error} */ error) => error.message);
  }, `${address}damaged/pyodide-pack/`);
  check("a damaged chunk is named", /\/bundle\.\w+\.zip \(200 OK, application\/zip\): it is not what the manifest says/.test(damaged));
  const checked = await page.evaluate(
    async ([base, right]) => {
      const { loadBundle } = await import(`${base}loader.js`);
      await loadBundle({ integrity: right });
      const wrong = right.replace(/-../, "-xx");
      return loadBundle({ integrity: wrong }).catch((/** @type {Error} */ error) => error.message);
    },
    /** @type {const} */ ([`${address}nothing/pyodide-pack/`, digest(altered)]),
  );
  check("a manifest that is not what was meant", checked.includes("manifest.json: it is not what `integrity` says"));
  requestedZips();
}

/**
 * Checks bytes that a program embeds.
 * @param {Page} page
 * @param {string} address
 */
async function checkEmbedded(page, address) {
  const embedded = await page.evaluate(async (base) => {
    const { loadBundle, loadWorker } = await import(`${base}pyodide-pack/loader.js`);
    const bytes = async (/** @type {string} */ file) =>
      (await fetch(`${base}${file}`)).arrayBuffer();
    const stdlib = await bytes("python_stdlib_stripped.zip.gz");
    const bundle = await bytes("pyodide-package-bundle.zip.gz");
    const { pyodide } = await loadBundle({ bundle, stdlib });
    const python = await loadWorker({ bundle, stdlib });
    const empty = Uint8Array.of(0x81, 0x01); // an empty stream of Brotli
    const error = await loadBundle({ bundle: empty, stdlib }).catch((/** @type {Error} */ e) => e);
    let inflates = true;
    try {
      new DecompressionStream(/** @type {any} */ ("brotli"));
    } catch {
      inflates = false;
    }
    const expected = inflates ? "is not a zip" : "write .embed_encoding(Encoding::Gzip) in build.rs";
    return [
      pyodide.pyimport("app").dialects().length > 30,
      (await python.call("app.dialects")).length > 30,
      error.message.includes(expected),
    ];
  }, `${address}nothing/`);
  check("embedded bytes may be gzip", embedded[0]);
  check("in a worker, too", embedded[1]);
  check("and Brotli where the browser has it", embedded[2]);
  check("no zips were fetched", requestedZips(), "GET zip.gz");
}

await run(await listen(server), async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  await page.goto(address);
  await checkCopies(page, address);
  await checkDigests(page, address);
  await checkEmbedded(page, address);
  // The loader cancels a page in place of a copy after its first bytes.
  const known = /request failed: \S+\/page\/\S+\.(gz|zst): /;
  const others = await unexpected(page, complaints, known);
  check("the browser had nothing to complain about", others, "");
});
