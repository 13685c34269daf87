// Measures the time from the start of the navigation to the first result, in an engine. It alternates plain
// Pyodide with its own packages, the bundle through plain loadPyodide, and the bundle through loadBundle.
// Each run starts with an empty cache.
//
//     node benchmark.mjs DISTRIBUTION OUT CODE.py RUNS NAME...
//
// OUT has compressed copies. The server sends Brotli where a copy exists (to WebKit too, which asks for it
// by TLS only), and the same core to all sides. It also makes the slow network, and counts the bytes of bodies.
// Prints one line of JSON: for each network and way of loading, milliseconds and bytes of each run.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

import { browse, listen, mediaType } from "./harness.mjs";
import { Network } from "./harness/network.mjs";

const [distribution, out, codeFile, runs, ...names] = process.argv.slice(2);
if (!runs) {
  console.error("usage: node benchmark.mjs DISTRIBUTION OUT CODE.py RUNS NAME...");
  process.exit(2);
}

const NETWORKS = { unthrottled: undefined, "20 Mbit/s, 40 ms": new Network(20e6, 40) };
const WAYS = ["plain", "lines", "bundle"];
const code = await readFile(codeFile, "utf8");
const { folder } = JSON.parse(await readFile(join(out, "pyodide-pack/manifest.json"), "utf8")).pyodide;

/** The script of each page. */
const SCRIPT = `
const way = new URLSearchParams(location.search).get("way");
const code = await (await fetch("code.py")).text();
async function start() {
  if (way === "bundle") {
    const { loadBundle } = await import("/out/pyodide-pack/loader.js");
    const onMiss = ({ path }) => {
      globalThis.failed = path + " was missed";
    };
    return (await loadBundle({ onMiss })).pyodide;
  }
  const core = way === "plain" ? "/plain/" : "/out/pyodide-pack/${folder}";
  const { loadPyodide } = await import(core + "pyodide.mjs");
  const indexURL = new URL(core, location.href).href;
  if (way === "plain") {
    const pyodide = await loadPyodide({ indexURL });
    await pyodide.loadPackage(${JSON.stringify(names)}, { messageCallback() {} });
    return pyodide;
  }
  const fetched = fetch("/out/pyodide-package-bundle.zip").then((response) => response.arrayBuffer());
  const pyodide = await loadPyodide({ indexURL, stdLibURL: "/out/python_stdlib_stripped.zip" });
  pyodide.unpackArchive(await fetched, "zip", { extractDir: "/" });
  await pyodide.pyimport("pyodide_pack_loader").setup();
  return pyodide;
}
try {
  const pyodide = await start();
  pyodide.runPython(code);
  globalThis.done = performance.now();
} catch (error) {
  globalThis.failed = String(error);
}
`;
const PAGE = `<!doctype html><title>Start</title><link rel=icon href="data:,"><script type=module src=start.mjs></script>`;

/** @type {Map<string, Uint8Array>} */
const compressed = new Map();

/**
 * Returns a file with Brotli: the build's copy, or an equivalent one. Archives are sent uncompressed.
 * @param {string} path
 * @param {string} name
 */
async function brotli(path, name) {
  const known = compressed.get(path);
  if (known !== undefined) return known;
  let copy = await readFile(`${path}.br`).catch(() => undefined);
  if (path.startsWith(distribution)) {
    if (/\.(whl|zip)$/.test(name)) return undefined;
    // Not the build's copy of the core: what no page waits for has a lower quality.
    copy = brotliCompressSync(await readFile(path), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  }
  if (copy !== undefined) compressed.set(path, copy);
  return copy;
}

/** @type {Network | undefined} */
let network;
let bytes = 0;
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const [, folder, file] = /^\/(?:(plain|out)\/)?(.*)$/.exec(pathname) ?? [];
  response.setHeader("content-type", mediaType(file || "page.html"));
  const own = { "": PAGE, "start.mjs": SCRIPT, "code.py": code }[file];
  if (folder === undefined && own !== undefined) {
    response.end(own);
    return;
  }
  const path = join(folder === "plain" ? distribution : out, file);
  const copy = await brotli(path, file.split("/").pop() ?? "");
  const body = copy ?? (await readFile(path).catch(() => undefined));
  if (copy !== undefined) response.setHeader("content-encoding", "br");
  response.statusCode = body === undefined ? 404 : 200;
  response.setHeader("content-length", body?.length ?? 0);
  if (request.method === "HEAD" || body === undefined) {
    response.end();
    return;
  }
  // What nothing waits for comes after the first result.
  if (!/^\/out\/pyodide-pack\/(core|modules)\//.test(pathname)) bytes += body.length;
  if (network === undefined) response.end(body);
  else await network.send(response, body);
});

/**
 * @param {string} address
 * @param {string} way
 */
async function once(address, way) {
  let milliseconds = 0;
  bytes = 0;
  await browse(async (page) => {
    await page.goto(`${address}?way=${way}`);
    milliseconds = await page.evaluate(async () => {
      const measured = /** @type {typeof globalThis & { done?: number, failed?: string }} */ (globalThis);
      while (measured.done === undefined) {
        if (measured.failed !== undefined) throw new Error(measured.failed);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return measured.done;
    });
  });
  return { milliseconds, bytes };
}

const { address, stop } = await listen(server);
for (const way of WAYS) await once(address, way); // fills the server's memo of compressed files
/** @type {Record<string, Record<string, { milliseconds: number, bytes: number }[]>>} */
const results = {};
for (const [name, given] of Object.entries(NETWORKS)) {
  network = given;
  results[name] = Object.fromEntries(WAYS.map((way) => [way, []]));
  for (let run = 0; run < Number(runs); run += 1) {
    for (const way of WAYS) results[name][way].push(await once(address, way));
  }
}
await stop();
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
