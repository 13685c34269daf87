/** What the loader is doing, for a progress bar. */
export interface ProgressEvent {
  /**
   * `core`: the runtime is being fetched; `fetch`: bytes of the bundle arrived; `mount`: all of them
   * are here; `start`: the interpreter starts; `ready`: done.
   */
  step: "core" | "fetch" | "mount" | "start" | "ready";
  /** Bytes of the bundle that have arrived so far, uncompressed. */
  loaded: number;
  /** Bytes of the bundle that are needed to start, uncompressed. */
  total: number;
}

/** A file that no scenario opened, and that was opened now. */
export interface MissEvent {
  /** Absolute path in Pyodide's file system; bytecode of `/lib/x.py` is `/pyc/lib/x.cpython-3YY.pyc`. */
  path: string;
  /** The distribution that it belongs to. */
  distribution: string;
  /** The chunk that holds it, relative to `baseURL`. */
  chunk: string;
  /** Bytes that were fetched for it, uncompressed; 0 if its chunk was here already. */
  bytes: number;
  /** How long the program waited for it. */
  milliseconds: number;
  /** Who opened it, the innermost first: `/home/pyodide/app.py:3 in main`. Empty before Python runs. */
  stack: string[];
  /** Why it could not be opened, if it could not; the exception in Python has it as a note. */
  error?: string;
}

/** All other options go to `loadPyodide`. */
export interface BundleOptions {
  /**
   * Where the files of the `pyodide-pack` folder are; by default the folder of this module. An
   * address in browsers, a path or a `file:` address in Node.
   */
  baseURL?: string | URL;
  /**
   * The bytes of `pyodide-package-bundle.zip`, if they are embedded: as they are, or compressed with
   * gzip or Brotli by the build, as in `BUNDLE` of `pyodide_pack.rs`. Chrome can't inflate Brotli here.
   */
  bundle?: ArrayBuffer | Uint8Array;
  /** The bytes of `python_stdlib_stripped.zip`, likewise; `STDLIB` of `pyodide_pack.rs`. */
  stdlib?: ArrayBuffer | Uint8Array;
  /** The bytes of `pyodide-package-cold.zip`, likewise; `COLD` of `pyodide_pack.rs`. */
  cold?: ArrayBuffer | Uint8Array;
  /** The content of `manifest.json`, as text or parsed; fetched from `baseURL` by default. */
  manifest?: string | object;
  /**
   * What `manifest.json` must be, as in `<script integrity>`: the fifth field of its row in `ASSETS` of
   * `pyodide_pack.rs`. The manifest has the digests of all parts and chunks; the loader and Pyodide's core
   * come from where the page says.
   */
  integrity?: string;
  /** Where Pyodide's core is; by default the bundle's own copy. The version must be the bundle's. */
  indexURL?: string;
  /** Pyodide's function, if it is imported already. */
  loadPyodide?: (options?: any) => Promise<any>;
  /**
   * How the bundle comes through the network, in browsers. `host`: under its own names, and the host
   * compresses it or not. `gzip` and `zstd`: the copies in `.gz` and `.zst`, inflated here, where they
   * are there; the latter needs Pyodide 314 or later, whose module has the decoder. `auto`, the
   * default: if the build made copies and the host, asked with one HEAD request, does not compress,
   * the smaller ones that the runtime can inflate; else `host`. What is fetched on demand always comes
   * as with `host`.
   */
  compression?: "auto" | "host" | "gzip" | "zstd";
  /** Fail, with `OSError` in Python and a note, instead of fetching what is not in the bundle. */
  strict?: boolean;
  onProgress?: (event: ProgressEvent) => void;
  /** Hears of every file that no scenario opened when it is first opened. */
  onMiss?: (event: MissEvent) => void;
  /**
   * What to fetch after the start, before it is needed: nothing (the default); all cold files but
   * sources, chunk by chunk while the browser is idle; or at once those of these distributions.
   */
  prefetch?: "idle" | "none" | string[];
  /**
   * Run Python in a module worker, so that the page stays responsive: the promise is for a
   * {@link WorkerPython}. `worker.mjs` beside the loader must be of the page's own origin. For browsers.
   */
  worker?: boolean;
  /**
   * Gives up: fetches end, a worker is terminated, and the promise is rejected with the signal's reason.
   * An interpreter that is starting on this very thread can't be interrupted; it is thrown away.
   */
  signal?: AbortSignal;
  /** Hears of each line of Python's standard output; the console does by default. */
  stdout?: (line: string) => void;
  /** Likewise for standard error. */
  stderr?: (line: string) => void;
  /** Packages for `loadPyodide` to load; those in the bundle are there already. */
  packages?: string[];
  env?: Record<string, string>;
  fsInit?: (FS: any, info: any) => Promise<void>;
  [option: string]: unknown;
}

/**
 * Python in a worker. Arguments and results are sent as data: numbers, strings, arrays, plain objects,
 * typed arrays; lists and dicts on Python's side. Questions are answered one after the other. What Python
 * raises rejects with an `Error` whose message is `ValueError: ...`, with `type` and `traceback`.
 */
export interface WorkerPython {
  /** Calls a function, plain or `async`, of a module: `call("app", "greet", "Ada")`. */
  call<T = unknown>(module: string, name: string, ...args: unknown[]): Promise<T>;
  /** Runs code, which may use `await`, and gives the value of its last expression. */
  run<T = unknown>(code: string): Promise<T>;
  /** Ends the worker; whatever is still awaited is rejected. */
  terminate(): void;
}

/** What `loadPyodide` promises, or a {@link WorkerPython}; and what was missed. */
export interface Loading<T = any> extends Promise<T> {
  /**
   * The files that were opened so far and are not in the bundle, as lines for `build.rs`:
   * `.include("pandas/io/formats/*")` where at least half of a folder was, else one for each file.
   */
  misses(): string[];
}

/** Starts Pyodide with the bundle mounted, in a worker. */
export function loadBundle(options: BundleOptions & { worker: true }): Loading<WorkerPython>;
/** Starts Pyodide with the bundle mounted. */
export function loadBundle(options?: BundleOptions): Loading;
/** What `worker.mjs` does: answers the page that started it. */
export function answerPage(load: typeof loadBundle): void;
