// Real servers, with the configurations of docs/hosting.md: the page and the worker load from each, and as
// few bytes as the server allows. Prints the bytes.
//
//     node servers.mjs OUT_DIR [EXAMPLE]

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { browse, check, engine, unexpected, watch } from "./harness.mjs";
import { conclude, count as counts, within } from "./harness/checks.mjs";
import { count } from "./servers/counter.mjs";
import { folderWithCopies } from "./servers/folder.mjs";
import { servers } from "./servers/programs.mjs";

/** @typedef {import("./harness.mjs").Page} Page */
/** @typedef {import("./servers/programs.mjs").Server} Server */
/** @typedef {import("./servers/counter.mjs").Counter} Counter */

const [out, binary] = process.argv.slice(2);
if (!out) {
  console.error("usage: node servers.mjs OUT_DIR [EXAMPLE]");
  process.exit(2);
}

const PAGE = "<!doctype html><title>Servers</title><link rel=icon href='data:,'>";
/** A script as a page has no icon, and each load has an origin of its own. */
const KNOWN = /^elsewhere|favicon\.ico|404 \(Not Found\)|ERR_ABORTED|BINDING_ABORTED/;
const WHERE = /** @type {const} */ (["page", "worker"]);

/**
 * Loads the example, and calls it.
 * @param {Page} page
 * @param {string} base address of the folder
 * @param {"page" | "worker"} where
 * @returns {Promise<string>}
 */
async function load(page, base, where) {
  return page.evaluate(
    async ({ base, where }) => {
      const { loadBundle, loadWorker } = await import(`${base}loader.js`);
      const query = /** @type {const} */ (["SELECT 1 AS a", "duckdb", "postgres"]);
      if (where === "page") return (await loadBundle()).pyodide.pyimport("app").transpile(...query);
      const python = await loadWorker();
      const text = await python.call("app.transpile", ...query);
      python.terminate();
      return text;
    },
    { base, where },
  );
}

/**
 * Checks which files were asked for in the compressed form of the loader's own.
 * @param {string} name
 * @param {Server} server
 * @param {string[]} asked
 */
function checkCopies(name, { compresses, name: kind }, asked) {
  const core = asked.filter((path) => /\/pyodide[.-](asm|lock)\.(wasm|json|js)/.test(path.replace(/.*\/pyodide\.\w+\//, "/")));
  const names = [...new Set(core.map((path) => path.replace(/.*\//, "")))].sort();
  const files = ["pyodide-lock.json", "pyodide.asm.js", "pyodide.asm.wasm"];
  // A script in a blob is what a strict policy forbids.
  const isPlain = (/** @type {string} */ file) => compresses || (kind.includes("strict") && file.endsWith(".js"));
  const expected = files.map((file) => (isPlain(file) ? file : `${file}.gz`));
  check(`${name}: the core is fetched as it is best`, names.join(" "), expected.join(" "));
}

/**
 * @param {Server} server
 * @param {string} root
 * @param {Page} page
 * @param {string[]} complaints
 */
async function visit(server, root, page, complaints) {
  const { port, stop } = await server.start(root);
  const bytes = [];
  complaints.length = 0;
  try {
    for (const where of WHERE) {
      const counter = await count(port); // each has an origin of its own, and so nothing in the cache
      const name = `${server.name}, ${where}`;
      try {
        await page.goto(counter.address + (server.page ?? ""));
        const text = await load(page, `${counter.address}pyodide-pack/`, where).catch((error) => error.message);
        check(`${name}: it answers`, text, "SELECT\n  1 AS a;");
        checkCopies(name, server, counter.asked);
        bytes.push(counter.sent());
      } finally {
        counter.stop();
      }
    }
    check(`${server.name}: nothing to complain about`, await unexpected(page, complaints, KNOWN), "");
  } finally {
    await stop();
  }
  return bytes;
}

/**
 * Checks the headers of the manual's configurations for caches.
 * @param {Server[]} all
 * @param {string} root
 */
async function checkCaching(all, root) {
  for (const server of all.filter(({ name }) => ["nginx, copies", "caddy"].includes(name))) {
    const { port, stop } = await server.start(root);
    const folder = `http://127.0.0.1:${port}/pyodide-pack/`;
    const control = async (/** @type {string} */ file) => (await fetch(folder + file)).headers.get("cache-control");
    const manifest = await (await fetch(`${folder}manifest.json`)).json();
    const forever = "public, max-age=31536000, immutable";
    check(`${server.name}: the manifest is asked for each time`, await control("manifest.json"), "no-cache");
    check(`${server.name}: a chunk never again`, await control(manifest.chunks[0].file), forever);
    check(`${server.name}: nor the core`, await control(`${manifest.pyodide.folder}pyodide.asm.wasm`), forever);
    await stop();
  }
}

const { root, remove } = await folderWithCopies(out);
await writeFile(join(root, "index.html"), PAGE);
/** @type {[name: string, ...bytes: number[]][]} */
const rows = [];
try {
  const all = servers(binary);
  await checkCaching(all, root);
  const loads = browse(async (page) => {
    const complaints = watch(page, "");
    for (const server of all) rows.push([server.name, ...(await visit(server, root, page, complaints))]);
  });
  await within(loads, 900, "the browser");
} catch (error) {
  counts.failed += 1;
  console.log(`FAILED  ${error instanceof Error ? error.stack : error}`);
} finally {
  await remove();
}
console.log(`\n| server | bytes, page | bytes, worker | (${engine})\n| --- | --- | --- |`);
for (const [name, ...bytes] of rows) console.log(`| ${[name, ...bytes.map((n) => `${(n / 1e6).toFixed(2)} MB`)].join(" | ")} |`);
process.exit(conclude());
