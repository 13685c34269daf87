// Two deployments of one site, made from one build. They differ in the app, the loader, the schema of the
// manifest and the folder of Pyodide's core. What only one of them has is gone after the other is deployed.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { crc32 } from "../../../build-support/runtime/bytes.mjs";
import { filesOf } from "../../../build-support/runtime/index.mjs";
import { mediaType } from "../harness.mjs";

/** @typedef {"A" | "B"} Letter */
/** @typedef {(file: string) => string | undefined} CacheControl */
/** @typedef {{ files: Map<string, Buffer>, core: string, integrity: string }} Deployment */

const APP = "/home/pyodide";
const PAGE = "<!doctype html><title>Deployments</title><link rel=icon href='data:,'>";
/** Old enough for browsers to cache for weeks what has no other header. */
const LONG_AGO = "Wed, 01 Jan 2020 00:00:00 GMT";

/**
 * A service worker that takes from its cache what it has ever seen.
 * @param {string} remembers a pattern of the files that it keeps
 */
const serviceWorker = (remembers) => `
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || !/${remembers}/.test(event.request.url)) return;
  event.respondWith((async () => {
    const cache = await caches.open("all");
    const known = await cache.match(event.request.url);
    if (known !== undefined) return known;
    const response = await fetch(event.request);
    if (response.ok) await cache.put(event.request.url, response.clone());
    return response;
  })());
});
`;

export class Site {
  /** @type {Letter} */
  deployed = "A";
  /** @type {Map<string, CacheControl>} by the first part of the address, up to a dot */
  modes = new Map();

  /**
   * @param {string} folder of the build
   * @param {Record<Letter, Deployment>} deployments
   * @param {string} core the build's own name of the core's folder
   */
  constructor(folder, deployments, core) {
    this.folder = folder;
    this.deployments = deployments;
    this.core = core;
    this.server = createServer((request, response) => void this.#answer(request.url ?? "/", response));
  }

  /** @param {string} folder */
  static async of(folder) {
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    const [A, B] = await Promise.all([deployment(folder, manifest, "A", 3), deployment(folder, manifest, "B", 4)]);
    return new Site(folder, { A, B }, manifest.pyodide.folder);
  }

  /**
   * @param {string} url
   * @param {import("node:http").ServerResponse} response
   */
  async #answer(url, response) {
    const path = url.split("?")[0];
    const [, mode = "", file = ""] = /^\/([^/.]*)[^/]*\/(.*)$/.exec(path) ?? [];
    const body = await this.#body(file);
    if (body === undefined) return void response.writeHead(404).end();
    const control = this.modes.get(decodeURIComponent(mode))?.(file);
    if (control !== undefined) response.setHeader("cache-control", control);
    response.setHeader("last-modified", LONG_AGO);
    response.setHeader("content-type", mediaType(file || "index.html")).end(body);
  }

  /** @param {string} file */
  async #body(file) {
    if (file === "") return PAGE;
    if (file === "all.js") return serviceWorker("pyodide-pack");
    if (file === "some.js") return serviceWorker("(loader|worker)\\.js|manifest\\.json");
    const name = file.replace(/^pyodide-pack\//, "");
    const { files, core } = this.deployments[this.deployed];
    if (name.startsWith(core)) return readFile(join(this.folder, this.core, name.slice(core.length)));
    if (/^(app|pyodide)\./.test(name) && !files.has(name)) return undefined;
    return files.get(name) ?? readFile(join(this.folder, name)).catch(() => undefined);
  }
}

/**
 * @param {string} folder of the build
 * @param {any} built its manifest
 * @param {Letter} letter
 * @param {number} schema
 * @returns {Promise<Deployment>}
 */
async function deployment(folder, built, letter, schema) {
  const manifest = structuredClone(built);
  const core = `pyodide.${letter.toLowerCase().repeat(16)}/`;
  const release = letter.repeat(16);
  manifest.schema = schema;
  manifest.loader = release;
  manifest.pyodide.folder = core;
  manifest.pyodide.env.DEPLOYMENT = letter;
  const [, , number = -1, offset = -1] = filesOf(manifest)[APP].find(([name]) => name === "example.sql") ?? [];
  const chunk = manifest.chunks[number];
  const app = await readFile(join(folder, chunk.file));
  app[offset] = letter.charCodeAt(0);
  const sha256 = createHash("sha256").update(app).digest();
  const file = `app.${sha256.toString("hex").slice(0, 16)}.zip`;
  Object.assign(chunk, { file, sha256: sha256.toString("base64"), crc32: crc32(app) });
  const loader = (await readFile(join(folder, "loader.js"), "utf8"))
    .replace(/(RELEASE = )"\w+"/, `$1"${release}"`)
    .replace(/(MANIFEST_SCHEMA = )\d+/, `$1${schema}`)
    .replace(/(async function startBundle\(.*\{)/, `$1 globalThis.startedBy = "${letter}";`)
    .replace(/(async function startWorker\(.*\{)/, `$1 globalThis.startedWorker = "${letter}";`);
  const json = Buffer.from(JSON.stringify(manifest));
  const files = new Map([[file, app], ["loader.js", Buffer.from(loader)], ["manifest.json", json]]);
  return { files, core, integrity: `sha384-${createHash("sha384").update(json).digest("base64")}` };
}
