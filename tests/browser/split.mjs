// WebAssembly in parts: nothing is missed at the start, other functions come when they are called, and what can't be
// had is explained.
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
globalThis.atUnload = async (code) => {
  const { pyodide } = await loadBundle();
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem("said", pyodide.runPython(code));
    } catch (error) {
      sessionStorage.setItem("said", "failed: " + error.message);
    }
  });
};
`;
const FIRST = "import numpy as np; str(np.arange(3).tolist())";
/** Functions of numpy's side modules that the app never calls. */
const OF_NUMPY = `
import numpy as np
str([np.sort(np.array(["b", "a"])).tolist(), np.linalg.inv(np.array([[0., 2.], [4., 0.]])).tolist()])
`;
const OF_NUMPY_SAID = "[['a', 'b'], [[0.0, 0.25], [0.5, 0.0]]]";
/** Functions of the core that the app never calls, and modules that it does not import. */
const OTHER = `
import sqlite3, decimal, hashlib, lzma, unicodedata
connection = sqlite3.connect(":memory:")
rows = connection.execute("select upper('a'), 1 + 1").fetchall()
str([rows, decimal.Decimal(1) / 3, hashlib.sha3_256(b"x").hexdigest()[:8], lzma.decompress(lzma.compress(b"x" * 99))[:3],
     unicodedata.name("\\u00e9"), "\\u65e5\\u672c".encode("shift_jis"), complex(1, 2) ** 2])
`;
const SAID =
  "[[('A', 2)], Decimal('0.3333333333333333333333333333'), '741efa31', b'xxx', 'LATIN SMALL LETTER E WITH ACUTE', b'\\x93\\xfa\\x96{', (-3+4j)]";

/**
 * What the server does with the chunks: it has them, it fails so, or it cuts the connection at the first request for
 * each.
 * @type {"" | "404" | "damaged" | "cut" | "cut once"}
 */
let failure = "";
/** The chunks that were requested since the failure began. @type {Set<string>} */
const requested = new Set();
/** How many chunks were requested. */
let requests = 0;

/** @type {{ pyodide: { split: { chunks: object[] } }, sideModules: { path: string, split?: { chunks: object[] } }[] }} */
const manifest = JSON.parse(await readFile(join(out, "pyodide-pack/manifest.json"), "utf8"));
const server = createServer(async (request, response) => {
  const path = (request.url ?? "/").slice(1).split("?")[0];
  /** @type {Record<string, string>} */
  const own = { "": PAGE, "page.js": SCRIPT };
  const isChunk = /^pyodide-pack\/(core|modules)\//.test(path);
  if (isChunk) requests += 1;
  const file = await readFile(join(out, path)).catch(() => undefined);
  const body = own[path] ?? (isChunk && failure === "damaged" ? file?.subarray(1) : file);
  if (body === undefined || (isChunk && failure === "404")) return void response.writeHead(404).end();
  if (isChunk && (failure === "cut" || (failure === "cut once" && !requested.has(path)))) {
    requested.add(path);
    response.writeHead(200, { "content-type": mediaType(path), "content-length": body.length });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
    return;
  }
  response.writeHead(200, { "content-type": mediaType(path || "page.html"), "cache-control": "no-store" }).end(body);
});

/** Waits for the end of fetching ahead: its first chunk fails twice. */
async function endsAhead() {
  for (let waited = 0; waited < 200 && requests < 2; waited += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/**
 * @param {Page} page
 * @param {string} address
 * @param {"page" | "worker"} where
 */
async function visit(page, address, where) {
  const start = async () => {
    requests = 0;
    await page.goto(address);
    await page.waitFor(() => "start" in globalThis);
    const first = await page.evaluate((given) => /** @type {any} */ (globalThis).start(given), [where, FIRST]);
    if (failure !== "") await endsAhead();
    return first;
  };
  const ask = (/** @type {string} */ code) => page.evaluate((code) => /** @type {any} */ (globalThis).again(code), code);

  // Nothing is fetched ahead of the calls, because the first chunk fails.
  failure = "404";
  const first = await start();
  check(`${where}: the first result`, first.said, "[0, 1, 2]");
  check(`${where}: no function is missed before the first result`, first.functions.join(), "");
  failure = "";
  const other = await ask(OTHER);
  check(`${where}: other functions return what they return in plain Pyodide`, other.said, SAID);
  check(`${where}: they came when they were called`, other.functions.length > 3 && other.functions.every((/** @type {string} */ miss) => miss === "functions"), true);

  const numpy = await ask(OF_NUMPY);
  check(`${where}: so do those of side modules`, numpy.said, OF_NUMPY_SAID);
  check(`${where}: they came, too`, numpy.functions.length > 1 && numpy.functions.every((/** @type {string} */ miss) => miss === "functions"), true);

  for (const [how, code, folder, whose] of /** @type {const} */ ([
    ["404", OTHER, "core", "Pyodide's core"],
    ["damaged", OTHER, "core", "Pyodide's core"],
    ["cut", OTHER, "core", "Pyodide's core"],
    ["404", OF_NUMPY, "modules", ".so"],
  ])) {
    failure = how;
    await start();
    const failed = await ask(code);
    const says = { 404: "the server answered 404", damaged: "it is not what the manifest says", cut: "" }[how];
    const names = failed.functions.some((/** @type {string} */ miss) => miss.includes(`${address}pyodide-pack/${folder}/`) && miss.includes(says));
    const what = `${where}: a chunk of ${whose}, ${how}`;
    check(`${what}: the event names address and reason`, names || failed.functions, true);
    const explained = failed.said.startsWith("failed: ") && failed.said.includes(`${whose} could not be fetched`);
    check(`${what}: the call rejects with the reason`, explained || failed.said, true);
    const later = await ask("1 + 1");
    check(`${what}: later calls reject, too`, later.said.startsWith("failed: ") || later.said, true);
  }

  failure = "404";
  await start();
  requested.clear();
  failure = "cut once";
  const restored = await ask(OTHER);
  check(`${where}: a network that is cut and restored goes unnoticed`, restored.said, SAID);
  check(`${where}: it was cut`, requested.size > 3, true);

  failure = "";
  await start();
  const all = [manifest.pyodide, ...manifest.sideModules].flatMap(({ split }) => split?.chunks ?? []).length;
  for (let waited = 0; waited < 200 && requests < all; waited += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  check(`${where}: all chunks come while the browser is idle`, requests >= all, true);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // the last one is on its way
  const called = await ask(OTHER + OF_NUMPY);
  check(`${where}: then no call waits`, called.functions.every((/** @type {string} */ miss) => miss === "functions that are there"), true);
}

/**
 * A page that calls other functions while it is left. Some browsers make no synchronous requests then.
 * @param {Page} page
 * @param {string} address
 */
async function leave(page, address) {
  requests = 0;
  failure = "404";
  await page.goto(address);
  await page.waitFor(() => "atUnload" in globalThis);
  await page.evaluate((code) => /** @type {any} */ (globalThis).atUnload(code), OTHER);
  await endsAhead();
  failure = "";
  await page.goto(address);
  const said = await page.evaluate(() => sessionStorage.getItem("said"));
  const isExplained = said === SAID || said?.includes("Pyodide's core could not be fetched");
  check("a page that is left: the call returns or says why not", isExplained || said, true);
}

run(await listen(server), async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  for (const where of /** @type {const} */ (["page", "worker"])) await visit(page, address, where);
  await leave(page, address);
  check("no other errors", await unexpected(page, complaints, /(core|modules)\/\d+|could not be fetched from|fatal error|404|ERR_ABORTED|ERR_CONTENT_LENGTH_MISMATCH|Another error|JSHandle@error/), "");
});
