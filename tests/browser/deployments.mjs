// Two deployments of a site, one after the other, in one browser: with each way to cache, the page has all
// of the old one or all of the new one.
//
//     node deployments.mjs OUT_DIR

import { join } from "node:path";

import { Site } from "./deployments/site.mjs";
import { check, listen, run, unexpected, watch } from "./harness.mjs";

/** @typedef {import("./harness.mjs").Page} Page */
/** @typedef {"page" | "worker"} Where */

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node deployments.mjs OUT_DIR");
  process.exit(2);
}

/** The app, the environment, and the loader. */
const CODE = `
import os, js
with open("/home/pyodide/example.sql", "rb") as file:
    letter = file.read(1).decode()
letter + os.environ["DEPLOYMENT"] + js.startedBy`;
const BOTH = /** @type {Where[]} */ (["page", "worker"]);
const DAY = "max-age=86400";
const EITHER = ["AAA", "BBB"];
const NEW = ["BBB"];

/** How files are cached, and what may come after the second deployment. */
/** @type {[name: string, control: import("./deployments/site.mjs").CacheControl, expected: string[]][]} */
const MODES = [
  ["no-cache", () => "no-cache", NEW],
  ["ten minutes", () => "max-age=600", EITHER],
  ["a day", () => DAY, EITHER],
  ["no header", () => undefined, EITHER],
  ["as in the manual", (file) => (/\.[0-9a-f]{16}[./]/.test(file) ? "max-age=31536000, immutable" : "no-cache"), NEW],
  ["an old manifest", (file) => (file.endsWith("manifest.json") ? DAY : "no-store"), NEW],
  ["an old loader", (file) => (/(loader|worker)\.js$/.test(file) ? DAY : "no-store"), NEW],
  ["an old loader and manifest", (file) => (/(loader\.js|manifest\.json)$/.test(file) ? DAY : "no-store"), NEW],
];

/**
 * The letters of what runs, or the error.
 * @param {Page} page
 * @param {Where} where
 * @param {Record<string, unknown>} [options]
 * @returns {Promise<string>}
 */
async function load(page, where, options = {}) {
  return page.evaluate(
    async ({ where, options, code }) => {
      const loader = new URL("pyodide-pack/loader.js", location.href).href;
      const { loadBundle, loadWorker } = await import(loader);
      try {
        if (where === "page") return (await loadBundle(options)).pyodide.runPython(code);
        const python = await loadWorker(options);
        const letters = await python.run(code);
        python.terminate();
        return letters;
      } catch (error) {
        return /** @type {Error} */ (error).message;
      }
    },
    { where, options, code: CODE },
  );
}

/**
 * @param {string} name
 * @param {string} outcome
 * @param {string[]} expected
 */
function among(name, outcome, expected) {
  check(`${name} (${outcome.slice(0, 3)})`, expected.includes(outcome) ? expected[0] : outcome, expected[0]);
}

/**
 * @param {Page} page
 * @param {string} origin
 * @param {Site} site
 */
async function checkModes(page, origin, site) {
  for (const [name, control, expected] of MODES) {
    site.modes.set(name, control);
    for (const where of BOTH) {
      site.deployed = "A";
      await page.goto(`${origin}${name}.${where}/`);
      among(`${where}, ${name}: the first`, await load(page, where), ["AAA"]);
      site.deployed = "B";
      await page.goto(`${origin}${name}.${where}/`);
      among(`${where}, ${name}: the second`, await load(page, where), expected);
      await page.goto(`${origin}${name}.${where}/`);
      among(`${where}, ${name}: once more`, await load(page, where), expected);
    }
  }
}

/**
 * With a digest of the manifest, as a page has it that is never cached.
 * @param {Page} page
 * @param {string} origin
 * @param {Site} site
 */
async function checkIntegrity(page, origin, site) {
  const { A, B } = site.deployments;
  for (const name of ["a day", "an old manifest"]) {
    for (const where of BOTH) {
      const address = `${origin}${name}.${where}.integrity/`;
      site.deployed = "A";
      await page.goto(address);
      among(`${where}, ${name}, integrity: the first`, await load(page, where, { integrity: A.integrity }), ["AAA"]);
      site.deployed = "B";
      await page.goto(address);
      among(`${where}, ${name}, integrity: the second`, await load(page, where, { integrity: B.integrity }), NEW);
    }
  }
}

/**
 * With a service worker of the page, which takes all or some files from its cache first.
 * @param {Page} page
 * @param {string} origin
 * @param {Site} site
 */
async function checkServiceWorkers(page, origin, site) {
  for (const [script, expected] of /** @type {const} */ ([["all.js", ["AAA"]], ["some.js", NEW]])) {
    for (const where of BOTH) {
      const address = `${origin}no-cache.${where}.${script}/`;
      site.deployed = "A";
      await page.goto(address);
      await page.evaluate(async (script) => {
        await navigator.serviceWorker.register(script);
        await navigator.serviceWorker.ready;
      }, script);
      await page.goto(address);
      among(`${where}, service worker ${script}: the first`, await load(page, where), ["AAA"]);
      site.deployed = "B";
      await page.goto(address);
      among(`${where}, service worker ${script}: the second`, await load(page, where), [...expected]);
      await page.evaluate(async () => {
        for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
        await caches.delete("all");
      });
    }
  }
}

/**
 * A page that stays open while the site is deployed.
 * @param {Page} page
 * @param {string} origin
 * @param {Site} site
 */
async function checkOpen(page, origin, site) {
  for (const where of BOTH) {
    site.deployed = "A";
    await page.goto(`${origin}no-cache.${where}.open/`);
    among(`${where}, an open page: the first`, await load(page, where), ["AAA"]);
    site.deployed = "B";
    among(`${where}, an open page: the second`, await load(page, where), NEW);
    if (where === "page") continue;
    const side = await page.evaluate(() => /** @type {any} */ (globalThis).startedWorker);
    check("worker, an open page: both sides are of the second", side, "B");
  }
}

const site = await Site.of(join(out, "pyodide-pack"));
await run(await listen(site.server), async (page, origin) => {
  const complaints = watch(page, new URL(origin).origin);
  await checkModes(page, origin, site);
  await checkIntegrity(page, origin, site);
  await checkServiceWorkers(page, origin, site);
  await checkOpen(page, origin, site);
  const errors = complaints.filter((text) => text.startsWith("page error"));
  check("no error was left to the browser", await unexpected(page, errors, /Loading (module|Worker) from/), "");
});
