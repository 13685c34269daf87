// Starts from snapshots of Python's memory: at once, or from the second visit on, and what spoils them.
//
//     node snapshots.mjs FIRST_OUT_DIR IDLE_OUT_DIR

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { check, engine, listen, mediaType, run, unexpected, watch } from "./harness.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [first, idle] = process.argv.slice(2);
if (!idle) {
  console.error("usage: node snapshots.mjs FIRST_OUT_DIR IDLE_OUT_DIR");
  process.exit(2);
}

const PAGE = `<!doctype html><title>Snapshots</title><link rel=icon href="data:,">
<script type=module src=page.js></script>`;
const SCRIPT = `
import { loadBundle, loadWorker } from "./pyodide-pack/loader.js";

const CACHE = "pyodide-pack-snapshots";
const denied = { open: async () => { throw new DOMException("", "SecurityError"); } };
const put = Cache.prototype.put;
globalThis.start = async ([where, code, { storage, ...more }]) => {
  if (storage === "denied") Object.defineProperty(globalThis, "caches", { value: denied });
  Cache.prototype.put = function (key, response) {
    if (storage !== "full" || key.includes("?")) return put.call(this, key, response);
    return Promise.reject(new DOMException("", "QuotaExceededError"));
  };
  const phases = new Set();
  const misses = [];
  const onProgress = ({ phase }) => phases.add(phase);
  const onMiss = ({ chunk }) => misses.push(chunk);
  const options = { onProgress, onMiss, ...more };
  let said;
  if (where === "worker") {
    const python = await loadWorker(options);
    said = await python.run(code);
  } else {
    const { pyodide } = await loadBundle(options);
    said = pyodide.runPython(code);
  }
  await new Promise((resolve) => setTimeout(resolve));
  return { said, restored: phases.has("restored") && !phases.has("start"), fell: phases.has("restored") && phases.has("start"), misses };
};
globalThis.kept = async () => {
  const cache = await caches.open(CACHE);
  const keys = (await cache.keys()).map(({ url }) => url).filter((url) => !url.includes("?"));
  const answers = await Promise.all(keys.map((key) => cache.match(key)));
  const sizes = await Promise.all(answers.map(async (answer) => (await answer.arrayBuffer()).byteLength));
  return { keys: keys.map((key) => key.split("/").pop()), sizes };
};
globalThis.spoil = async (how) => {
  const cache = await caches.open(CACHE);
  const [key] = (await cache.keys()).map(({ url }) => url).filter((url) => !url.includes("?"));
  const bytes = new Uint8Array(await (await cache.match(key)).arrayBuffer());
  if (how === "flip") bytes[bytes.length >> 1] ^= 1;
  if (how === "crash") await cache.put(key + "?unfinished-starts", new Response("1"));
  else await cache.put(key, new Response(how === "cut" ? bytes.slice(0, -4096) : bytes));
};
`;
const CODE = "import numpy as np; str(np.arange(3).tolist())";
const SAID = "[0, 1, 2]";
/** Functions and modules that the app never used. */
const OTHER = `
import sqlite3, numpy.polynomial as p
str([sqlite3.connect(":memory:").execute("select 1 + 1").fetchall(), np.sort(np.array(["b", "a"])).tolist(), p.Polynomial([1, 2])(3)])
`;
const OTHER_SAID = "[[(2,)], ['a', 'b'], np.float64(7.0)]";

/** What is served, and how. */
let out = first;
/** What the server does with the snapshot. @type {"" | "404" | "damaged"} */
let failure = "";
/** @type {string[]} */
let requested = [];
/** What the manifest names instead of the snapshot. @type {Record<string, unknown> | undefined} */
let renamed;

const server = createServer(async (request, response) => {
  const path = (request.url ?? "/").slice(1).split("?")[0];
  /** @type {Record<string, string>} */
  const own = { "": PAGE, "page.js": SCRIPT };
  const isSnapshot = path.endsWith(".bin");
  if (isSnapshot) requested.push(path);
  const served = isSnapshot ? path.replace("snapshot.other", "snapshot") : path;
  let body = own[path] ?? (await readFile(join(out, isSnapshot && renamed ? String(renamed.from) : served)).catch(() => undefined));
  if (body === undefined || (isSnapshot && failure === "404")) return void response.writeHead(404).end();
  if (isSnapshot && failure === "damaged") body = body.slice(0, 1000);
  if (path.endsWith("manifest.json") && renamed) {
    const manifest = JSON.parse(String(body));
    manifest.snapshot.file = renamed.to;
    body = JSON.stringify(manifest);
  }
  response.writeHead(200, { "content-type": mediaType(path || "page.html"), "cache-control": "no-store" }).end(body);
});

/**
 * @param {Page} page
 * @param {string} address
 */
async function visit(page, address) {
  const start = async (/** @type {string} */ where, /** @type {object} */ more = {}, code = CODE) => {
    requested = [];
    if (engine === "webkit") {
      // Its driver has private windows alone. There, a page that opens a cache at once finds none of the last page's.
      await page.goto(`${address}page.js`);
      await page.evaluate(() => /** @type {any} */ (globalThis).caches.keys());
    }
    await page.goto(address);
    await page.waitFor(() => "start" in globalThis);
    return page.evaluate((given) => /** @type {any} */ (globalThis).start(given), [where, code, more]);
  };
  for (const where of ["page", "worker"]) {
    out = first;
    let answer = await start(where);
    same(`${where}: a start from a snapshot`, answer.said, SAID);
    same(`${where}: it is restored`, answer.restored, true);
    same(`${where}: nothing is fetched for it`, answer.misses, []);
    answer = await start(where, {}, `${CODE}\n${OTHER}`);
    same(`${where}: other functions come on demand`, answer.said, OTHER_SAID);
    answer = await start(where, { snapshot: "none" });
    same(`${where}: without it, if the page says so`, [answer.said, answer.restored, requested], [SAID, false, []]);
    for (const what of /** @type {const} */ (["404", "damaged"])) {
      failure = what;
      answer = await start(where);
      same(`${where}: ${what}: a normal start`, [answer.said, answer.restored], [SAID, false]);
      failure = "";
    }

    out = idle;
    answer = await start(where);
    same(`${where}: the first visit starts normally`, [answer.said, answer.restored, requested], [SAID, false, []]);
    const kept = await waitFor(page, ({ keys }) => keys.length === 1);
    const { bytes } = JSON.parse(await readFile(join(idle, "pyodide-pack/manifest.json"), "utf8")).snapshot;
    same(`${where}: then the browser keeps the snapshot`, [kept.sizes, requested.length], [[bytes], 1]);
    answer = await start(where);
    same(`${where}: the second visit uses it`, [answer.said, answer.restored, requested], [SAID, true, []]);
    for (const how of ["flip", "cut"]) {
      await page.evaluate((how) => /** @type {any} */ (globalThis).spoil(how), how);
      await waitFor(page, () => true);
      answer = await start(where);
      same(`${where}: ${how}: a normal start`, [answer.said, answer.restored], [SAID, false]);
      const again = await waitFor(page, ({ sizes }) => sizes[0] === bytes);
      same(`${where}: ${how}: it is fetched again`, again.sizes, [bytes]);
    }
    await page.evaluate(() => /** @type {any} */ (globalThis).spoil("crash"));
    await waitFor(page, () => true);
    answer = await start(where);
    same(`${where}: a start that did not end is followed by a normal one`, [answer.said, answer.restored], [SAID, false]);
    answer = await start(where);
    same(`${where}: and that by one with the snapshot`, [answer.said, answer.restored], [SAID, true]);

    const name = String((await waitFor(page, ({ keys }) => keys.length === 1)).keys[0]);
    renamed = { from: `pyodide-pack/${name}`, to: "snapshot.next.bin" };
    answer = await start(where);
    same(`${where}: another deployment does not use the old one`, [answer.said, answer.restored], [SAID, false]);
    const replaced = await waitFor(page, ({ keys }) => keys[0] === "snapshot.next.bin" && keys.length === 1);
    same(`${where}: its own replaces it`, replaced.keys, ["snapshot.next.bin"]);
    renamed = undefined;
    if (where === "page") await visitWithout(page, start);
    await page.evaluate(() => caches.delete("pyodide-pack-snapshots"));
  }
}

/**
 * Storage that the page may not use, and storage without room.
 * @param {Page} page
 * @param {(where: string, more: object) => Promise<any>} start
 */
async function visitWithout(page, start) {
  await page.evaluate(() => caches.delete("pyodide-pack-snapshots"));
  let answer = await start("page", { storage: "denied" });
  same("no storage: a normal start", [answer.said, answer.restored], [SAID, false]);
  answer = await start("page", { storage: "full" });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  same("no room: a normal start, and one attempt to keep it", [answer.said, answer.restored, requested.length], [SAID, false, 1]);
  answer = await start("page", { storage: "full" });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  same("no room: it is not fetched again", [answer.said, requested.length], [SAID, 0]);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {unknown} expected
 */
function same(name, value, expected) {
  check(name, JSON.stringify(value), JSON.stringify(expected));
}

/**
 * Waits for what the browser keeps.
 * @param {Page} page
 * @param {(kept: { keys: string[], sizes: number[] }) => boolean} isIt
 * @returns {Promise<{ keys: string[], sizes: number[] }>}
 */
async function waitFor(page, isIt) {
  let kept = await page.evaluate(() => /** @type {any} */ (globalThis).kept());
  for (let waited = 0; waited < 100 && !isIt(kept); waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    kept = await page.evaluate(() => /** @type {any} */ (globalThis).kept());
  }
  return kept;
}

run(await listen(server), async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  await visit(page, address);
  const known = /Python starts without its snapshot|^404: .*\.bin|status of 404|ERR_ABORTED|NS_BINDING_ABORTED|favicon/;
  check("nothing else was reported", await unexpected(page, complaints, known), "");
});
