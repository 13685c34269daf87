/** How far the loader is, for a progress bar. */
export interface ProgressEvent {
  /**
   * `core`: the runtime is being fetched; `fetch`: bytes of the bundle arrived; `mount`: Python's own files have
   * arrived; `start`: the interpreter starts, while packages arrive; `restored`: instead of that, its memory comes from
   * a snapshot; `ready`: done.
   */
  phase: "core" | "fetch" | "mount" | "start" | "restored" | "ready";
  /** Bytes of the bundle that have arrived so far, uncompressed. */
  loaded: number;
  /** Bytes of the bundle that are needed to start, uncompressed. */
  total: number;
}

/** A file that was opened now, and that no scenario of the build opened. */
export interface MissEvent {
  /** Absolute path in Pyodide's file system. The bytecode of `/lib/x.py` is `/pyc/lib/x.cpython-3YY.pyc`. */
  path: string;
  /** The package that the file belongs to. */
  package: string;
  /** The chunk that holds it, relative to `baseURL`. */
  chunk: string;
  /** Bytes that were fetched for it, uncompressed; 0 if its chunk had already arrived. */
  bytes: number;
  /** How long the program waited for it. */
  milliseconds: number;
  /** The calls that opened it, innermost first: `/home/pyodide/app.py:3 in main`. Empty before Python runs. */
  stack: string[];
  /** How many functions of `path` came, if the program called one that is not in the bundle. */
  functions?: number;
  /** Why it could not be had, if so. Of a file, the exception in Python has the same text as a note. */
  error?: string;
}

/** An edit of the app that arrived while Python runs. */
export interface ReloadEvent {
  /** The modules of the app that were imported again, in the order of their imports. Empty if there is an error. */
  modules: string[];
  /** From the new manifest to this event. */
  milliseconds: number;
  /**
   * Whether the edit changed more than the app: its requirements, Pyodide or the loader. Then only a new page
   * or worker can follow, and `error` says what changed. The page is not reloaded by itself, which would lose
   * its state: call `location.reload()`.
   */
  stale: boolean;
  /** Why the old code goes on running. The next edit is followed again. */
  error?: PythonError;
}

/** Options that are not listed here are passed to `loadPyodide`. */
export interface BundleOptions {
  /**
   * Where the files of the `pyodide-pack` folder are; by default the folder of this module. An address in
   * browsers, a path or a `file:` address in Node.
   */
  baseURL?: string | URL;
  /**
   * The bytes of `pyodide-package-bundle.zip`, if the program embeds them: uncompressed, or compressed with
   * gzip or Brotli by the build, as in `BUNDLE` of `pyodide_pack.rs`. Chrome can't inflate Brotli here.
   */
  bundle?: ArrayBuffer | Uint8Array;
  /** The bytes of `python_stdlib_stripped.zip`, in the same encodings: `STDLIB` of `pyodide_pack.rs`. */
  stdlib?: ArrayBuffer | Uint8Array;
  /** The bytes of `pyodide-package-lazy.zip`, in the same encodings: `LAZY` of `pyodide_pack.rs`. */
  lazy?: ArrayBuffer | Uint8Array;
  /** The content of `manifest.json`, as text or parsed; fetched from `baseURL` by default. */
  manifest?: string | object;
  /**
   * The digest of `manifest.json`, as in `<script integrity>`: `integrity` of its asset in `pyodide_pack.rs`.
   * The manifest has the digests of all chunks. The loader and Pyodide's core are not covered: the page
   * chooses their addresses.
   */
  integrity?: string;
  /** Where Pyodide's core is; by default the bundle's own copy. The version must be the bundle's. */
  indexURL?: string;
  /**
   * Pyodide's function, if it is imported already. With `createPyodideModule`, which is the default export of
   * `pyodide.asm.mjs`, the loader imports nothing itself. A service worker needs both, from `core.js` beside
   * the loader.
   */
  loadPyodide?: (options?: any) => Promise<any>;
  createPyodideModule?: (settings: any) => Promise<any>;
  /**
   * How the bundle is fetched in browsers. `host`: under its own names; the server compresses it or not.
   * `gzip` and `zstd`: the copies in `.gz` and `.zst`, if they exist, inflated by the loader; zstd needs
   * Pyodide 314 or later, whose module has the decoder. `auto`, the default: if the build made copies and a
   * HEAD request shows that the server does not compress, the smallest copies that the runtime can inflate;
   * else `host`. Lazy chunks are always fetched as with `host`.
   */
  compression?: "auto" | "host" | "gzip" | "zstd";
  /** Fails with `OSError` and a note in Python, instead of fetching lazy files. */
  strict?: boolean;
  onProgress?: (event: ProgressEvent) => void;
  /**
   * Called for every file that no scenario opened, when it is first opened. It runs inside of Python's system call,
   * so it can't call Python. What it throws is reported as an uncaught error, and the file is opened.
   */
  onMiss?: (event: MissEvent) => void;
  /**
   * With `loadWorker`: called for errors that nobody caught, such as one in a callback of `setTimeout`, and
   * rejections that nobody handled. The console has them, too. The worker goes on.
   */
  onError?: (error: PythonError) => void;
  /**
   * Follows edits of the app, if the manifest is of a development build: changed files are replaced, and the
   * app's modules are imported again, while packages, other modules and the page keep their state. In other
   * builds this does nothing, and neither if `manifest` is given. `signal` ends it on this thread; a worker
   * ends it when it ends.
   */
  reload?: boolean;
  /** Called after each edit with `reload`; by default, the console has a line. */
  onReload?: (event: ReloadEvent) => void;
  /**
   * The files to fetch before they are needed. `none`, the default; `idle`: all lazy files except sources,
   * after the start, chunk by chunk while the browser is idle; a list: after the start the lazy files of
   * these packages; `start`: all lazy files before the promise resolves, so that nothing is fetched later. The
   * chunks of a split core come while the browser is idle, or with `start` before the promise resolves.
   */
  prefetch?: "idle" | "none" | "start" | string[];
  /**
   * The snapshot of Python's memory, if the build made one: `none` starts Python without it, and bytes are those of
   * the file in the manifest, if the program embeds it. By default, `Builder::snapshot` decides.
   */
  snapshot?: "none" | ArrayBuffer | Uint8Array;
  /**
   * Cancels loading: fetches end, a worker is terminated, and the promise is rejected with the signal's
   * reason. An interpreter that is starting on this thread can't be interrupted; it is discarded.
   */
  signal?: AbortSignal;
  /** Called with each line of Python's standard output; the default is the console. */
  stdout?: (line: string) => void;
  /** The same for standard error. */
  stderr?: (line: string) => void;
  /** Packages for `loadPyodide` to load. Those of the bundle need not be named. */
  packages?: string[];
  env?: Record<string, string>;
  fsInit?: (FS: any, info: any) => Promise<void>;
  [option: string]: unknown;
}

/** Pyodide, with the bundle mounted. */
export interface Bundle {
  /** The object that `loadPyodide` resolves to. */
  pyodide: any;
  /**
   * The files that were opened so far and are not in the bundle, as lines for `build.rs`:
   * `.eager("pandas/io/formats/*")` if at least half of a folder was opened, else one line for each file.
   */
  misses(): string[];
}

/**
 * Why a call to a worker failed. For an exception of Python, the message is `ValueError: ...` with the notes of
 * the exception and of its causes. `type` and `traceback` are empty for other errors.
 */
export interface PythonError extends Error {
  type: string;
  traceback: string;
}

/**
 * Python in a worker. Arguments and results are sent as data: numbers, strings, arrays, plain objects, maps and
 * typed arrays, which are lists and dicts in Python. A dict whose keys are not all strings arrives as a `Map`.
 * Calls start in order. While one waits, others run. Failures reject the promise with a {@link PythonError};
 * after the end of the worker, all calls are rejected at once.
 */
export interface WorkerPython {
  /** Calls a function of a module, plain or `async`: `call("app.greet", "Ada")`. */
  call<T = unknown>(path: string, ...args: unknown[]): Promise<T>;
  /** Runs code, which may use `await`, and resolves to the value of its last expression. */
  run<T = unknown>(code: string): Promise<T>;
  /** As {@link Bundle.misses}. */
  misses(): string[];
  /** Ends the worker. Calls that are not answered yet are rejected, and so are later ones. */
  terminate(): void;
}

/** Options of {@link keepOffline}. */
export interface OfflineOptions {
  /** As in {@link BundleOptions}. */
  baseURL?: string | URL;
  /**
   * Address of the page's own service worker, relative to the page; by default `service-worker.js`. It says
   * `importScripts("pyodide-pack/service-worker.js")`.
   */
  serviceWorker?: string | URL;
  /** Addresses of more files to keep, relative to the page. Those that the page has loaded are kept anyway. */
  files?: string[];
}

/**
 * Keeps this page and the whole bundle in the browser. When the promise resolves, a reload works without a
 * network, and so does every import, with `loadWorker` and with `loadBundle`. Call it after each start: it
 * fetches only what is new. Needs `Builder::service_worker`.
 */
export function keepOffline(options?: OfflineOptions): Promise<void>;
/** Starts Pyodide with the bundle mounted. */
export function loadBundle(options?: BundleOptions): Promise<Bundle>;
/**
 * Starts Python in a module worker, so that the page stays responsive. Options that can't be sent, such as
 * functions for `loadPyodide`, are an error. For browsers.
 */
export function loadWorker(options?: BundleOptions): Promise<WorkerPython>;
/** Which loader this is. The manifest of the same build has it as `loader`. */
export const RELEASE: string;
/** Answers the page that started this worker; `worker.js` calls it. */
export function answerPage(load: typeof loadBundle): void;
