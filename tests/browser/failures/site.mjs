// A server of the outputs that fails for one file at a time. The first part of an address says how:
// `/TARGET.FAILURE.NUMBER/pyodide-pack/FILE`.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { mediaType } from "../harness.mjs";

const PAGE = "<!doctype html><title>Failures</title><link rel=icon href='data:,'>";
/** A page may be old, too: without WebAssembly in its policy. */
const POLICY = "script-src 'self'";

/** The files that fail. */
export const TARGETS = {
  manifest: /^manifest\.json$/,
  script: /\/pyodide\.js$/,
  glue: /\/pyodide\.asm\.js$/,
  wasm: /\.wasm$/,
  lock: /\/pyodide-lock\.json$/,
  eager: /^bundle\..*\.zip$/,
  lazy: /^lazy\/.*\.zip$/,
  worker: /^worker\.js$/,
  copies: /\.(gz|zst)$/,
};

/** @typedef {keyof typeof TARGETS} Target */
/** @typedef {"none" | "403" | "404" | "204" | "451" | "page" | "type" | "early" | "late"} Failure */

export class Site {
  /** How lazy chunks fail by now. */
  lazy = /** @type {Failure} */ ("none");
  /** @type {Map<string, Uint8Array>} further files, by path */
  files = new Map();
  /** @type {Set<string>} cases that have failed, of those that fail once */
  #failed = new Set();

  /** @param {string} folder to serve as `pyodide-pack` */
  constructor(folder) {
    this.folder = folder;
    this.server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Lets cases with this target that fail only once fail once more. */
  again() {
    this.#failed.clear();
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #answer({ url, method }, response) {
    const path = (url ?? "/").split("?")[0];
    const [, name = "", file = ""] = /^\/([^/]*)\/pyodide-pack\/(.*)$/.exec(path) ?? [];
    const own = this.files.get(path);
    const body = own ?? (file === "" ? undefined : await readFile(join(this.folder, file)).catch(() => undefined));
    response.setHeader("access-control-allow-origin", "*");
    if (path.startsWith("/policy.")) response.setHeader("content-security-policy", POLICY);
    if (file === "" && own === undefined) return void response.setHeader("content-type", "text/html").end(PAGE);
    if (body === undefined) return void response.writeHead(404).end();
    const failure = method === "HEAD" ? "none" : this.#failureOf(name, file);
    if (failure === "none") response.writeHead(200, { "content-type": mediaType(path) }).end(body);
    else fail(response, failure, body, path);
  }

  /**
   * @param {string} name of the case
   * @param {string} file
   * @returns {Failure}
   */
  #failureOf(name, file) {
    const [target, failure, times] = name.split(".");
    if (TARGETS[/** @type {Target} */ (target)]?.test(file) !== true) return "none";
    if (target === "lazy") return this.lazy;
    if (times === "once" && this.#failed.has(name)) return "none";
    this.#failed.add(name);
    return /** @type {Failure} */ (failure);
  }
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {Failure} failure
 * @param {Uint8Array} body
 * @param {string} path
 */
function fail(response, failure, body, path) {
  if (failure === "early") return void response.destroy();
  if (failure === "page") return void response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  if (failure === "type") {
    response.writeHead(200, { "content-type": "application/octet-stream", "x-content-type-options": "nosniff" });
    return void response.end(body);
  }
  if (failure !== "late") return void response.writeHead(Number(failure), { "content-type": "text/plain" }).end();
  response.writeHead(200, { "content-type": mediaType(path), "content-length": body.length });
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
}
