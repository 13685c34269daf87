// Chooses the engine, and opens a page in a new browser.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Page } from "./page.mjs";
import { startChromium, startFirefox } from "./puppeteer.mjs";
import { startWebKit } from "./webkit.mjs";

/** @typedef {"chromium" | "firefox" | "webkit"} Engine */
/**
 * How a browser starts.
 * @typedef {object} Start
 * @property {string} profile a folder
 * @property {"light" | "dark"} [scheme] the colours that the user prefers
 * @property {Record<string, string>} [environment] variables for WebKit
 */

const START = { chromium: startChromium, firefox: startFirefox, webkit: startWebKit };

/** All engines, in the order of the tables. */
export const ENGINES = /** @type {Engine[]} */ (Object.keys(START));

const wanted = /** @type {Engine} */ (process.env.ENGINE ?? "chromium");
if (!ENGINES.includes(wanted)) {
  console.error(`ENGINE is ${wanted}: write one of ${ENGINES.join(", ")}`);
  process.exit(2);
}

/** The engine of this process, from the variable `ENGINE`. */
export const engine = wanted;

/**
 * Opens a page in a new browser. Its profile is new and temporary, unless a folder is given.
 * @param {(page: Page) => Promise<void>} visit
 * @param {Partial<Start>} [start]
 */
export async function browse(visit, start = {}) {
  const temporary = start.profile === undefined;
  const profile = start.profile ?? (await mkdtemp(join(tmpdir(), "browser-test-")));
  await mkdir(profile, { recursive: true });
  try {
    const { driver, stop } = await START[engine]({ ...start, profile });
    try {
      await visit(new Page(driver));
    } finally {
      await stop();
    }
  } finally {
    if (temporary) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
