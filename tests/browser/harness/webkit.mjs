// Drives WebKitGTK: an X server without a screen, WebKitWebDriver, and its MiniBrowser.

import { spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { within } from "./checks.mjs";
import { collect, collector } from "./collector.mjs";
import { chord, Session } from "./webdriver.mjs";

/** @typedef {import("./page.mjs").Driver} Driver */

const LIBRARIES = "/usr/lib";
/** With WEBKIT_DISABLE_COMPOSITING_MODE, a screenshot would never come. */
const ENVIRONMENT = {
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  LIBGL_ALWAYS_SOFTWARE: "1",
};

async function miniBrowser() {
  for (const folder of await readdir(LIBRARIES, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    const inside = await readdir(join(LIBRARIES, folder.name)).catch(() => []);
    const version = inside.filter((name) => name.startsWith("webkit2gtk-4.")).sort().at(-1);
    if (version !== undefined) return join(LIBRARIES, folder.name, version, "MiniBrowser");
  }
  throw new Error(`no MiniBrowser below ${LIBRARIES}: install webkit2gtk-driver`);
}

/**
 * Starts a program with a process group of its own, which `end` ends.
 * @param {string} command
 * @param {string[]} options
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} given
 */
function launch(command, options, given) {
  const program = spawn(command, options, { ...given, detached: true, stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => program.once("close", resolve));
  const kill = () => {
    try {
      if (program.pid !== undefined) process.kill(-program.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  process.once("exit", kill);
  program.once("close", () => process.off("exit", kill));
  const failed = new Promise((_, reject) => {
    program.once("error", reject);
    program.once("exit", (code) => reject(new Error(`${command} ended with code ${code}`)));
  });
  failed.catch(() => undefined);
  return { program, failed: /** @type {Promise<never>} */ (failed), end: () => (kill(), ended) };
}

/** Starts an X server, which chooses its number. */
async function startScreen() {
  const options = ["-displayfd", "3", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"];
  const server = launch("Xvfb", options, {});
  const output = /** @type {import("node:stream").Readable} */ (server.program.stdio[3]);
  const number = new Promise((resolve) => createInterface(output).once("line", resolve));
  const display = `:${await within(Promise.race([number, server.failed]), 30, "Xvfb")}`;
  return { display, end: server.end };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** @param {import("./engine.mjs").Start} start */
export async function startWebKit({ profile, scheme, environment }) {
  const folder = (/** @type {string} */ name) => join(profile, name);
  await mkdir(folder("run"), { recursive: true, mode: 0o700 });
  const screen = await startScreen();
  const port = await freePort();
  const env = {
    ...process.env,
    ...ENVIRONMENT,
    ...environment,
    DISPLAY: screen.display,
    GTK_THEME: scheme === "dark" ? "Adwaita:dark" : "Adwaita",
    HOME: profile,
    XDG_CACHE_HOME: folder("cache"),
    XDG_CONFIG_HOME: folder("config"),
    XDG_DATA_HOME: folder("data"),
    XDG_RUNTIME_DIR: folder("run"),
  };
  const driver = launch("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env });
  const stop = async () => {
    await driver.end();
    await screen.end();
  };
  try {
    const session = await Promise.race([open(`http://127.0.0.1:${port}`), driver.failed]);
    const window = await session.send("GET", "/window");
    const end = async () => {
      await session.send("DELETE", "").catch(() => undefined);
      await stop();
    };
    return { driver: drive(session, window), stop: end };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {string} address */
async function open(address) {
  const capabilities = {
    "webkitgtk:browserOptions": { binary: await miniBrowser(), args: ["--automation"] },
    pageLoadStrategy: "eager",
    timeouts: { pageLoad: 300_000, script: 300_000 },
  };
  for (let tries = 0; ; tries += 1) {
    try {
      return await Session.start(address, capabilities);
    } catch (error) {
      // The driver does not listen yet.
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== "ECONNREFUSED" || tries === 200) throw error;
      await pause(50);
    }
  }
}

/**
 * @param {Session} session
 * @param {string} window
 * @returns {Driver}
 */
function drive(session, window) {
  let number = 0;
  /** @type {((event: import("./page.mjs").PageEvent) => void)[]} */
  const listeners = [];
  const post = (/** @type {string} */ command, /** @type {object} */ body) =>
    session.send("POST", command, body, window);
  const script = (/** @type {string} */ text) => post("/execute/sync", { script: text, args: [] });
  const settle = async () => {
    /** @type {import("./page.mjs").PageEvent[]} */
    const events = await script(`return (${collect})();`);
    for (const event of events) listeners.forEach((listener) => listener(event));
  };
  const run = async (/** @type {string} */ expression) => {
    // Started and then asked for, so that a page that waits does not block commands to others.
    const name = `outcome of ${window} ${(number += 1)}`;
    const outcome = `globalThis[${JSON.stringify(name)}]`;
    await script(`${outcome} = ""; ${expression}.then((text) => (${outcome} = text));`);
    for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
      const text = await script(`return ${outcome};`);
      if (typeof text !== "string") throw new Error("the page went away");
      if (text !== "") return text;
      await pause(wait);
    }
  };
  const arrive = async (/** @type {string} */ command, /** @type {object} */ body) => {
    await settle();
    await post(command, body);
    await script(`(${collector})();`);
    const loaded = "new Promise((done) => (document.readyState === 'complete' ? done('.') : addEventListener('load', () => done('.'))))";
    await run(loaded);
  };
  return {
    goto: (url) => arrive("/url", { url }),
    reload: () => arrive("/refresh", {}),
    run,
    press: (keys) => post("/actions", chord(keys.split("+"))),
    async type(text) {
      for (const key of text) await post("/actions", chord([key]));
    },
    async screenshot(path) {
      await writeFile(path, Buffer.from(await session.send("GET", "/screenshot", undefined, window), "base64"));
    },
    async open() {
      const { handle } = await session.send("POST", "/window/new", { type: "window" }, window);
      return drive(session, handle);
    },
    close: () => session.send("DELETE", "/window", undefined, window),
    listen: (listener) => void listeners.push(listener),
    settle,
  };
}
