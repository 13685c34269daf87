/**
 * Follows the edits of an app while Python runs: the app's files are replaced, and its modules imported
 * again. Only development builds are followed.
 *
 * @module
 */

import { AppFiles, isOfApp } from "./app-files.mjs";
import { FileError } from "./hosts/request.mjs";
import { tell } from "./listeners.mjs";
import { readManifest } from "./manifests.mjs";
import { ownNames } from "./python.mjs";
import { describeThrown, errorOf, ERRORS_PY } from "./worker/errors.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./hosts/host.mjs").Host} Host */
/** @typedef {import("./loader.d.mts").ReloadEvent} ReloadEvent */
/** @typedef {import("./worker/errors.mjs").ErrorData} ErrorData */
/** @typedef {Omit<ReloadEvent, "error"> & { error?: ErrorData }} ReloadData */

/** The file that is requested over and over: it has the digest of the manifest. */
const DEVELOPMENT_FILE = "development.json";
/** The content of reload.py, which the build puts here. */
const RELOAD_PY = "reload.py";
/** The time between an answer and the next request, in milliseconds. */
const PAUSE = 100;
/** How much longer it may be where nobody sees the page, so that browsers draw no frames. */
const HIDDEN_PAUSE = 1000;
/** The longest time after failures. Browsers write each into the console, so the time doubles up to this. */
const LONGEST_PAUSE = 2000;
/** How often the files of a build are requested before it is reported that they do not arrive. */
const ATTEMPTS = 5;

/**
 * Follows the edits until the signal aborts.
 * @param {any} pyodide
 * @param {Manifest} manifest whose files are mounted
 * @param {Host} host
 * @param {import("./app-files.mjs").View} view of the mounted files
 * @param {import("./loader.d.mts").BundleOptions} options
 */
export async function followEdits(pyodide, manifest, host, view, { signal, onReload = logReload }) {
  const reloader = new Reloader(pyodide, manifest, host, view);
  let known = "";
  let pause = PAUSE;
  while (!signal?.aborted) {
    await waited(pause);
    await drawn();
    try {
      const text = await host.text(DEVELOPMENT_FILE, { freshness: "reload" });
      const { manifest: digest } = JSON.parse(text);
      if (digest !== known) {
        const data = await reloader.take(digest);
        if (data !== undefined && !signal?.aborted) tell(onReload, reloadEvent(data));
      }
      known = digest;
      pause = PAUSE;
    } catch {
      // The server is being built, too, or the next edit replaced the files.
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }
}

/**
 * @param {ReloadData} data
 * @returns {ReloadEvent}
 */
export function reloadEvent({ error, ...event }) {
  return error === undefined ? event : { ...event, error: errorOf(error) };
}

/**
 * What happens to an event if the program does not say.
 * @param {ReloadEvent} event
 */
export function logReload({ modules, milliseconds, error }) {
  if (error === undefined) console.info(`pyodide-pack: reloaded ${modules.join(", ")} in ${milliseconds.toFixed()} ms`);
  else console.error(`pyodide-pack: ${error.traceback || error.message}`);
}

/** @param {number} milliseconds */
function waited(milliseconds) {
  return new Promise((resolve) => {
    /** @type {any} */
    const timer = setTimeout(resolve, milliseconds);
    timer.unref?.(); // in Node, a program may end
  });
}

/** Resolves with the next frame, if the page is drawn, and at once where there are no frames. */
async function drawn() {
  if (typeof requestAnimationFrame !== "function") return;
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, HIDDEN_PAUSE);
    const draw = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
    try {
      requestAnimationFrame(draw);
    } catch {
      draw(); // the worker of a worker has none
    }
  });
}

class Reloader {
  #host;
  #app;
  #files;
  #others;
  #reload;
  #failures = 0;

  /**
   * @param {any} pyodide
   * @param {Manifest} manifest
   * @param {Host} host
   * @param {import("./app-files.mjs").View} view
   */
  constructor(pyodide, manifest, host, view) {
    this.#host = host;
    this.#app = manifest.paths.app;
    this.#files = new AppFiles(pyodide.FS, manifest, view);
    this.#others = othersOf(manifest);
    this.#reload = ownNames(pyodide, "pyodide_pack_reload", [ERRORS_PY, RELOAD_PY]).get("reload");
  }

  /**
   * Takes over the build whose manifest has this digest. Throws if a file of it does not arrive, and is to be
   * called again then.
   * @param {string} digest
   * @returns {Promise<ReloadData | undefined>} nothing if the app is the same
   */
  async take(digest) {
    const from = performance.now();
    const integrity = `sha256-${btoa(String.fromCharCode(...bytesOf(digest)))}`;
    /** @type {{ modules: string[], stale?: boolean, error?: ErrorData } | undefined} */
    let result;
    try {
      const manifest = await readManifest({ integrity }, this.#host, "reload");
      const changed = this.#changed(manifest);
      result = changed === undefined ? await this.#edit(manifest) : staleBy(changed);
      this.#failures = 0;
    } catch (thrown) {
      this.#failures += 1;
      if (thrown instanceof FileError && this.#failures < ATTEMPTS) throw thrown;
      this.#failures = 0;
      result = { modules: [], error: describeThrown(thrown) };
    }
    if (result === undefined) return undefined;
    return { stale: false, ...result, milliseconds: performance.now() - from };
  }

  /**
   * What differs, so that the running Python can't go on with this build.
   * @param {Manifest} manifest
   */
  #changed(manifest) {
    const others = othersOf(manifest);
    return Object.keys(this.#others).find((name) => others[name] !== this.#others[name]);
  }

  /** @param {Manifest} manifest */
  async #edit(manifest) {
    const fetched = await Promise.all(
      manifest.chunks.map((chunk) => (isOfApp(chunk) ? this.#host.bytes(chunk, undefined, () => {}) : undefined)),
    );
    const changed = this.#files.update(manifest, ({ size, container, offset }) =>
      fetched[container]?.subarray(offset, offset + size),
    );
    return changed.length === 0 ? undefined : this.#import(changed);
  }

  /**
   * @param {string[]} changed paths
   * @returns {Promise<{ modules: string[], error?: ErrorData }>}
   */
  async #import(changed) {
    /** @type {{ modules: string[], error?: ErrorData }} */
    let result = { modules: [] };
    const reply = (/** @type {string[]} */ ...modules) => (result = { modules });
    const fail = (/** @type {string[]} */ ...[type, message, traceback]) =>
      (result = { modules: [], error: { type, message, traceback } });
    const running = this.#reload(this.#app, changed, reply, fail);
    await running;
    running.destroy();
    return result;
  }
}

/**
 * All but the app, in a form that can be compared, under the names that errors use.
 * @param {Manifest} manifest
 * @returns {Record<string, string>}
 */
function othersOf({ loader, pyodide, sideModules, chunks, dirs, ...others }) {
  const files = Object.entries(dirs).flatMap(([dir, entries]) =>
    entries
      .filter(([, , number]) => !isOfApp(chunks[number]))
      .map(([name, size, number, offset]) => [dir, name, size, chunks[number]?.file, offset]),
  );
  const rest = chunks.filter((chunk) => !isOfApp(chunk));
  const parts = {
    Pyodide: pyodide,
    "the loader": loader,
    "the packages": [others, rest, files],
    "the side modules": sideModules,
  };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]));
}

/** @param {string} what */
function staleBy(what) {
  const message = `${what} changed, and Python runs with what was there before: reload the page`;
  return { modules: [], stale: true, error: { type: "", message, traceback: "" } };
}

/** @param {string} digits hexadecimal */
function bytesOf(digits) {
  return (digits.match(/../g) ?? []).map((digit) => parseInt(digit, 16));
}
