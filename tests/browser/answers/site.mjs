// The site of the tests: pages with the headers that a test asks for, the folder in several conditions, and
// another origin with the same folder.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { listen, mediaType } from "../harness.mjs";

/** @typedef {import("../harness.mjs").Page} Page */

/**
 * @typedef {object} Site
 * @property {string} address
 * @property {string} other address of the other origin
 * @property {string} gone address of a server that does not answer any more
 */

const HEAD = "<!doctype html><title>Answers</title><link rel=icon href='data:,'>";
const BRIDGE = new URL("../../../crates/pyodide-pack-web/src/bridge.js", import.meta.url);

/** Helpers for the functions that run in the page. */
const HELPERS = `
import { loadBundle, loadWorker } from "/pyodide-pack/loader.js";

const show = (value) => {
  if (value instanceof Map) return "Map{" + [...value].map(([k, v]) => show(k) + ": " + show(v)).join(", ") + "}";
  if (value instanceof Set) return "Set{" + [...value].map(show).join(", ") + "}";
  if (Array.isArray(value)) return "[" + value.map(show).join(", ") + "]";
  if (ArrayBuffer.isView(value)) return value.constructor.name + "[" + [...value].join(", ") + "]";
  if (typeof value === "bigint") return value + "n";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return "{" + Object.entries(value).map(([k, v]) => k + ": " + show(v)).join(", ") + "}";
};
/** The end of a promise as text; a promise that hangs is found after a minute. */
const outcome = async (promise) => {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(() => resolve("never settled"), 60_000)));
  const settled = Promise.resolve(promise).then(show, (error) => "Error: " + (error?.message ?? error));
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
};
Object.assign(globalThis, { loadBundle, loadWorker, outcome, show });
`;

/** The parameters of a frame's address choose how it loads. It reports to the page. */
const FRAME = `
const options = JSON.parse(new URL(location.href).searchParams.get("options"));
import("/shared/pyodide-pack/loader.js")
  .then(async ({ loadWorker }) => {
    const python = await loadWorker(options);
    return python.run("import wave, json; json.dumps([6 * 7])");
  })
  .then((value) => parent.postMessage(value, "*"), (error) => parent.postMessage("Error: " + error.message, "*"));
`;

/** Headers of the folder in other conditions, by the first part of the path. */
const CONDITIONS = /** @type {Record<string, Record<string, string>>} */ ({
  octets: { "content-type": "application/octet-stream" },
  shared: { "access-control-allow-origin": "*" },
});

/**
 * Requests for slow copies: those that wait, and who wants to know of one.
 * @type {{ waiting: number, listeners: (() => void)[] }}
 */
export const slow = { waiting: 0, listeners: [] };

/**
 * Sends the first bytes of a copy, and no more.
 * @param {import("node:http").ServerResponse} response
 */
function sendSlowly(response) {
  slow.waiting += 1;
  response.on("close", () => (slow.waiting -= 1));
  response.write(Uint8Array.of(0x1f, 0x8b, 8, 0));
  for (const listener of slow.listeners.splice(0)) listener();
}

/**
 * @param {string} out
 * @returns {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => void}
 */
function handler(out) {
  return async (request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const headers = JSON.parse(url.searchParams.get("headers") ?? "{}");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const [, condition, file] = /^\/(?:(octets|shared|slow)\/)?(.*)$/.exec(url.pathname) ?? [];
    if (condition === "slow" && file.endsWith(".zip.gz")) {
      sendSlowly(response);
      return;
    }
    if (condition === "slow" && file === "waiting") {
      if (slow.waiting === 0) await new Promise((resolve) => slow.listeners.push(() => resolve(undefined)));
      response.end();
      return;
    }
    /** @type {Record<string, string | URL>} */
    const own = {
      "page.html": `${HEAD}<script type=module src=/helpers.js></script>`,
      "deep/link/page.html": `${HEAD}<script type=module src=/helpers.js></script>`,
      "frame.html": `${HEAD}<script type=module src=/shared/frame.js></script>`,
      "frame.js": FRAME,
      "helpers.js": HELPERS,
      "bridge.js": BRIDGE,
    };
    const content = own[file] ?? new URL(`file://${join(out, file)}`);
    const body = typeof content === "string" ? content : await readFile(content).catch(() => undefined);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("content-type", mediaType(file));
    for (const [name, value] of Object.entries(CONDITIONS[condition] ?? {})) response.setHeader(name, value);
    response.end(body);
  };
}

/** @param {string} out */
export async function site(out) {
  const server = await listen(createServer(handler(out)));
  const other = await listen(createServer(handler(out)));
  const gone = await listen(createServer());
  await gone.stop();
  return { server, other: other.address, gone: gone.address };
}

/**
 * Opens a page with headers.
 * @param {Page} page
 * @param {string} address
 * @param {Record<string, string>} [headers]
 * @param {string} [path]
 */
export async function open(page, address, headers = {}, path = "page.html") {
  await page.goto(`${address}${path}?headers=${encodeURIComponent(JSON.stringify(headers))}`);
  await page.evaluate(async () => {
    for (let tries = 0; !("outcome" in globalThis) && tries < 200; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}
