/**
 * Pyodide's core: its scripts, the WebAssembly module and the lock file.
 *
 * @module
 */

import { answerRequests } from "./answers.mjs";
import { EMPTY_ZIP } from "./bytes.mjs";
import { instantiateBy } from "./emscripten.mjs";
import { checkPolicy, emptyModule, instantiateFrom } from "./instantiation.mjs";
import { IN_NODE, IN_SERVICE_WORKER } from "./platform.mjs";
import { Parts } from "./split.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./hosts/host.mjs").Host} Host */
/** @typedef {import("./loader.d.mts").BundleOptions} BundleOptions */

const SCRIPT = "pyodide.mjs";
const WASM = "pyodide.asm.wasm";
const LOCK = "pyodide-lock.json";

export class Core {
  #host;
  #script;
  #isServed;
  /** @type {any} */
  #settings;
  /**
   * Ends the start with an error.
   * @type {(error: unknown) => void}
   */
  fail = () => {};
  /**
   * The functions that the app did not run, if modules are split.
   * @type {Parts | undefined}
   */
  parts;
  /**
   * How it starts, if not as usual.
   * @type {import("./snapshot/ordered-start.mjs").OrderedStart | undefined}
   */
  order;
  /** @type {(_?: unknown) => void} */
  #arrive = () => {};
  /** @type {Promise<Response> | undefined} */
  #wasm;
  /** @type {Promise<string> | undefined} */
  #lock;

  /**
   * Starts to fetch it.
   * @param {Manifest} manifest
   * @param {Host} host
   * @param {BundleOptions} options
   */
  constructor(manifest, host, options) {
    const { pyodide, copies } = manifest;
    const { indexURL, loadPyodide, createPyodideModule, compression = "auto", onMiss = () => {} } = options;
    this.#host = host;
    if (IN_SERVICE_WORKER && !(loadPyodide && createPyodideModule)) {
      const how = "import { createPyodideModule, loadPyodide } from './pyodide-pack/core.js'";
      throw new Error(`a service worker can't import scripts later: write \`${how}\`, and pass both to loadBundle`);
    }
    this.#isServed = indexURL === undefined;
    /** Address of the folder, with a slash at its end. */
    this.address = indexURL === undefined ? host.address(pyodide.folder) : host.folder(indexURL);
    const split = this.#isServed ? pyodide.split : undefined;
    const parts = new Parts(split, manifest.sideModules, host, onMiss);
    if (parts.areAny) this.parts = parts;
    const wasm = split ?? { file: `${pyodide.folder}${WASM}`, bytes: pyodide.bytes };
    const copied = this.#isServed && compression !== "host" && copies.includes("gzip");
    const copy = copied && (compression !== "auto" || host.compresses(wasm).then((does) => !does));
    const isCopied = Promise.resolve(copy);
    /** Pyodide's function. */
    this.loadPyodide = quiet(loadPyodide ?? this.#load(SCRIPT, false).then((module) => module.loadPyodide));
    this.#script = createPyodideModule
      ? Promise.resolve({ default: createPyodideModule })
      : quiet(isCopied.then((copied) => this.#load(pyodide.asm, copied)));
    /** Rejects if Python can't start. */
    this.failed = quiet(new Promise((_, reject) => (this.fail = reject)));
    /** Resolves when the module has arrived. */
    this.arrived = IN_NODE ? Promise.resolve() : new Promise((resolve) => (this.#arrive = resolve));
    if (IN_NODE) return;
    checkPolicy().catch(this.fail);
    this.#wasm = isCopied.then((copied) => host.wasm(this.#wasmAddress, copied));
    this.#wasm.catch(this.fail);
    if (options.lockFileContents !== undefined || options.lockFileURL !== undefined) return;
    this.#lock = isCopied.then((copied) => host.json(this.address + LOCK, copied));
    this.#lock.catch(this.fail);
  }

  /** Pyodide's module, as soon as it is created. */
  get module() {
    return this.#settings;
  }

  /**
   * Answers requests of Pyodide until the returned function is called.
   * @param {string} stdLibURL of an empty zip
   */
  answerRequests(stdLibURL) {
    if (IN_NODE) return () => {};
    const lock = this.#lock;
    /** @type {import("./answers.mjs").Answers} */
    const answers = new Map();
    answers.set(this.address + WASM, emptyModule);
    // Pyodide would leave a failure to the browser, which reports it as unhandled.
    const never = () => new Promise(() => {});
    if (lock !== undefined) answers.set(this.address + LOCK, () => lock.then((json) => new Response(json), never));
    answers.set(stdLibURL, () => new Response(EMPTY_ZIP));
    return answerRequests(answers);
  }

  /**
   * The function that creates Pyodide's module, for `loadPyodide`: an option since 314, before that a global
   * that the script sets.
   */
  async factory() {
    const { default: option } = await this.#script;
    const names = /** @type {{ _createPyodideModule?: unknown }} */ (globalThis);
    const create = option ?? names._createPyodideModule;
    const createPyodideModule = (/** @type {any} */ settings) => {
      if (option === undefined) names._createPyodideModule = create;
      this.#settings = settings;
      this.order?.prepare(settings);
      if (this.#wasm !== undefined || this.parts !== undefined) {
        instantiateBy(settings, (imports) => this.#instantiate(imports), this.fail);
      }
      return create(settings);
    };
    if (option !== undefined) return { createPyodideModule };
    names._createPyodideModule = createPyodideModule;
    return {};
  }

  get #wasmAddress() {
    return this.parts?.address ?? this.address + WASM;
  }

  /** @param {WebAssembly.Imports} imports */
  async #instantiate(imports) {
    const address = this.#wasmAddress;
    const again = () => this.#host.wasm(address, false);
    const { instance, module } = await instantiateFrom({ address, first: this.#wasm ?? again(), again }, imports);
    this.#arrive();
    const exports = this.parts?.connect(instance, imports, this.#settings) ?? instance.exports;
    return { instance: { exports: this.order?.align(exports) ?? exports }, module };
  }

  /**
   * Imports a script. Some servers do not know that `.mjs` is JavaScript, so the build renames it.
   * @param {string} name
   * @param {boolean} copied
   */
  #load(name, copied) {
    const served = this.#isServed ? name.replace(/\.mjs$/, ".js") : name;
    return this.#host.load(this.address + served, { copied, classic: name.endsWith(".js") });
  }
}

/**
 * The promise. A failure is reported where it is awaited, and not as unhandled before.
 * @template T
 * @param {T | Promise<T>} value
 * @returns {Promise<T>}
 */
function quiet(value) {
  const promise = Promise.resolve(value);
  promise.catch(() => {});
  return promise;
}
