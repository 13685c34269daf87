/**
 * Files that are opened and are not in the bundle: where they come from, who is told, and what Python
 * says if they don't come.
 *
 * @module
 */

import { notesOf, SILENT } from "./notes.mjs";

/** @typedef {import("./packfs.mjs").PackFile} PackFile */

export class Misses {
  #manifest;
  #cold;
  #host;
  #strict;
  #onMiss;
  #notes = SILENT;
  /** @type {Set<string>} paths of mounted files that were missed */
  #missed = new Set();
  /** @type {Map<string, string>} path -> why it could not be opened */
  #failed = new Map();
  /** @type {Map<string, string>} path of a file or folder that was left out -> distribution */
  #dropped = new Map();

  /**
   * @param {import("./hosts.mjs").Manifest} manifest
   * @param {import("./cold.mjs").Cold} cold
   * @param {import("./hosts.mjs").Host} host
   * @param {boolean} strict
   * @param {(event: import("./loader.d.mts").MissEvent) => void} onMiss
   */
  constructor(manifest, cold, host, strict, onMiss) {
    this.#manifest = manifest;
    this.#cold = cold;
    this.#host = host;
    this.#strict = strict;
    this.#onMiss = onMiss;
    for (const [distribution, folders] of Object.entries(manifest.dropped)) {
      for (const [folder, names] of Object.entries(folders)) {
        for (const name of names) this.#dropped.set(`${folder}/${name}`, distribution);
        // Folders that had nothing else are not there either.
        for (let above = folder; above !== "" && !(above in manifest.dirs); ) {
          if (!this.#dropped.has(above)) this.#dropped.set(above, distribution);
          above = above.slice(0, above.lastIndexOf("/"));
        }
      }
    }
  }

  /** Whether files were left out. */
  get hasAbsent() {
    return this.#dropped.size > 0;
  }

  /**
   * From now on, exceptions have notes and events have stacks.
   * @param {any} pyodide
   */
  explain(pyodide) {
    this.#notes = notesOf(pyodide, (path) => this.#describe(path), this.hasAbsent);
  }

  /**
   * The content of a file that is opened.
   * @param {PackFile} file
   * @returns {Uint8Array}
   */
  load(file) {
    const { path } = file;
    const part = /** @type {import("./hosts.mjs").Part | undefined} */ (this.#manifest.parts[file.part]);
    const started = performance.now();
    const miss = {
      path,
      distribution: part?.distribution ?? this.#dropped.get(originOf(path)) ?? "",
      chunk: part?.file ?? "",
      bytes: 0,
      stack: this.#notes.stack(),
    };
    this.#missed.add(path);
    let error;
    if (part === undefined || this.#strict) {
      error = this.#notThere(path, miss.distribution, part === undefined);
    } else {
      try {
        const { content, fetched } = this.#cold.take(file);
        this.#failed.delete(path);
        this.#onMiss({ ...miss, bytes: fetched, milliseconds: performance.now() - started });
        return content;
      } catch (cause) {
        error = this.#notFetched(path, part, /** @type {Error} */ (cause));
      }
    }
    this.#failed.set(path, error.message);
    this.#notes.arm();
    this.#onMiss({ ...miss, milliseconds: performance.now() - started, error: error.message });
    throw error;
  }

  /**
   * Somebody asks for a file that does not exist.
   * @param {string} path
   */
  absent(path) {
    if (this.#dropped.has(path)) this.#notes.arm();
  }

  /** @returns {string[]} lines for `build.rs` */
  lines() {
    const { dirs } = this.#manifest;
    const countIn = (/** @type {string} */ folder) => new Set((dirs[folder] ?? []).map(([name]) => name)).size;
    return includeLines(this.#missed, countIn, (path) => this.#glob(path));
  }

  /**
   * @param {string} path absolute
   * @returns {string | undefined}
   */
  #describe(path) {
    const failed = this.#failed.get(path);
    if (failed !== undefined) return failed;
    const distribution = this.#dropped.get(path);
    if (distribution === undefined) return undefined;
    this.#missed.add(path);
    return this.#notThere(path, distribution, true).message;
  }

  /**
   * @param {string} path
   * @param {string} distribution
   * @param {boolean} dropped whether it is nowhere
   */
  #notThere(path, distribution, dropped) {
    const origin = originOf(path);
    const line = `.include(${JSON.stringify(this.#glob(origin))})`;
    const error = new Error(`${origin} of ${distribution} is not in this bundle: add ${line} to build.rs`);
    return dropped ? Object.assign(error, { code: "ENOENT" }) : error;
  }

  /**
   * @param {string} path
   * @param {import("./hosts.mjs").Part} part
   * @param {Error} cause
   */
  #notFetched(path, { file, distribution }, cause) {
    const address = this.#host.address(file);
    const what = `${originOf(path)} of ${distribution} could not be fetched from ${address}`;
    return new Error(`${what}: ${cause.message}`, { cause });
  }

  /**
   * A file as globs of the build know it: relative to site-packages, the standard library or the app.
   * @param {string} path
   */
  #glob(path) {
    const stdlib = this.#manifest.pyodide.env.PYTHONPATH;
    const roots = [`${stdlib}/site-packages/`, `${stdlib}/`, "/home/pyodide/"];
    const root = roots.find((folder) => path.startsWith(folder)) ?? "";
    // Characters that mean something in a glob stand for themselves in brackets.
    return path.slice(root.length).replace(/[*?[\]]/g, "[$&]");
  }
}

/**
 * The installed file that a mounted one is made of: bytecode of `/lib/x.py` is
 * `/pyc/lib/x.cpython-314.pyc`.
 * @param {string} path
 */
function originOf(path) {
  return path.startsWith("/pyc/") ? path.slice(4).replace(/\.[^./]+\.pyc$/, ".py") : path;
}

/**
 * One line for each file; or for a folder, if at least half of what it has was missed.
 * @param {Iterable<string>} paths of mounted files
 * @param {(folder: string) => number} countIn files of a folder
 * @param {(path: string) => string} glob
 * @returns {string[]} sorted
 */
function includeLines(paths, countIn, glob) {
  /** @type {Map<string, Set<string>>} */
  const byFolder = new Map();
  for (const path of paths) {
    const origin = originOf(path);
    const folder = origin.slice(0, origin.lastIndexOf("/"));
    byFolder.set(folder, (byFolder.get(folder) ?? new Set()).add(origin));
  }
  const lines = [...byFolder].flatMap(([folder, files]) =>
    files.size > 1 && 2 * files.size >= countIn(folder)
      ? [`.include(${JSON.stringify(`${glob(folder)}/*`)})`]
      : [...files].map((file) => `.include(${JSON.stringify(glob(file))})`),
  );
  return lines.sort();
}
