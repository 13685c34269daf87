// The servers, as their packages install them, with the configurations of the manual.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { endWithTest, serve } from "../harness/servers.mjs";

/** @typedef {{ port: number, stop: () => Promise<void> }} Program */
/** @typedef {{ name: string, compresses: boolean, start: (root: string) => Promise<Program>, page?: string }} Server */

const MANUAL = new URL("../../../docs/hosting.md", import.meta.url);

/**
 * A configuration of the manual: the block that starts with these words after the backquotes.
 * @param {string} words
 */
async function recipe(words) {
  const [, block] = new RegExp(`^\`\`\`${words}\n(.*?)^\`\`\`$`, "ms").exec(await readFile(MANUAL, "utf8")) ?? [];
  if (block === undefined) throw new Error(`docs/hosting.md has no block \`${words}\``);
  return block;
}

/** @type {(words: string[], policy?: string) => (root: string) => Promise<Program>} */
const nginx = (words, policy = "") => async (root) => {
  const blocks = await Promise.all(words.map(recipe));
  return start(root, (port, folder) => ({
    command: "nginx",
    options: ["-e", join(folder, "errors"), "-c", join(folder, "conf")],
    conf: `
daemon off;
pid ${folder}/pid;
error_log ${folder}/errors;
include /etc/nginx/modules-enabled/*.conf;
events {}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n    ")}
    server {
        listen 127.0.0.1:${port};
        root ${root};
        ${policy}
        ${blocks.join("\n")}
    }
}`,
  }));
};

/** @type {(words: string[]) => (root: string) => Promise<Program>} */
const caddy = (words) => async (root) => {
  const blocks = await Promise.all(words.map(recipe));
  return start(root, (port, folder) => ({
    command: "caddy",
    options: ["run", "--adapter", "caddyfile", "--config", join(folder, "conf")],
    conf: `
{
    admin off
    auto_https off
}
http://127.0.0.1:${port} {
    root * ${root}
    ${blocks.join("\n")}
}`,
  }));
};

/** @type {(root: string) => Promise<Program>} */
const python = (root) =>
  start(root, (port) => ({
    command: "python3",
    options: ["-m", "http.server", String(port), "--bind", "127.0.0.1", "--directory", root],
  }));

/** @param {string} binary of the example */
const axum = (binary) => async () => {
  const { address, stop } = await serve(binary);
  return { port: Number(new URL(address).port), stop };
};

const STRICT = `add_header Content-Security-Policy "script-src 'self' 'wasm-unsafe-eval'";`;

/**
 * @param {string | undefined} binary of the example
 * @returns {Server[]}
 */
export function servers(binary) {
  /** @type {Server[]} */
  const all = [
    { name: "nginx", compresses: false, start: nginx([]) },
    { name: "nginx, strict policy", compresses: false, start: nginx([], STRICT) },
    { name: "nginx, copies", compresses: true, start: nginx(["nginx static", "nginx caching"]) },
    { name: "caddy", compresses: false, start: caddy(["caddyfile plain", "caddyfile caching"]) },
    // It compresses the JSON and the scripts, and what decides is the largest file.
    { name: "caddy, encode", compresses: false, start: caddy(["caddyfile encode"]) },
    { name: "caddy, copies", compresses: true, start: caddy(["caddyfile precompressed"]) },
    { name: "python3 -m http.server", compresses: false, start: python },
  ];
  if (binary === undefined) return all;
  // Its own page loads Python, too. The script is a page without scripts.
  return [...all, { name: "axum (the example)", compresses: true, start: axum(binary), page: "pyodide-pack/worker.js" }];
}

/**
 * Starts a program with a configuration in a folder of its own, and waits until it listens.
 * @param {string} root
 * @param {(port: number, folder: string) => { command: string, options: string[], conf?: string }} describe
 * @returns {Promise<Program>}
 */
async function start(root, describe) {
  const folder = await mkdtemp(join(tmpdir(), "server-"));
  const port = await freePort();
  const { command, options, conf = "" } = describe(port, folder);
  await writeFile(join(folder, "conf"), conf);
  const program = spawn(command, options, { cwd: root, env: { ...process.env, HOME: folder }, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  program.stderr.on("data", (text) => (said += text));
  const ended = new Promise((resolve) => program.once("close", resolve));
  /** @type {unknown} */
  let failed;
  program.once("error", (error) => (failed = error));
  endWithTest(program);
  const stop = async () => {
    program.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  while (!(await listens(port))) {
    if (failed !== undefined || program.exitCode !== null) throw new Error(`${command} did not start: ${failed ?? said}`);
    await pause(20);
  }
  return { port, stop };
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
