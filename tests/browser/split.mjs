// A core in parts: nothing of it is missed at the start, other functions come when they are called, and what can't
// be had is explained.
//
//     node split.mjs OUT_DIR

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { check, listen, mediaType, run, unexpected, watch } from "./harness.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node split.mjs OUT_DIR");
  process.exit(2);
}

const PAGE = `<!doctype html><title>Split</title><link rel=icon href="data:,">
<script type=module src=page.js></script>`;
const SCRIPT = `
import { loadBundle, loadWorker } from "./pyodide-pack/loader.js";

globalThis.start = async ([where, first]) => {
  const misses = [];
  const onMiss = ({ functions, bytes, error = "" }) => {
    if (functions !== undefined) misses.push(error || (bytes > 0 ? "functions" : "functions that are there"));
  };
  const options = { onMiss };
  let run;
  if (where === "worker") {
    const python = await loadWorker(options);
    run = (code) => python.run(code);
  } else {
    const { pyodide } = await loadBundle(options);
    run = async (code) => pyodide.runPython(code);
  }
  globalThis.ask = async (code) => {
    const said = await run(code).catch((error) => "failed: " + error.message);
    await new Promise((resolve) => setTimeout(resolve)); // the events of a worker come apart from its answers
    return { said, functions: misses.splice(0) };
  };
  return globalThis.ask(first);
};
globalThis.again = (code) => globalThis.ask(code);
`;
const FIRST = "import json; json.dumps([1])";
/** Functions that the app never calls, and modules that it does not import. */
const OTHER = `
import sqlite3, decimal, hashlib, lzma, unicodedata
connection = sqlite3.connect(":memory:")
rows = connection.execute("select upper('a'), 1 + 1").fetchall()
str([rows, decimal.Decimal(1) / 3, hashlib.sha3_256(b"x").hexdigest()[:8], lzma.decompress(lzma.compress(b"x" * 99))[:3],
     unicodedata.name("\\u00e9"), "\\u65e5\\u672c".encode("shift_jis"), complex(1, 2) ** 2])
`;
const SAID =
  "[[('A', 2)], Decimal('0.3333333333333333333333333333'), '741efa31', b'xxx', 'LATIN SMALL LETTER E WITH ACUTE', b'\\x93\\xfa\\x96{', (-3+4j)]";

/** What the server does with the chunks of the core: it has them, or it fails so. @type {"" | "404" | "damaged"} */
let failure = "";
/** How many chunks of the core were requested. */
let requests = 0;

const manifest = JSON.parse(await readFile(join(out, "pyodide-pack/manifest.json"), "utf8"));
const server = createServer(async (request, response) => {
  const path = (request.url ?? "/").slice(1).split("?")[0];
  /** @type {Record<string, string>} */
  const own = { "": PAGE, "page.js": SCRIPT };
  const isChunk = path.startsWith("pyodide-pack/core/");
  if (isChunk) requests += 1;
  const file = await readFile(join(out, path)).catch(() => undefined);
  const body = own[path] ?? (isChunk && failure === "damaged" ? file?.subarray(1) : file);
  if (body === undefined || (isChunk && failure === "404")) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": mediaType(path || "page.html"), "cache-control": "no-store" }).end(body);
});

/**
 * @param {Page} page
 * @param {string} address
 * @param {"page" | "worker"} where
 */
async function visit(page, address, where) {
  const start = async () => {
    await page.goto(address);
    await page.waitFor(() => "start" in globalThis);
    return page.evaluate((given) => /** @type {any} */ (globalThis).start(given), [where, FIRST]);
  };
  const ask = (/** @type {string} */ code) => page.evaluate((code) => /** @type {any} */ (globalThis).again(code), code);

  // Nothing is fetched ahead of the calls, because the first chunk fails.
  failure = "404";
  const first = await start();
  check(`${where}: the first result`, first.said, "[1]");
  check(`${where}: no function is missed before the first result`, first.functions.join(), "");
  failure = "";
  const other = await ask(OTHER);
  check(`${where}: other functions return what they return in plain Pyodide`, other.said, SAID);
  check(`${where}: they came when they were called`, other.functions.length > 3 && other.functions.every((/** @type {string} */ miss) => miss === "functions"), true);

  for (const how of /** @type {const} */ (["404", "damaged"])) {
    failure = how;
    await start();
    const failed = await ask(OTHER);
    const says = how === "404" ? "the server answered 404" : "it is not what the manifest says";
    const names = failed.functions.some((/** @type {string} */ miss) => miss.includes(`${address}pyodide-pack/core/`) && miss.includes(says));
    check(`${where}: a chunk, ${how}: the event names address and reason`, names || failed.functions, true);
    const explained = failed.said.startsWith("failed: ") && failed.said.includes("Pyodide's core could not be fetched");
    check(`${where}: a chunk, ${how}: the call rejects with the reason`, explained || failed.said, true);
    const later = await ask("1 + 1");
    check(`${where}: a chunk, ${how}: later calls reject, too`, later.said.startsWith("failed: ") || later.said, true);
  }

  failure = "";
  requests = 0;
  await start();
  const all = manifest.pyodide.split.chunks.length;
  for (let waited = 0; waited < 200 && requests < all; waited += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  check(`${where}: all chunks come while the browser is idle`, requests >= all, true);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // the last one is on its way
  check(`${where}: then no call waits`, (await ask(OTHER)).functions.every((/** @type {string} */ miss) => miss === "functions that are there"), true);
}

run(await listen(server), async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  for (const where of /** @type {const} */ (["page", "worker"])) await visit(page, address, where);
  check("no other errors", await unexpected(page, complaints, /core\/\d+|core could not be fetched|fatal error|404|ERR_ABORTED|Another error|JSHandle@error/), "");
});
