// The example app in a real browser. The page starts, the traced pair of dialects needs no further files,
// and other dialects are fetched on demand. No request is blocked, missing or sent to another server.
//
//     node example-app.mjs BINARY [FOLDER_FOR_SCREENSHOTS]

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { check, run, watch } from "./harness.mjs";

/** @typedef {import("playwright-core").Page} Page */

const [binary, screenshots] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node example-app.mjs BINARY [FOLDER_FOR_SCREENSHOTS]");
  process.exit(2);
}

/** In milliseconds. */
const LONGEST_TASK = 200;
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
  check("who does not take gzip is told so", plain.status, 406);

  const missing = await fetch(new URL("pyodide-pack/nothing", address));
  check("an unknown path is a 404", missing.status, 404);
  const post = await fetch(address, { method: "POST" });
  check("POST is a 405", post.status, 405);
}

/**
 * The page's records for this test: violations of its policy, layout shifts, and the longest time in
 * milliseconds for which it was busy.
 * @typedef {typeof globalThis & { violations: string[], shift: number, longest: number,
 *   answered: Promise<undefined> }} Watched
 */

/** @param {Page} page */
async function instrument(page) {
  await page.addInitScript(() => {
    const watched = /** @type {Watched} */ (globalThis);
    watched.violations = [];
    watched.shift = 0;
    watched.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration);
    }).observe({ type: "longtask", buffered: true });
    document.addEventListener("securitypolicyviolation", (event) => {
      watched.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
    });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } =
          /** @type {PerformanceEntry & { value: number, hadRecentInput: boolean }} */ (entry);
        if (!hadRecentInput) watched.shift += value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
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
  if (by === "button") await page.getByRole("button", { name: "Transpile" }).click();
  else if (by === "Enter") await page.keyboard.press("Enter");
  else await page.getByLabel("Query to translate").press("Control+Enter");
  await page.evaluate(() => /** @type {Watched} */ (globalThis).answered);
  return (await page.locator("#output").textContent()) ?? "";
}

/**
 * The files of the list "Fetched on demand".
 * @param {Page} page
 */
async function misses(page) {
  return page.locator("#misses tr td:first-child").allTextContents();
}

/**
 * Returns the longest task of the main thread while it loaded, in milliseconds.
 * @param {Page} page
 */
async function longestTask(page) {
  await page.waitForFunction(() =>
    /^Ready in /.test(document.getElementById("status")?.textContent ?? ""),
  );
  const longest = await page.evaluate(() => /** @type {Watched} */ (globalThis).longest);
  console.log(`        ${await page.locator("#status").textContent()}, longest task of the page: ${longest} ms`);
  return longest;
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
  let longest = await longestTask(page);
  // Other programs on the machine delay a page, too, so it gets two more attempts.
  for (let chances = 2; longest > LONGEST_TASK && chances > 0; chances -= 1) {
    await page.reload();
    longest = Math.min(longest, await longestTask(page));
  }
  check("it is not held up for long", longest <= LONGEST_TASK ? "" : longest, "");
  check("the page greets with the example", await page.locator("#output").textContent(), POSTGRES);
  const names = await page.getByLabel("To", { exact: true }).locator("option").allTextContents();
  check(
    "all dialects are on offer",
    names.length > 30 && Object.keys(UNTRACED).every((name) => names.includes(name)),
  );
  const shift = await page.evaluate(() => /** @type {Watched} */ (globalThis).shift);
  check("nothing moved when it became ready", shift < 0.001 ? 0 : shift, 0);
}

/**
 * The traced pair of dialects, and others.
 * @param {Page} page
 */
async function checkDialects(page) {
  await page.getByLabel("Query to translate").fill(QUERY);
  await page.getByLabel("From", { exact: true }).selectOption("DuckDB");
  await page.getByLabel("To", { exact: true }).selectOption("Postgres");
  check("the traced pair, by the button", await transpile(page), POSTGRES);
  check("the traced pair, by the keys", await transpile(page, "keys"), POSTGRES);
  check("the traced pair fetches nothing", (await misses(page)).join(", "), "");

  let before = 0;
  for (const [name, expected] of Object.entries(UNTRACED)) {
    await page.getByLabel("To", { exact: true }).selectOption(name);
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
  await page.getByLabel("To", { exact: true }).selectOption("Postgres");
  check("the traced pair is still right", await transpile(page), POSTGRES);
  check("and still fetches nothing", (await misses(page)).length, before);
  console.log(`        on demand: ${await page.locator("#misses-total").textContent()}`);
  await page.getByText("Lines for build.rs").click();
  const lines = (await page.locator("#misses-code").textContent())?.split("\n") ?? [];
  check(
    "there are lines for build.rs",
    Object.keys(UNTRACED).filter(
      (name) => !lines.some((line) => line.includes(`.eager("sqlglot/dialects/${name.toLowerCase()}.py")`)),
    ).join(", "),
    "",
  );
}

/**
 * @param {Page} page
 * @param {string} label
 */
async function takeScreenshots(page, label) {
  await mkdir(screenshots, { recursive: true });
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ fullPage: true, path: join(screenshots, `${label}-${colorScheme}.png`) });
  }
}

/**
 * Uses the keyboard alone, from the first control on.
 * @param {Page} page
 */
async function checkKeyboard(page) {
  await page.getByLabel("From", { exact: true }).focus();
  const order = [];
  for (const _ of ["query", "write", "output", "run"]) {
    if ((await focused(page)) === "write") await page.keyboard.type("TS");
    await page.keyboard.press("Tab");
    order.push(await focused(page));
  }
  check("the keyboard gets everywhere", order.join(" "), "query write output run");
  check("and does everything", await transpile(page, "Enter"), UNTRACED.TSQL);
  await page.getByLabel("To", { exact: true }).selectOption("Postgres");
}

/**
 * Sends a query with a mistake, then its correction.
 * @param {Page} page
 */
async function checkMistake(page) {
  await page.getByLabel("Query to translate").fill("SELECT * FROM WHERE x");
  await transpile(page);
  const alert = await page.getByRole("alert").innerText();
  check(
    "a mistake is named",
    /TranspileError: Expected table name[^]*»WHERE«/.test(alert) ? "" : alert,
    "",
  );
  check("without the traceback", alert.includes("Traceback"), false);
  await page.getByLabel("Query to translate").fill("SELECT 1; SELECT 2");
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
  await instrument(page);
  await page.goto(address);
  await checkStart(page);
  await checkDialects(page);
  if (screenshots) await takeScreenshots(page, label);
  await checkKeyboard(page);
  await checkMistake(page);
  complaints.push(...(await page.evaluate(() => /** @type {Watched} */ (globalThis).violations)));
  check("the browser had nothing to complain about", complaints.join("\n"), "");
}

await run(binary, async (page, address) => {
  await checkServer(address);
  await checkPage(page, address, "leptos");
  await checkPage(await page.context().newPage(), new URL("plain.html", address).href, "plain");
});
