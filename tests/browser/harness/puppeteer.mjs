// Drives Chromium by its own protocol, and stock Firefox by WebDriver BiDi.

import { launch } from "puppeteer-core";

/** @typedef {import("./page.mjs").Driver} Driver */
/** @typedef {import("./engine.mjs").Start} Start */

const CHROMIUM = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const VIEWPORT = { width: 1280, height: 900 };

/** @param {Start} start */
export async function startChromium({ profile, scheme }) {
  return start(
    await launch({
      executablePath: "/usr/bin/chromium",
      args: scheme === "dark" ? [...CHROMIUM, "--blink-settings=preferredColorScheme=0"] : CHROMIUM,
      userDataDir: profile,
      defaultViewport: VIEWPORT,
      protocolTimeout: 0,
    }),
  );
}

/** @param {Start} start */
export async function startFirefox({ profile, scheme }) {
  return start(
    await launch({
      browser: "firefox",
      executablePath: "/usr/bin/firefox-esr",
      userDataDir: profile,
      defaultViewport: VIEWPORT,
      protocolTimeout: 0,
      extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": scheme === "dark" ? 0 : 1 },
    }),
  );
}

/**
 * @param {import("puppeteer-core").Browser} browser
 * @returns {Promise<{ driver: Driver, stop: () => Promise<void> }>}
 */
async function start(browser) {
  return { driver: drive(browser, await browser.newPage()), stop: () => browser.close() };
}

/**
 * @param {import("puppeteer-core").Browser} browser
 * @param {import("puppeteer-core").Page} page
 * @returns {Driver}
 */
function drive(browser, page) {
  page.setDefaultTimeout(120_000);
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    run: async (expression) => /** @type {string} */ (await page.evaluate(expression)),
    async press(keys) {
      const names = /** @type {import("puppeteer-core").KeyInput[]} */ (keys.split("+"));
      const key = /** @type {import("puppeteer-core").KeyInput} */ (names.pop());
      for (const name of names) await page.keyboard.down(name);
      await page.keyboard.press(key);
      for (const name of names.reverse()) await page.keyboard.up(name);
    },
    type: (text) => page.keyboard.type(text),
    screenshot: async (path) => void (await page.screenshot({ path: /** @type {`${string}.png`} */ (path), fullPage: true })),
    open: async () => drive(browser, await browser.newPage()),
    close: () => page.close(),
    listen: (listener) => listen(page, listener),
    // An answer comes after the events before it.
    settle: async () => void (await page.evaluate("0")),
  };
}

/**
 * @param {import("puppeteer-core").Page} page
 * @param {(event: import("./page.mjs").PageEvent) => void} listener
 */
function listen(page, listener) {
  page.on("console", (message) => {
    if (message.type() === "error") listener({ kind: "console", text: message.text() });
  });
  page.on("pageerror", (error) => {
    listener({ kind: "page error", text: error instanceof Error ? error.message : String(error) });
  });
  page.on("error", (error) => listener({ kind: "crash", text: error.message }));
  page.on("request", (request) => listener({ kind: "request", url: request.url() }));
  page.on("requestfailed", (request) => {
    listener({ kind: "failed", url: request.url(), text: request.failure()?.errorText ?? "" });
  });
  page.on("response", (response) => {
    listener({ kind: "response", url: response.url(), status: response.status() });
  });
}
