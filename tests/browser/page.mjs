// A page with Python in a worker, below a path, under a strict policy, on a slow network. It cancels
// loading half way, opens again, and opens in two tabs at once.
//
//     node page.mjs OUT_DIR

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { can, check, listen, mediaType, run, skip, unexpected, watch } from "./harness.mjs";
import { Network } from "./harness/network.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node page.mjs OUT_DIR");
  process.exit(2);
}

const FOLDER = "/some/where/";
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'";
const PAGE = `<!doctype html><title>Page</title><link rel=icon href="icon.svg"><script type=module src=page.js></script>`;
/** The script of each page: it counts its frames, and loads on request. */
const SCRIPT = `
import { loadWorker } from "./pyodide-pack/loader.js";

globalThis.frames = [];
const frame = (time) => {
  frames.push(time);
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
globalThis.load = async (giveUp) => {
  const events = [];
  const controller = new AbortController();
  const from = performance.now();
  const loading = loadWorker({
    signal: controller.signal,
    onProgress(event) {
      events.push(event);
      if (giveUp && event.phase === "fetch" && event.loaded > event.total / 3) controller.abort();
    },
  });
  try {
    const python = await loading;
    const text = await python.call("app.transpile", "SELECT 1 AS a", "duckdb", "postgres");
    python.terminate();
    return { text, events, seconds: (performance.now() - from) / 1000 };
  } catch (error) {
    return { text: error.name, events, seconds: (performance.now() - from) / 1000 };
  }
};
`;
const EXPECTED = "SELECT\n  1 AS a;";
const network = new Network(20e6, 40);

let slow = false;
/** @type {string[]} paths whose content was sent */
let sent = [];
let open = 0;

const server = createServer(async (request, response) => {
  const file = request.url?.startsWith(FOLDER) ? request.url.slice(FOLDER.length).split("?")[0] : "nothing";
  /** @type {Record<string, string>} */
  const own = { "": PAGE, "page.js": SCRIPT, "icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>" };
  // Compressed if the build embeds it compressed.
  const copy = own[file] === undefined ? await readFile(join(out, `${file}.gz`)).catch(() => undefined) : undefined;
  const body = own[file] ?? copy ?? (await readFile(join(out, file)).catch(() => undefined));
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-security-policy", POLICY);
  response.setHeader("content-type", mediaType(file || "page.html"));
  if (copy !== undefined) response.setHeader("content-encoding", "gzip");
  const hashed = /\.[0-9a-f]{8,}\./.test(file);
  response.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  const tag = `"${file.length}-${body.length}"`;
  response.setHeader("etag", tag);
  if (request.headers["if-none-match"] === tag) {
    response.writeHead(304).end();
    return;
  }
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  sent.push(file);
  open += 1;
  response.on("close", () => (open -= 1));
  if (slow) await network.send(response, Buffer.from(body));
  else response.end(body);
});

/** The result of the page's `load`. */
/** @typedef {{ text: string, seconds: number, events: import("../../build-support/runtime/loader.d.mts").ProgressEvent[] }} Loaded */

/**
 * @param {Page} page
 * @param {boolean} [giveUp]
 * @returns {Promise<Loaded>}
 */
async function load(page, giveUp = false) {
  return page.evaluate((giveUp) => /** @type {any} */ (globalThis).load(giveUp), giveUp);
}

/**
 * Returns the longest time between two frames, in milliseconds, and resets the count.
 * @param {Page} page
 */
async function longestFrame(page) {
  return page.evaluate(() => {
    const frames = /** @type {number[]} */ (/** @type {any} */ (globalThis).frames).splice(0);
    return Math.max(...frames.slice(1).map((time, number) => time - frames[number]));
  });
}

await run(await listen(server), async (page, origin) => {
  const address = new URL(FOLDER, origin).href;
  const complaints = watch(page, new URL(origin).origin);

  slow = true;
  await page.goto(address);
  await page.waitFor(() => "load" in globalThis);
  sent = [];
  await longestFrame(page);
  const given = await load(page, true);
  check("a load that is given up half way says so", given.text, "AbortError");
  check("at once", given.events.at(-1)?.phase, "fetch");
  for (let tries = 0; open > 0 && tries < 100; tries += 1) await pause(50);
  check("and nothing goes on being fetched", open, 0);
  // The browser reports it with a delay, and with words of its own.
  const givenUp = new Set(sent.map((file) => `request failed: ${address}${file}`));

  sent = [];
  const first = await load(page);
  check("below a path, on a slow network, it loads", first.text, EXPECTED);
  const phases = first.events.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1]);
  check("phase by phase", phases.join(" "), "core fetch mount start ready");
  const amounts = first.events.map(({ loaded }) => loaded);
  check("with more and more bytes", amounts.every((amount, at) => at === 0 || amount >= amounts[at - 1]));
  check("in pieces", new Set(amounts).size > 10 ? "" : amounts.join(" "), "");
  const last = first.events.at(-1);
  check("up to the last", last?.loaded, last?.total);
  const twice = sent.filter((file, at) => sent.indexOf(file) !== at);
  check("nothing is fetched twice", twice.join(", "), "");
  const longest = await longestFrame(page);
  console.log(`        ${first.seconds.toFixed(1)} s; the longest frame took ${longest.toFixed(0)} ms`);

  slow = false;
  sent = [];
  await page.reload();
  await page.waitFor(() => "load" in globalThis);
  const again = await load(page);
  check("opened again, it loads", again.text, EXPECTED);
  const cache = "HTTP cache, as the tests start the browser";
  if (can(cache)) check("from what the browser has", sent.join(", "), "");
  else skip("from what the browser has", cache);

  const other = await page.open();
  const others = watch(other, new URL(origin).origin);
  await other.goto(address);
  await other.waitFor(() => "load" in globalThis);
  const both = await Promise.all([load(page), load(other)]);
  check("two tabs at once", both.map(({ text }) => text).join(" "), `${EXPECTED} ${EXPECTED}`);
  const all = [await unexpected(page, complaints), await unexpected(other, others)].join("\n").split("\n");
  const rest = all.filter((text) => !givenUp.has(text.replace(/: \S+$/, "")));
  check("the browser had nothing to complain about", rest.join("\n").trim(), "");
});
