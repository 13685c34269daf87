// Drives WebKitGTK: an X server without a screen, WebKitWebDriver, and its MiniBrowser.

import { execFileSync, spawn } from "node:child_process";
import { constants, openSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { within } from "./checks.mjs";
import { chord, Session } from "./webdriver.mjs";

/** @typedef {import("./page.mjs").Driver} Driver */
/** @typedef {import("./page.mjs").PageEvent} PageEvent */

const LIBRARIES = "/usr/lib";
const ENVIRONMENT = {
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  WEBKIT_DISABLE_COMPOSITING_MODE: "1",
  LIBGL_ALWAYS_SOFTWARE: "1",
};
/** The start of a console message that only marks a time. */
const MARK = "heard until";

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

/**
 * The browser's console, which it prints: the driver reports no messages. The driver discards what the
 * browser prints, so a script starts the browser and writes to a pipe.
 * @param {string} folder
 */
async function openConsole(folder) {
  const [pipe, script] = [join(folder, "console"), join(folder, "browser")];
  execFileSync("mkfifo", [pipe]);
  await writeFile(script, `#!/bin/sh\nexec ${await miniBrowser()} "$@" >${pipe} 2>&1\n`, { mode: 0o755 });
  /** @type {((line: string) => void)[]} */
  const listeners = [];
  // Open for writing, too, so that it does not end with the first program. A blocking read would keep
  // Node from ending.
  const stream = new Socket({ fd: openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK) });
  createInterface(stream).on("line", (line) => listeners.forEach((listener) => listener(line)));
  return { script, listeners, close: () => stream.destroy() };
}

/**
 * Reads a line like `http://host/file.js:1:2: CONSOLE JS ERROR Error: text`.
 * @param {string} line
 * @returns {PageEvent | undefined}
 */
function parse(line) {
  const [, source, text] = /CONSOLE (?:(\S+) )?ERROR (.*)$/.exec(line) ?? [];
  if (text === undefined) return undefined;
  const place = /^(\S+?)(?::\d+:\d+)?: CONSOLE/.exec(line)?.[1];
  const whole = place === undefined ? text : `${text} (${place})`;
  return source === "JS" ? { kind: "page error", text } : { kind: "console", text: whole };
}

/** @param {import("./engine.mjs").Start} start */
export async function startWebKit({ profile, scheme, environment }) {
  const folder = (/** @type {string} */ name) => join(profile, name);
  await mkdir(folder("run"), { recursive: true, mode: 0o700 });
  const screen = await startScreen();
  const console = await openConsole(profile);
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
    console.close();
    await screen.end();
  };
  try {
    const session = await Promise.race([open(`http://127.0.0.1:${port}`, console.script), driver.failed]);
    const window = await session.send("GET", "/window");
    const end = async () => {
      await session.send("DELETE", "").catch(() => undefined);
      await stop();
    };
    return { driver: drive(session, window, console.listeners), stop: end };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {string} address
 * @param {string} binary
 */
async function open(address, binary) {
  const args = ["--automation", "--enable-write-console-messages-to-stdout=true", "--geometry=1280x1000"];
  const capabilities = {
    "webkitgtk:browserOptions": { binary, args },
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
 * @param {((line: string) => void)[]} listeners
 * @returns {Driver}
 */
function drive(session, window, listeners) {
  let number = 0;
  const post = (/** @type {string} */ command, /** @type {object} */ body) =>
    session.send("POST", command, body, window);
  const script = (/** @type {string} */ text) => post("/execute/sync", { script: text, args: [] });
  return {
    goto: (url) => post("/url", { url }),
    reload: () => post("/refresh", {}),
    async run(expression) {
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
    },
    press: (keys) => post("/actions", chord(keys.split("+"))),
    async type(text) {
      for (const key of text) await post("/actions", chord([key]));
    },
    async screenshot(path) {
      await writeFile(path, Buffer.from(await session.send("GET", "/screenshot", undefined, window), "base64"));
    },
    async open() {
      const { handle } = await session.send("POST", "/window/new", { type: "tab" }, window);
      return drive(session, handle, listeners);
    },
    close: () => session.send("DELETE", "/window", undefined, window),
    listen(listener) {
      listeners.push((line) => {
        const event = parse(line);
        if (event !== undefined) listener(event);
      });
    },
    async settle() {
      const mark = `${MARK} ${window} ${(number += 1)}`;
      const heard = new Promise((resolve) => listeners.push((line) => line.includes(mark) && resolve(undefined)));
      await script(`console.log(${JSON.stringify(mark)});`);
      await within(heard, 60, "the browser's console");
    },
  };
}
