/**
 * Handles files that are opened but not in the bundle: fetches and reports them, and makes Python explain
 * those that can't be fetched.
 *
 * @module
 */

import { tell } from "./listeners.mjs";
import { notesOf, SILENT } from "./notes.mjs";
import { sourceOf } from "./packfs.mjs";
import { refusesToCompile, requestHint } from "./platform.mjs";

/** @typedef {import("./manifest.d.mts").Chunk} Chunk */
/** @typedef {import("./packfs.mjs").PackFile} PackFile */

export class Misses {
  #manifest;
  #chunks;
  #host;
  #strict;
  #onMiss;
  #notes = SILENT;
  /** @type {Set<string>} paths of mounted files that were missed */
  #missed = new Set();
  /** @type {Map<string, string>} path -> why it could not be opened */
  #failed = new Map();
  /** @type {string | undefined} why the side module that was missed last can't be imported */
  #refused;
  /** @type {Map<string, string>} path of an omitted file or folder -> package */
  #omitted;

  /**
   * @param {import("./manifest.d.mts").Manifest} manifest
   * @param {import("./chunks.mjs").Chunks} chunks
   * @param {import("./hosts/host.mjs").Host} host
   * @param {{ strict: boolean, onMiss: (event: import("./loader.d.mts").MissEvent) => void }} options
   */
  constructor(manifest, chunks, host, { strict, onMiss }) {
    this.#manifest = manifest;
    this.#chunks = chunks;
    this.#host = host;
    this.#strict = strict;
    this.#onMiss = onMiss;
    this.#omitted = omittedPaths(manifest);
  }

  /** Whether files were omitted. */
  get hasOmitted() {
    return this.#omitted.size > 0;
  }

  /**
   * From now on, exceptions have notes and events have stacks.
   * @param {any} pyodide
   */
  explain(pyodide) {
    this.#notes = notesOf(pyodide, (path) => this.#describe(path), this.hasOmitted);
  }

  /**
   * The content of a file that is opened.
   * @param {PackFile} file
   * @returns {Uint8Array}
   */
  load(file) {
    const { path } = file;
    const chunk = /** @type {Chunk | undefined} */ (this.#manifest.chunks[file.container]);
    const started = performance.now();
    const miss = {
      path,
      package: chunk?.package ?? this.#omitted.get(this.#sourceOf(path)) ?? "",
      chunk: chunk?.file ?? "",
      bytes: 0,
      stack: this.#notes.stack(),
    };
    this.#missed.add(path);
    let error;
    if (chunk === undefined || this.#strict) {
      error = this.#notBundled(path, miss.package, chunk === undefined);
    } else {
      try {
        // WebKit finalises JavaScript's objects during a synchronous request. Those that stand for Python's need
        // the lock.
        const { content, fetched } = this.#notes.locked(() => this.#chunks.take(file));
        this.#failed.delete(path);
        tell(this.#onMiss, { ...miss, bytes: fetched, milliseconds: performance.now() - started });
        if (path.endsWith(".so") && refusesToCompile(content.length)) this.#refuse(path, miss.package);
        return content;
      } catch (cause) {
        error = this.#notFetched(path, chunk, /** @type {Error} */ (cause));
      }
    }
    this.#failed.set(path, error.message);
    this.#notes.arm();
    tell(this.#onMiss, { ...miss, milliseconds: performance.now() - started, error: error.message });
    throw error;
  }

  /**
   * Runs a function with Python's lock: WebKit finalises JavaScript's objects during a synchronous request.
   * @template T
   * @param {() => T} run
   * @returns {T}
   */
  locked(run) {
    return this.#notes.locked(run);
  }

  /**
   * A side module arrived, but this thread can't compile it now.
   * @param {string} path
   * @param {string} name of the package
   */
  #refuse(path, name) {
    const line = `.eager(${JSON.stringify(this.#glob(path))})`;
    const what = `${path} of ${name} is larger than the 8 MiB that this browser compiles at once on a page`;
    this.#refused = `${what}: use loadWorker, or add ${line} to build.rs`;
    this.#notes.arm();
  }

  /**
   * A program looks for a file that does not exist.
   * @param {string} path
   */
  absent(path) {
    if (this.#omitted.has(path)) this.#notes.arm();
  }

  /** @returns {string[]} lines for `build.rs` */
  lines() {
    const { dirs } = this.#manifest;
    const missed = [...this.#missed];
    const files = new Set(missed.filter((path) => !this.#isSource(path)).map((path) => this.#sourceOf(path)));
    const sources = new Set(missed.filter((path) => this.#isSource(path)));
    const countIn = (/** @type {string} */ folder) => new Set((dirs[folder] ?? []).map(([name]) => name)).size;
    const glob = (/** @type {string} */ path) => this.#glob(path);
    return [...settings("eager", files, countIn, glob), ...settings("eager_sources", sources, countIn, glob)];
  }

  /**
   * Why a file can't be opened, if that is known.
   * @param {string} path absolute
   * @returns {string | undefined}
   */
  #describe(path) {
    const failed = this.#failed.get(path);
    if (failed !== undefined) return failed;
    if (path.endsWith(".so") && this.#refused !== undefined) {
      // The exception names the module that is imported, which may only link to the large one.
      const refused = this.#refused;
      this.#refused = undefined;
      return refused;
    }
    const name = this.#omitted.get(path);
    if (name === undefined) return undefined;
    this.#missed.add(path);
    return this.#notBundled(path, name, true).message;
  }

  /**
   * @param {string} path
   * @param {string} name of the package
   * @param {boolean} isOmitted whether it can't be fetched either
   */
  #notBundled(path, name, isOmitted) {
    const source = this.#sourceOf(path);
    const method = this.#isSource(path) ? "eager_sources" : "eager";
    const line = `.${method}(${JSON.stringify(this.#glob(source))})`;
    const error = new Error(`${source} of ${name} is not in this bundle: add ${line} to build.rs`);
    return isOmitted ? Object.assign(error, { code: "ENOENT" }) : error;
  }

  /**
   * @param {string} path
   * @param {Chunk} chunk
   * @param {Error} cause
   */
  #notFetched(path, chunk, cause) {
    const address = this.#host.address(chunk.file);
    const what = `${this.#sourceOf(path)} of ${chunk.package} could not be fetched from ${address}`;
    return new Error(`${what}: ${cause.message}${requestHint()}`, { cause });
  }

  /**
   * Whether a file is a source that was opened for its text. An import opens the bytecode first.
   * @param {string} path of a mounted file
   */
  #isSource(path) {
    const { dirs, paths } = this.#manifest;
    const [, folder, stem] = /^(.*)\/([^/]*)\.py$/.exec(path) ?? [];
    const compiled = stem === undefined ? [] : (dirs[paths.bytecode + folder] ?? []);
    const found = compiled.find(([name]) => name.startsWith(`${stem}.`) && name.endsWith(".pyc"));
    return found !== undefined && !this.#missed.has(`${paths.bytecode}${folder}/${found[0]}`);
  }

  /** @param {string} path of a mounted file */
  #sourceOf(path) {
    return sourceOf(path, this.#manifest.paths.bytecode);
  }

  /**
   * A file as globs of the build name it: relative to site-packages, the standard library or the app.
   * @param {string} path
   */
  #glob(path) {
    const { stdlib, app } = this.#manifest.paths;
    const roots = [`${stdlib}/site-packages/`, `${stdlib}/`, `${app}/`];
    const root = roots.find((folder) => path.startsWith(folder)) ?? "";
    // Special characters of globs stand for themselves in brackets.
    return path.slice(root.length).replace(/[*?[\]]/g, "[$&]");
  }
}

/**
 * The omitted files, and the folders that do not exist without them, each with its package.
 * @param {import("./manifest.d.mts").Manifest} manifest
 * @returns {Map<string, string>}
 */
function omittedPaths({ omitted, dirs }) {
  const paths = new Map();
  for (const [name, folders] of Object.entries(omitted)) {
    for (const [folder, files] of Object.entries(folders)) {
      for (const file of files) paths.set(`${folder}/${file}`, name);
      for (let above = folder; above !== "" && !(above in dirs); ) {
        if (!paths.has(above)) paths.set(above, name);
        above = above.slice(0, above.lastIndexOf("/"));
      }
    }
  }
  return paths;
}

/**
 * One line for each file, or for a folder if at least half of its files were missed.
 * @param {string} method of the builder
 * @param {Iterable<string>} paths of installed files
 * @param {(folder: string) => number} countIn number of files in a folder
 * @param {(path: string) => string} glob
 * @returns {string[]} sorted
 */
function settings(method, paths, countIn, glob) {
  /** @type {Map<string, Set<string>>} */
  const byFolder = new Map();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    byFolder.set(folder, (byFolder.get(folder) ?? new Set()).add(path));
  }
  const lines = [...byFolder].flatMap(([folder, files]) =>
    files.size > 1 && 2 * files.size >= countIn(folder)
      ? [`.${method}(${JSON.stringify(`${glob(folder)}/*`)})`]
      : [...files].map((file) => `.${method}(${JSON.stringify(glob(file))})`),
  );
  return lines.sort();
}
