// Starts the servers of the tests.

import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { createServer, request } from "node:http";
import { createInterface } from "node:readline";

import { within } from "./checks.mjs";

/** Emits `answer` with status and address, for the servers in this process. */
export const answers = new EventEmitter();

/** @typedef {{ address: string, stop: () => Promise<void> }} Running */

/**
 * Starts a program that prints its address. Resolves with it and a function that ends the program.
 * @param {string} binary
 * @returns {Promise<Running>}
 */
export async function serve(binary) {
  const server = spawn(binary, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("close", resolve));
  const stop = async () => {
    server.kill();
    await ended;
  };
  endWithTest(server);

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
 * Ends a program with this process, if it has not ended by then.
 * @param {import("node:child_process").ChildProcess} program
 */
export function endWithTest(program) {
  const kill = () => program.kill();
  process.once("exit", kill);
  program.once("close", () => process.off("exit", kill));
}

/**
 * Starts a test's own server, for `run`.
 * @param {import("node:http").Server} server
 * @returns {Promise<Running>}
 */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const listening = server.address();
  const port = typeof listening === "object" && listening !== null ? listening.port : 0;
  const address = `http://127.0.0.1:${port}/`;
  server.on("request", (incoming, response) => {
    response.once("finish", () => answers.emit("answer", response.statusCode, new URL(incoming.url ?? "/", address).href));
  });
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { address, stop };
}

/**
 * Starts a program that prints its address, and serves files of the test at the same origin.
 * @param {string} binary
 * @param {Record<string, string>} files by name
 * @returns {Promise<Running>}
 */
export async function serveWith(binary, files) {
  const inner = await serve(binary);
  const outer = await listen(
    createServer((incoming, response) => {
      const name = (incoming.url ?? "/").slice(1);
      if (Object.hasOwn(files, name)) {
        response.writeHead(200, { "content-type": mediaType(name) }).end(files[name]);
        return;
      }
      const { method, headers } = incoming;
      const asking = request(new URL(name, inner.address), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      asking.once("error", () => response.destroy());
      response.once("close", () => asking.destroy());
      asking.end();
    }),
  );
  const stop = async () => {
    await outer.stop();
    await inner.stop();
  };
  return { address: outer.address, stop };
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
