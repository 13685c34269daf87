// A server of a development build, whose app is edited while pages run. The packages are those of a folder of
// outputs; the app's files are the test's own.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { mediaType } from "../harness.mjs";

/** @typedef {import("../../../build-support/runtime/manifest.d.mts").WrittenManifest} Manifest */

const APP = "/home/pyodide";
const PAGE = `<!doctype html><title>Reload</title><link rel=icon href="data:,">
<script type=module src=page.js></script>`;

export class Site {
  /** Whether the server does not answer, as while it is built anew. */
  isDown = false;
  /** Whether the app's chunks are missing. */
  isIncomplete = false;
  /** How often the small file was requested. */
  polls = 0;
  /** @type {Record<string, string>} the app's files, by path below its folder */
  app = {};
  /** Changes the manifest of the next build. */
  change = (/** @type {Manifest} */ manifest) => manifest;
  /** @type {Map<string, string | Uint8Array>} what the builds wrote, by name */
  #written = new Map();
  #folder;
  #script;
  /** @type {Manifest} */
  #manifest;
  /** @type {string[]} chunks of the app, the newest last */
  #chunks = [];

  /**
   * @param {string} folder `pyodide-pack` of a build
   * @param {Manifest} manifest its manifest
   * @param {string} script of the page
   */
  constructor(folder, manifest, script) {
    this.#folder = folder;
    this.#script = script;
    this.#manifest = manifest;
    this.server = createServer((request, response) => void this.#answer(request, response));
  }

  /**
   * Edits files, and builds. A file without content is removed.
   * @param {Record<string, string | undefined>} files
   * @returns {number} when the new manifest can be seen, as `Date.now()` has it
   */
  edit(files) {
    const all = Object.entries({ ...this.app, ...files }).filter(([, content]) => content !== undefined);
    this.app = /** @type {Record<string, string>} */ (Object.fromEntries(all));
    const { chunks, dirs, offsets, ...others } = this.#manifest;
    const isOther = (/** @type {string} */ dir) => !dir.startsWith(APP) && !dir.startsWith(`/pyc${APP}`);
    /** @type {Manifest["dirs"]} */
    const newDirs = Object.fromEntries(Object.entries(dirs).filter(([dir]) => isOther(dir)));
    const number = chunks.findIndex((chunk) => chunk.eager && chunk.package === "app");
    const newOffsets = { ...offsets };
    let bytes = Buffer.from("PK");
    for (const [path, content] of Object.entries(this.app)) {
      const [, dir = "", name = ""] = /^(.*)\/(.*)$/.exec(`${APP}/${path}`) ?? [];
      const added = Buffer.from(content);
      (newDirs[dir] ??= []).push([name, added.length, number]);
      newOffsets[`${dir}/${name}`] = bytes.length;
      bytes = Buffer.concat([bytes, added]);
    }
    const sha256 = createHash("sha256").update(bytes).digest();
    const file = `app.${sha256.toString("hex").slice(0, 16)}.zip`;
    const described = { sha256: sha256.toString("base64"), crc32: 0, eager: true, package: "app" };
    const chunk = { file, bytes: bytes.length, ...described };
    const newChunks = chunks.map((other, at) => (at === number ? chunk : other));
    this.#written.set(file, bytes);
    const manifest = { ...others, copies: [], development: true, chunks: newChunks, dirs: newDirs, offsets: newOffsets };
    this.#write(manifest);
    this.#chunks = [...this.#chunks.filter((other) => other !== file), file];
    for (const old of this.#chunks.splice(0, this.#chunks.length - 2)) this.#written.delete(old);
    return Date.now();
  }

  /**
   * A file of the served folder.
   * @param {string} name
   */
  async file(name) {
    return this.#written.get(name) ?? readFile(join(this.#folder, name)).catch(() => undefined);
  }

  /** @param {Manifest} manifest */
  #write(manifest) {
    const text = JSON.stringify(this.change(manifest));
    this.#written.set("manifest.json", text);
    const digest = createHash("sha256").update(text).digest("hex");
    this.#written.set("development.json", JSON.stringify({ manifest: digest }));
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #answer(request, response) {
    const path = (request.url ?? "/").slice(1).split("?")[0];
    const name = path.replace(/^pyodide-pack\//, "");
    if (name === "development.json") this.polls += 1;
    if (this.isDown) return void response.destroy();
    /** @type {Record<string, string>} */
    const own = { "": PAGE, "page.js": this.#script };
    const isMissing = this.isIncomplete && name.startsWith("app.");
    const body = own[path] ?? (isMissing ? undefined : await this.file(name));
    if (body === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": mediaType(path || "page.html"), "cache-control": "no-cache" }).end(body);
  }
}

/**
 * @param {string} folder `pyodide-pack` of a build
 * @param {string} [script] of the page
 */
export async function siteOf(folder, script = "") {
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  return new Site(folder, manifest, script);
}
