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
  /** Packages for `loadPyodide` to load; those in the bundle are there already. */
  packages?: string[];
  env?: Record<string, string>;
  fsInit?: (FS: any, info: any) => Promise<void>;
  [option: string]: unknown;
}

/** What `loadPyodide` promises, and what was missed. */
export interface Loading extends Promise<any> {
  /**
   * The files that were opened so far and are not in the bundle, as lines for `build.rs`:
   * `.include("pandas/io/formats/*")` where at least half of a folder was, else one for each file.
   */
  misses(): string[];
}

/** Starts Pyodide with the bundle mounted. */
export function loadBundle(options?: BundleOptions): Loading;
