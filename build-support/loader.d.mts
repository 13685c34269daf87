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
  /** Fail, with `OSError` in Python, instead of fetching what is not in the bundle. */
  strict?: boolean;
  onProgress?: (event: ProgressEvent) => void;
  onMiss?: (event: MissEvent) => void;
  /** Packages for `loadPyodide` to load; those in the bundle are there already. */
  packages?: string[];
  env?: Record<string, string>;
  fsInit?: (FS: any, info: any) => Promise<void>;
  [option: string]: unknown;
}

/**
 * Starts Pyodide with the bundle mounted.
 *
 * @returns what `loadPyodide` returns
 */
export function loadBundle(options?: BundleOptions): Promise<any>;
