// Files that do not arrive as they should, one at a time: every promise settles, and every error names the
// address and what came instead. What fails only once, or what can be had otherwise, works.
//
//     node failures.mjs OUT_DIR

import { createServer } from "node:net";
import { join } from "node:path";

import { checkLazy } from "./failures/lazy.mjs";
import { loadFrom } from "./failures/load.mjs";
import { checkPackages } from "./failures/packages.mjs";
import { Site, TARGETS } from "./failures/site.mjs";
import { check, listen, run, unexpected, watch } from "./harness.mjs";

/** @typedef {import("./harness.mjs").Page} Page */
/** @typedef {import("./failures/site.mjs").Target} Target */
/** @typedef {import("./failures/site.mjs").Failure} Failure */

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node failures.mjs OUT_DIR");
  process.exit(2);
}

/** @type {Target[]} */
const STARTS = ["manifest", "script", "glue", "wasm", "lock", "eager"];
/** What the error must say. */
const SAYS = {
  403: /403/,
  404: /404/,
  204: /204/,
  451: /451/,
  page: /text\/html|a page came/,
  type: /octet-stream/,
  early: /can't be (reached|fetched)/,
  late: /can't be (reached|fetched)|broke off|did not arrive whole|could not be read to its end/,
};
/** What Firefox itself reports as errors of the page. */
const REPORTED = /page error: (Loading|Cross-Origin|Security Error|Content-Security-Policy)/;
const FAILURES = /** @type {(keyof typeof SAYS)[]} */ (Object.keys(SAYS));
const BOTH = /** @type {("page" | "worker")[]} */ (["page", "worker"]);

/**
 * What is wrong with an error, or nothing.
 * @param {string} outcome
 * @param {string} address of the folder
 * @param {Target} target
 * @param {keyof typeof SAYS} failure
 */
function wrong(outcome, address, target, failure) {
  const named = (outcome.match(/https?:\/\/[^\s:]+(:\d+)?[^\s:,]*/g) ?? []).some(
    (found) => found.startsWith(address) && TARGETS[target].test(found.slice(address.length).split("?")[0]),
  );
  if (!named) return `no address of the file: ${outcome}`;
  if (!SAYS[failure].test(outcome)) return `not what came: ${outcome}`;
  return /Unexpected token '<'/.test(outcome) ? outcome : "";
}

/**
 * Each file, each failure.
 * @param {Page} page
 * @param {string} origin
 */
async function checkEach(page, origin) {
  for (const where of BOTH) {
    for (const target of /** @type {Target[]} */ (where === "page" ? STARTS : [...STARTS, "worker"])) {
      await page.goto(origin); // which frees what is left of loads before
      for (const failure of FAILURES) {
        const address = `${origin}${target}.${failure}.${where}/pyodide-pack/`;
        const outcome = await loadFrom(page, address, where);
        const isScript = ["script", "glue", "worker"].includes(target);
        const works = failure === "type" && !isScript;
        check(`${where}: ${target}, ${failure}`, works ? outcome : wrong(outcome, address, target, failure), works ? "loaded" : "");
      }
    }
  }
}

/**
 * Each file, failing for the first request only.
 * @param {Page} page
 * @param {string} origin
 */
async function checkOnce(page, origin) {
  for (const target of STARTS) {
    await page.goto(origin);
    check(`page: ${target} that breaks off once`, await loadFrom(page, `${origin}${target}.late.once/pyodide-pack/`, "page"), "loaded");
    check(`worker: ${target}, once 403`, await loadFrom(page, `${origin}${target}.403.once/pyodide-pack/`, "worker"), "loaded");
  }
  for (const failure of ["late", "page", "404"]) {
    const address = `${origin}copies.${failure}.0/pyodide-pack/`;
    check(`page: copies, ${failure}`, await loadFrom(page, address, "page", { compression: "gzip" }), "loaded");
  }
}

/**
 * A server that can't be reached, and a page that may not compile WebAssembly.
 * @param {Page} page
 * @param {string} origin
 * @param {string} closed an address without a server
 */
async function checkNothing(page, origin, closed) {
  await page.goto(origin);
  const away = `${closed}pyodide-pack/`;
  for (const where of BOTH) {
    const outcome = await loadFrom(page, `${origin}none/pyodide-pack/`, where, { baseURL: away });
    const says = outcome.includes(away) && !outcome.startsWith("never");
    check(`${where}: a server that can't be reached`, says ? "" : outcome, "");
  }
  await page.goto(`${origin}policy.page/`);
  for (const where of BOTH) {
    const outcome = await loadFrom(page, `${origin}policy.${where}/pyodide-pack/`, where);
    check(`${where}: a policy without WebAssembly`, outcome.includes("'wasm-unsafe-eval'") ? "" : outcome, "");
  }
}

/** An address at which nothing listens. */
async function closedAddress() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}

const site = new Site(join(out, "pyodide-pack"));
const closed = await closedAddress();
await run(await listen(site.server), async (page, origin) => {
  const complaints = watch(page, new URL(origin).origin);
  await checkEach(page, origin);
  await checkOnce(page, origin);
  await checkNothing(page, origin, closed);
  await checkLazy(page, origin, site);
  await checkPackages(page, origin, site, closed);
  const errors = complaints.filter((text) => text.startsWith("page error"));
  check("no error was left to the browser", await unexpected(page, errors, REPORTED), "");
});
