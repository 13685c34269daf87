// Shared parts of the browser tests: checks, the server, the browser.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/** @typedef {import("playwright-core").Page} Page */

const count = { passed: 0, failed: 0 };

/**
 * @param {string} name
 * @param {unknown} actual
 * @param {unknown} [expected]
 */
export function check(name, actual, expected = true) {
  if (Object.is(actual, expected)) {
    count.passed += 1;
    console.log(`ok      ${name}`);
  } else {
    count.failed += 1;
    console.log(`FAILED  ${name}\n  expected: ${show(expected)}\n  actual:   ${show(actual)}`);
  }
}

/** @param {unknown} value */
function show(value) {
  return typeof value === "string"
    ? value.replaceAll("\n", "\n            ")
    : JSON.stringify(value);
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} seconds
 * @param {string} what
 * @returns {Promise<T>}
 */
function within(promise, seconds, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: nothing after ${seconds} s`)),
      seconds * 1000,
    );
  });
  return /** @type {Promise<T>} */ (Promise.race([promise, late])).finally(() =>
    clearTimeout(timer),
  );
}

/**
 * Starts the server. Resolves with its address and a function that ends it.
 * @param {string} binary
 */
async function serve(binary) {
  const server = spawn(binary, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("close", resolve));
  const stop = async () => {
    server.kill();
    await ended;
  };
  process.once("exit", () => server.kill());
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
    createInterface(server.stdout).on("line", (line) => {
      const found = /^(?:Listening on )?(http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line);
      if (found) resolve(found[1]);
    });
  });
  try {
    return { address: await within(address, 30, "the server's address"), stop };
  } catch (error) {
    server.kill();
    throw error;
  }
}

/**
 * Collects events that must not happen.
 * @param {Page} page
 * @param {string} origin
 */
export function watch(page, origin) {
  /** @type {string[]} */
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("crash", () => complaints.push("the page crashed"));
  page.on("requestfailed", (request) => {
    complaints.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`elsewhere: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}

/**
 * Opens a page in a new browser.
 * @param {(page: Page) => Promise<void>} visit
 */
export async function browse(visit) {
  const profile = await mkdtemp(join(tmpdir(), "browser-test-"));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: "/usr/bin/chromium",
      viewport: { width: 1280, height: 900 },
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    try {
      context.setDefaultTimeout(120_000);
      await visit(await context.newPage());
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

/** @type {Record<string, string>} */
const TYPES = {
  html: "text/html",
  js: "text/javascript",
  json: "application/json",
  mjs: "text/javascript",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  zip: "application/zip",
};

/**
 * The media type of a file, for the tests' own servers.
 * @param {string} path
 */
export function mediaType(path) {
  return TYPES[path.split(".").pop() ?? ""] ?? "application/octet-stream";
}

/**
 * Starts a test's own server, for `run`.
 * @param {import("node:http").Server} server
 */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const listening = server.address();
  const port = typeof listening === "object" && listening !== null ? listening.port : 0;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://127.0.0.1:${port}/`, stop };
}

/**
 * Serves files, visits them, prints the closing line, and ends the process.
 * @param {string | { address: string, stop: () => Promise<void> }} server a binary that prints its address,
 * or a running server
 * @param {(page: Page, address: string) => Promise<void>} visit
 */
export async function run(server, visit) {
  try {
    const { address, stop } = typeof server === "string" ? await serve(server) : server;
    try {
      await within(browse((page) => visit(page, address)), 300, "the browser");
    } finally {
      await stop();
    }
  } catch (error) {
    count.failed += 1;
    console.log(`FAILED  ${error instanceof Error ? error.message : error}`);
  }
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exit(count.failed === 0 ? 0 : 1);
}
