// Collects what must not happen in a page.

import { engine } from "./engine.mjs";
import { answers } from "./servers.mjs";

/** @typedef {import("./page.mjs").Page} Page */

/** What Firefox reports when a worker is terminated while its WebAssembly runs. */
const TERMINATED = "uncaught exception: undefined";

/**
 * Collects errors, and requests that fail or go elsewhere. WebKit's driver reports no answers: the test's
 * own server does.
 * @param {Page} page
 * @param {string} origin
 */
export function watch(page, origin) {
  /** @type {string[]} */
  const complaints = [];
  if (engine === "webkit") {
    answers.on("answer", (status, url) => {
      if (status >= 400 && new URL(url).origin === origin) complaints.push(`${status}: ${url}`);
    });
  }
  page.driver.listen((event) => {
    if (event.kind === "request") {
      if (/^https?:/.test(event.url) && new URL(event.url).origin !== origin) complaints.push(`elsewhere: ${event.url}`);
    } else if (event.kind === "response") {
      if (event.status >= 400) complaints.push(`${event.status}: ${event.url}`);
    } else if (event.kind === "failed") {
      complaints.push(`request failed: ${event.url}: ${event.text}`);
    } else if (engine !== "firefox" || event.text !== TERMINATED) {
      complaints.push(`${event.kind}: ${event.text}`);
    }
  });
  return complaints;
}

/**
 * What was collected, except for what a test knows.
 * @param {Page} page
 * @param {string[]} complaints
 * @param {RegExp} [known]
 */
export async function unexpected(page, complaints, known) {
  await page.driver.settle();
  return complaints.filter((text) => known?.test(text) !== true).join("\n");
}
