// The example app in a real browser. The page starts, the traced pair of dialects needs no further files,
// and other dialects are fetched on demand. No request is blocked, missing or sent to another server.
//
//     node example-app.mjs BINARY [FOLDER_FOR_SCREENSHOTS]

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { browse, can, check, engine, run, skip, unexpected, watch } from "./harness.mjs";
import { click, fill, focus, text, texts } from "./harness/controls.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [binary, screenshots] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node example-app.mjs BINARY [FOLDER_FOR_SCREENSHOTS]");
  process.exit(2);
}

const QUERY = await readFile(new URL("../../example-app/python/example.sql", import.meta.url), "utf8");

const POSTGRES = `\
SELECT
  region,
  TO_CHAR(sold_at, 'YYYY-MM') AS month,
  SUM(amount) AS revenue,
  STRING_AGG(product, ', ') AS products
FROM sales
WHERE
  sold_at >= CAST('2026-01-01' AS TIMESTAMP) AND status = 'paid'
GROUP BY
  region,
  TO_CHAR(sold_at, 'YYYY-MM')
ORDER BY
  revenue DESC NULLS LAST
LIMIT 10;`;

/** @type {Record<string, string>} */
const UNTRACED = {
  TSQL: `\
SELECT
TOP 10
  region,
  FORMAT(sold_at, 'yyyy-MM') AS month,
  SUM(amount) AS revenue,
  STRING_AGG(product, ', ') AS products
FROM sales
WHERE
  sold_at >= CAST('2026-01-01' AS DATETIME2) AND status = 'paid'
GROUP BY
  region,
  FORMAT(sold_at, 'yyyy-MM')
ORDER BY
  revenue DESC;`,
  BigQuery: `\
SELECT
  region,
  FORMAT_DATE('%Y-%m', sold_at) AS month,
  SUM(amount) AS revenue,
  STRING_AGG(product, ', ') AS products
FROM sales
WHERE
  sold_at >= CAST('2026-01-01' AS DATETIME) AND status = 'paid'
GROUP BY
  region,
  month
ORDER BY
  revenue DESC
LIMIT 10;`,
  Snowflake: `\
SELECT
  region,
  TO_CHAR(sold_at, 'yyyy-mm') AS month,
  SUM(amount) AS revenue,
  LISTAGG(product, ', ') AS products
FROM sales
WHERE
  sold_at >= CAST('2026-01-01' AS TIMESTAMPNTZ) AND status = 'paid'
GROUP BY
  region,
  TO_CHAR(sold_at, 'yyyy-mm')
ORDER BY
  revenue DESC NULLS LAST
LIMIT 10;`,
};

/** @param {string} address */
async function checkServer(address) {
  const page = await fetch(address);
  check("GET / is the page", page.headers.get("content-type"), "text/html; charset=utf-8");
  const body = new Uint8Array(await page.arrayBuffer());
  check(
    "its policy is strict",
    page.headers.get("content-security-policy")?.includes("unsafe-inline"),
    false,
  );
  check("its type is not guessed", page.headers.get("x-content-type-options"), "nosniff");
  check("it is revalidated", page.headers.get("cache-control"), "no-cache");

  const etag = page.headers.get("etag") ?? "";
  const again = await fetch(address, { headers: { "if-none-match": etag } });
  check("a known page is not sent again", again.status, 304);

  const head = await fetch(address, { method: "HEAD" });
  check("HEAD returns the length", head.headers.get("content-length"), String(body.length));
  check("and sends nothing", (await head.arrayBuffer()).byteLength, 0);

  const loader = await fetch(new URL("pyodide-pack/loader.js", address), { method: "HEAD" });
  check("the loader is there", loader.status, 200);
  check("as JavaScript", /^text\/javascript\b/.test(loader.headers.get("content-type") ?? ""));
  check("and is revalidated", loader.headers.get("cache-control"), "no-cache");

  const plain = await fetch(new URL("pyodide-pack/manifest.json", address), {
    headers: { "accept-encoding": "identity" },
  });
  check("who decodes nothing gets the file itself", plain.headers.get("content-encoding"), null);
  check("which is JSON", typeof (await plain.json()).schema, "number");

  const missing = await fetch(new URL("pyodide-pack/nothing", address));
  check("an unknown path is a 404", missing.status, 404);
  const post = await fetch(address, { method: "POST" });
  check("POST is a 405", post.status, 405);
}

/**
 * The page's records for this test.
 * @typedef {typeof globalThis & { answered: Promise<undefined> }} Watched
 */

/**
 * Measurements of the browser since the page began to load.
 * @param {Page} page
 * @param {"longtask" | "layout-shift"} type
 */
async function measured(page, type) {
  return page.evaluate(
    (type) =>
      new Promise((/** @type {(entries: { duration: number, value: number, hadRecentInput: boolean }[]) => void} */ done) => {
        /** @type {any[]} */
        const entries = [];
        const add = (/** @type {PerformanceObserverEntryList} */ list) => entries.push(...list.getEntries());
        new PerformanceObserver(add).observe({ type, buffered: true });
        // Earlier entries come in a task of their own, at once.
        const frames = (/** @type {number} */ left) => {
          if (left > 0) requestAnimationFrame(() => frames(left - 1));
          else done(entries.map(({ duration, value, hadRecentInput }) => ({ duration, value, hadRecentInput })));
        };
        frames(5);
      }),
    type,
  );
}

/**
 * Presses the button (or the keys, or Enter in the focused element) and waits for the answer.
 * @param {Page} page
 * @param {"button" | "keys" | "Enter"} by
 */
async function transpile(page, by = "button") {
  await page.evaluate(() => {
    const output = /** @type {Element} */ (document.getElementById("output"));
    /** @type {Watched} */ (globalThis).answered = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (output.hasAttribute("aria-busy")) return;
        observer.disconnect();
        resolve(undefined);
      });
      observer.observe(output, { attributeFilter: ["aria-busy"] });
    });
  });
  if (by === "button") await click(page, "button", "Transpile");
  if (by === "keys") await focus(page, "Query to translate");
  if (by !== "button") await page.press(by === "keys" ? "Control+Enter" : "Enter");
  await page.evaluate(() => /** @type {Watched} */ (globalThis).answered);
  return text(page, "#output");
}

/**
 * The files of the list "Fetched on demand".
 * @param {Page} page
 */
async function misses(page) {
  return texts(page, "#misses tr td:first-child");
}

/**
 * Resolves when Python is ready, and prints how long that took.
 * @param {Page} page
 */
async function ready(page) {
  await page.waitFor(() => /^Ready in /.test(document.getElementById("status")?.textContent ?? ""));
  const tasks = can("long tasks (`longtask`)") ? await measured(page, "longtask") : [];
  const longest = Math.max(0, ...tasks.map(({ duration }) => duration));
  console.log(`        ${await text(page, "#status")}${longest > 0 ? `, longest task of the page: ${longest} ms` : ""}`);
}

/** @param {Page} page */
async function focused(page) {
  return page.evaluate(() => document.activeElement?.id);
}

/**
 * Returns the page once it is ready.
 * @param {Page} page
 */
async function checkStart(page) {
  await ready(page);
  check("the page greets with the example", await text(page, "#output"), POSTGRES);
  const names = await texts(page, "#write option");
  check(
    "all dialects are on offer",
    names.length > 30 && Object.keys(UNTRACED).every((name) => names.includes(name)),
  );
  const still = "nothing moved when it became ready";
  const ability = "layout shifts (`layout-shift`)";
  if (!can(ability)) {
    skip(still, ability);
    return;
  }
  const shifts = (await measured(page, "layout-shift")).filter(({ hadRecentInput }) => !hadRecentInput);
  const shift = shifts.reduce((sum, { value }) => sum + value, 0);
  check(still, shift < 0.001 ? 0 : shift, 0);
}

/**
 * The traced pair of dialects, and others.
 * @param {Page} page
 */
async function checkDialects(page) {
  await fill(page, "Query to translate", QUERY);
  await fill(page, "From", "DuckDB");
  await fill(page, "To", "Postgres");
  check("the traced pair, by the button", await transpile(page), POSTGRES);
  check("the traced pair, by the keys", await transpile(page, "keys"), POSTGRES);
  check("the traced pair fetches nothing", (await misses(page)).join(", "), "");

  let before = 0;
  for (const [name, expected] of Object.entries(UNTRACED)) {
    await fill(page, "To", name);
    check(`${name} is right`, await transpile(page), expected);
    const fresh = (await misses(page)).slice(before);
    check(
      `${name} was fetched on demand`,
      fresh.some((path) => path.includes(`dialects/${name.toLowerCase()}.`)),
    );
    check(
      `${name} is fetched once`,
      (await transpile(page)) === expected && (await misses(page)).length,
      before + fresh.length,
    );
    before += fresh.length;
  }
  await fill(page, "To", "Postgres");
  check("the traced pair is still right", await transpile(page), POSTGRES);
  check("and still fetches nothing", (await misses(page)).length, before);
  console.log(`        on demand: ${await text(page, "#misses-total")}`);
  await click(page, "summary", "Lines for build.rs that put these files into the bundle");
  const lines = (await text(page, "#misses-code")).split("\n");
  check(
    "there are lines for build.rs",
    Object.keys(UNTRACED).filter(
      (name) => !lines.some((line) => line.includes(`.eager("sqlglot/dialects/${name.toLowerCase()}.py")`)),
    ).join(", "),
    "",
  );
}

/**
 * Takes a picture in each of the two colour schemes, in a browser of its own.
 * @param {string} address
 * @param {string} label
 */
async function takeScreenshots(address, label) {
  const folder = join(screenshots, engine);
  await mkdir(folder, { recursive: true });
  for (const scheme of /** @type {const} */ (["light", "dark"])) {
    await browse(
      async (page) => {
        await page.goto(address);
        await ready(page);
        const dark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
        check(`${label}: the browser prefers ${scheme}`, dark, scheme === "dark");
        await page.screenshot(join(folder, `${label}-${scheme}.png`));
      },
      { scheme },
    );
  }
}

/**
 * Uses the keyboard alone, from the first control on.
 * @param {Page} page
 */
async function checkKeyboard(page) {
  await focus(page, "From");
  const order = [];
  for (const _ of ["query", "write", "output", "run"]) {
    if ((await focused(page)) === "write") await page.type("TS");
    await page.press("Tab");
    order.push(await focused(page));
  }
  check("the keyboard gets everywhere", order.join(" "), "query write output run");
  check("and does everything", await transpile(page, "Enter"), UNTRACED.TSQL);
  await fill(page, "To", "Postgres");
}

/**
 * Sends a query with a mistake, then its correction.
 * @param {Page} page
 */
async function checkMistake(page) {
  await fill(page, "Query to translate", "SELECT * FROM WHERE x");
  await transpile(page);
  const alert = await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector("[role=alert]")).innerText);
  check(
    "a mistake is named",
    /TranspileError: Expected table name[^]*»WHERE«/.test(alert) ? "" : alert,
    "",
  );
  check("without the traceback", alert.includes("Traceback"), false);
  await fill(page, "Query to translate", "SELECT 1; SELECT 2");
  check("and can be corrected", await transpile(page), "SELECT\n  1;\n\nSELECT\n  2;");
}

/**
 * @param {Page} page
 * @param {string} address
 * @param {string} label of the page, and of its screenshots
 */
async function checkPage(page, address, label) {
  console.log(`== ${label}`);
  const complaints = watch(page, new URL(address).origin);
  await page.goto(address);
  await checkStart(page);
  await checkDialects(page);
  await checkKeyboard(page);
  await checkMistake(page);
  check("the browser had nothing to complain about", await unexpected(page, complaints), "");
  if (screenshots) await takeScreenshots(address, label);
}

await run(binary, async (page, address) => {
  await checkServer(address);
  await checkPage(page, address, "leptos");
  await checkPage(await page.open(), new URL("plain.html", address).href, "plain");
});
