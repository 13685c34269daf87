// `pyodide-pack-web`: Python called from a page that is written in Rust.
//
//     node rust.mjs OUT_DIR PROGRAM
//
// OUT_DIR has the outputs of an app with a service worker; the test `api::offline` writes it. PROGRAM is the
// folder that `cargo run --package pyodide-pack-web-tests PROGRAM` writes.

import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { check, listen, mediaType, run } from "./harness.mjs";
import { siteOf } from "./reload/site.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [out, program] = process.argv.slice(2);
if (!program) {
  console.error("usage: node rust.mjs OUT_DIR PROGRAM");
  process.exit(2);
}
if (!existsSync(join(program, "tests.js"))) {
  console.error(`nothing is in ${program}: cargo run --package pyodide-pack-web-tests ${program}`);
  process.exit(2);
}

const PAGE = "<!doctype html><title>Rust</title><link rel=icon href='data:,'><script type=module src=/page.js></script>";
const PAGE_SCRIPT = `
import init, * as rust from "/program/tests.js";
globalThis.rust = init().then(() => rust);
`;

/** A development build with an app of its own. */
const development = await siteOf(join(out, "pyodide-pack"));
const DEVELOPMENT = "development/pyodide-pack/";
const VERSIONS = {
  first: "def text():\n    return 'first'\n",
  second: "def text():\n    return 'second'\n",
  wrong: "def text(:\n",
};
development.edit({ "app.py": VERSIONS.first });

/** Emits `arrived` and `left` for requests of a file that never arrives. */
const slow = new EventEmitter();
/** How many of these requests are open. */
let waiting = 0;

/** @param {string} path */
async function content(path) {
  // As an app of one page: below this folder, every other address is the page.
  if (path === "" || path === "a/b" || path.startsWith("app/")) return { body: PAGE, type: "text/html" };
  const type = mediaType(path);
  if (path === "page.js") return { body: PAGE_SCRIPT, type };
  if (path.startsWith(DEVELOPMENT)) return { body: await development.file(path.slice(DEVELOPMENT.length)), type };
  const [, version] = /^edit\/(second|wrong)$/.exec(path) ?? [];
  if (version !== undefined) {
    development.edit({ "app.py": VERSIONS[/** @type {keyof typeof VERSIONS} */ (version)] });
    return { body: "", type };
  }
  if (path === "service-worker.js") return { body: 'importScripts("pyodide-pack/service-worker.js");', type };
  const file = path.startsWith("program/") ? join(program, path.slice("program/".length)) : join(out, path);
  return { body: await readFile(file).catch(() => undefined), type };
}

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? "", "http://localhost").pathname.slice(1);
  const [, file = path] = /^slow\/(.*)$/.exec(path) ?? [];
  if (file !== path && file.endsWith(".zip")) {
    waiting += 1;
    response.once("close", () => {
      waiting -= 1;
      slow.emit("left");
    });
    response.writeHead(200).write("PK");
    slow.emit("arrived");
    return;
  }
  if (path === "waiting") {
    if (waiting === 0) await once(slow, "arrived");
    response.end();
    return;
  }
  const { body, type } = await content(file);
  response.writeHead(body === undefined ? 404 : 200, { "content-type": type, "cache-control": "no-cache" });
  response.end(body);
});

/**
 * Calls a function of the program, and prints its checks. A function that hangs is found after two minutes.
 * @param {Page} page
 * @param {string} name
 * @param {string[]} given its arguments; an address that starts with `/` is a promise of its answer
 */
async function call(page, name, ...given) {
  console.log(`        ${name}`);
  const checks = await page.evaluate(
    async ({ name, given }) => {
      const rust = await /** @type {any} */ (globalThis).rust;
      const args = given.map((text) => (text.startsWith("/") ? fetch(text) : text));
      const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${name}() never ended`)), 120_000));
      return /** @type {Promise<[string, string, string][]>} */ (Promise.race([rust[name](...args), late]));
    },
    { name, given },
  );
  for (const [text, actual, expected] of checks) check(`${name}: ${text}`, actual, expected);
  await page.waitFor(async () => {
    const { held } = await navigator.locks.query();
    return !held?.some((lock) => lock.name?.startsWith("pyodide-pack "));
  });
  check(`${name}: no worker is left`, true);
}

const { address, stop } = await listen(server);
await run({ address, stop }, async (page) => {
  await page.goto(address);
  await call(page, "calls");
  await call(page, "ends");
  await call(page, "reloads");
  await call(page, "dropped", "/waiting");
  if (waiting > 0) await once(slow, "left");
  check("a dropped load fetches nothing any more", waiting, 0);
  for (const [path, problem] of [
    ["a/b", "404 Not Found"],
    ["app/b/c", "the server sends it as text/html and not as text/javascript"],
  ]) {
    await page.goto(`${address}${path}`);
    await call(page, "addresses", `${address}${path}`, problem);
  }
  await page.goto(address);
  await call(page, "untraced");
  await call(page, "keep");
  await stop();
  await page.reload();
  await call(page, "untraced");
});
