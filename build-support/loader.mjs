/**
 * Starts Pyodide with a bundle made by pyodide-pack, in a page, in a module worker or in Node.
 * The options and results are described in loader.d.mts.
 *
 * @module
 */

import { loadLibraries, mount, settle } from "./packfs.mjs";

/**
 * @typedef {object} Part
 * @property {string} file name relative to the bundle's address
 * @property {number} bytes
 * @property {string} sha256 in base64
 * @property {number} crc32
 * @property {boolean} hot whether it is loaded at the start
 * @property {string} distribution
 * @property {number} [embedded] offset of the part in pyodide-package-bundle.zip
 */

/**
 * @typedef {object} Manifest
 * @property {1} schema
 * @property {boolean} siblings whether each file has a gzip-compressed copy beside it, `NAME.gz`
 * @property {{ version: string, core: string, packageBaseUrl: string | null, env: { PYTHONPATH: string } }} pyodide
 * @property {Part[]} parts
 * @property {import("./packfs.mjs").Dirs} dirs
 * @property {{ name: string, version: string, channel: string }[]} packages
 * @property {{ path: string, library: boolean, bytes: number }[]} sideModules in load order
 */

/** What a page's main thread may compile synchronously in Chrome, in bytes. */
const SYNCHRONOUS_COMPILE_LIMIT = 8 * 1024 * 1024;
const EMPTY_ZIP = Uint8Array.of(80, 75, 5, 6, ...new Array(18).fill(0));
const IN_NODE = typeof process === "object" && typeof process.versions?.node === "string";
const ON_PAGE = typeof document === "object" && typeof window === "object";

/**
 * @param {import("./loader.d.mts").BundleOptions} [options]
 * @returns {Promise<any>}
 */
export async function loadBundle(options = {}) {
  const {
    baseURL,
    bundle,
    stdlib,
    manifest: given,
    indexURL,
    loadPyodide: givenLoader,
    strict = false,
    onProgress = () => {},
    onMiss = () => {},
    packages = [],
    compression = "auto",
    fsInit,
    env,
    ...rest
  } = options;
  const base = baseURL ?? new URL("./", import.meta.url);
  const host = IN_NODE ? await nodeHost(base) : browserHost(base);
  const manifest = /** @type {Manifest} */ (
    typeof given === "string" ? JSON.parse(given) : given ?? JSON.parse(await host.text("manifest.json"))
  );
  if (manifest.schema !== 1) {
    throw new Error(`this loader does not know manifests of schema ${manifest.schema}`);
  }

  const core = directory(indexURL ?? host.address(manifest.pyodide.core));
  const report = progress(manifest, onProgress);
  report("core");
  const loading = givenLoader ?? host.load(`${core}pyodide.mjs`).then((module) => module.loadPyodide);
  const parts = hotParts(manifest, host, { bundle, stdlib }, compression, report);
  // Reported where it is awaited, inside of fsInit; not as unhandled before.
  parts.catch(() => {});

  const cold = new Map();
  /** @type {import("./packfs.mjs").Source} */
  const source = {
    view: ({ size, part, offset }) => here.get(part)?.subarray(offset, offset + size),
    load({ path, size, part, offset }) {
      const { file, bytes, distribution } = manifest.parts[part];
      const started = performance.now();
      const known = cold.get(part);
      const miss = { path, distribution, chunk: file, bytes: known === undefined ? bytes : 0 };
      if (strict) {
        onMiss({ ...miss, bytes: 0, milliseconds: 0 });
        throw new Error(`${path} is not in this bundle`);
      }
      let content = known;
      try {
        if (content === undefined) {
          content = host.bytesNow(file);
          if (content.length !== bytes || crc32(content) !== manifest.parts[part].crc32) {
            throw new Error(`${host.address(file)} is not what the manifest says`);
          }
          cold.set(part, content);
        }
      } catch (error) {
        console.error(`pyodide-pack: ${path} could not be fetched:`, error);
        throw error;
      }
      onMiss({ ...miss, milliseconds: performance.now() - started });
      return content.subarray(offset, offset + size);
    },
  };
  /** @type {Map<number, Uint8Array>} */
  let here = new Map();
  let mounted = false;
  const emptyZip = await host.emptyZip(bundle !== undefined && baseURL === undefined);

  const bundled = new Set(manifest.packages.map(({ name }) => normalise(name)));
  // What is wrong with the parts by now is better said before Python starts without its files.
  const loadPyodide = await Promise.race([loading, parts.then(() => loading)]);
  const pyodide = await loadPyodide({
    ...(IN_NODE || manifest.pyodide.packageBaseUrl === null
      ? {}
      : { packageBaseUrl: manifest.pyodide.packageBaseUrl }),
    ...rest,
    indexURL: core,
    stdLibURL: emptyZip,
    env: { ...env, ...manifest.pyodide.env, PYTHONPATH: searchPath(manifest, env) },
    packages: packages.filter((name) => !bundled.has(normalise(name))),
    /** @type {(FS: any, info: any) => Promise<void>} */
    fsInit: async (FS, info) => {
      mounted = true;
      here = await parts;
      report("mount");
      mount(FS, manifest.dirs, source);
      report("start");
      await fsInit?.(FS, info);
    },
  }).catch(async (/** @type {unknown} */ error) => {
    await parts; // a part that did not arrive is the better explanation
    throw error;
  });
  if (!mounted) {
    throw new Error(`Pyodide ${pyodide.version} ignores fsInit; bundles need 0.27.5 or newer`);
  }

  settle(pyodide);
  markLoaded(pyodide, manifest);
  await loadLibraries(pyodide, sideModules(manifest, (module) => module.library));
  if (ON_PAGE) {
    const large = sideModules(
      manifest,
      (module) => !module.library && module.bytes > SYNCHRONOUS_COMPILE_LIMIT,
    );
    for (const path of large) await pyodide._api.loadDynlib(path, false, []);
  }
  report("ready");
  return pyodide;
}

/**
 * The standard library's folder goes before whatever the caller wants to be searched.
 * @param {Manifest} manifest
 * @param {Record<string, string>} [env]
 */
function searchPath({ pyodide }, env = {}) {
  return [pyodide.env.PYTHONPATH, env.PYTHONPATH].filter(Boolean).join(":");
}

/**
 * @param {Manifest} manifest
 * @param {(module: Manifest["sideModules"][number]) => boolean} wanted
 */
function sideModules(manifest, wanted) {
  return manifest.sideModules.filter(wanted).map(({ path }) => path);
}

/**
 * Makes `loadPackage` of a bundled distribution a no-op: its name as the lock file spells it.
 * @param {any} pyodide
 * @param {Manifest} manifest
 */
function markLoaded(pyodide, { packages }) {
  const loaded = pyodide.loadedPackages;
  const bundled = new Set(packages.map(({ name }) => normalise(name)));
  for (const name of Object.keys(loaded)) if (bundled.has(normalise(name))) delete loaded[name];
  for (const { name, channel } of packages) loaded[name] = channel;
}

/** @param {string} name */
function normalise(name) {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/**
 * @param {Manifest} manifest
 * @param {(event: import("./loader.d.mts").ProgressEvent) => void} onProgress
 */
function progress({ parts }, onProgress) {
  const total = parts.reduce((sum, part) => sum + (part.hot ? part.bytes : 0), 0);
  let loaded = 0;
  /** @type {(step: import("./loader.d.mts").ProgressEvent["step"], bytes?: number) => void} */
  return (step, bytes = 0) => {
    loaded += bytes;
    onProgress({ step, loaded, total });
  };
}

/**
 * The parts to start with, by number; those that were handed over are not fetched.
 * @param {Manifest} manifest
 * @param {Host} host
 * @param {{ bundle?: ArrayBuffer | Uint8Array, stdlib?: ArrayBuffer | Uint8Array }} embedded
 * @param {"auto" | "host" | "gzip"} compression
 * @param {(step: "fetch", bytes: number) => void} report
 * @returns {Promise<Map<number, Uint8Array>>}
 */
async function hotParts({ parts, siblings }, host, embedded, compression, report) {
  const [bundle, stdlib] = await Promise.all([
    embedded.bundle && inflated(embedded.bundle, "bundle", host),
    embedded.stdlib && inflated(embedded.stdlib, "standard library", host),
  ]);
  const given = (/** @type {Part} */ part) => (part.embedded === undefined ? stdlib : bundle);
  const fetched = parts.filter((part) => part.hot && given(part) === undefined);
  const [largest] = fetched.sort((one, other) => other.bytes - one.bytes);
  const gzip = largest !== undefined && (compression === "gzip" ||
    (compression === "auto" && siblings && !(await host.compresses(largest))));
  const entries = parts.map(async (part, number) => {
    if (!part.hot) return undefined;
    const whole = given(part);
    if (whole === undefined) {
      const bytes = await host.bytes(part, gzip, (count) => report("fetch", count));
      if (bytes.length !== part.bytes) {
        throw new Error(`${part.file} has ${bytes.length} bytes instead of ${part.bytes}`);
      }
      return /** @type {const} */ ([number, bytes]);
    }
    const start = part.embedded ?? 0;
    if (whole.length < start + part.bytes) {
      throw new Error(`the embedded bytes for ${part.file} are not those of the manifest`);
    }
    report("fetch", part.bytes);
    return /** @type {const} */ ([number, whole.subarray(start)]);
  });
  return new Map((await Promise.all(entries)).filter((entry) => entry !== undefined));
}

/**
 * Embedded bytes as a zip, whatever encoding `pyodide_pack.rs` includes them in. Brotli has no magic
 * number, but as the build makes it, it never starts as a zip or gzip does.
 * @param {ArrayBuffer | Uint8Array} given
 * @param {string} what
 * @param {Host} host
 */
async function inflated(given, what, host) {
  const bytes = given instanceof Uint8Array
    ? new Uint8Array(given.buffer, given.byteOffset, given.length)
    : new Uint8Array(given);
  if (isZip(bytes)) return bytes;
  const format = isGzip(bytes) ? "gzip" : "brotli";
  if (!host.inflates(format)) {
    throw new Error(
      `the embedded ${what} is compressed with ${format}, which this browser can't inflate: ` +
        "write .embed(Encoding::Gzip) in build.rs, which all current ones can",
    );
  }
  const whole = await host.inflate(format, bytes).catch((/** @type {unknown} */ cause) => {
    throw new Error(`the embedded ${what} is neither a zip nor compressed, or damaged`, { cause });
  });
  if (!isZip(whole)) throw new Error(`the embedded ${what} is not a zip`);
  return whole;
}

/** @param {Uint8Array} bytes */
function isZip(bytes) {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** @param {Uint8Array} bytes */
function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * How files beside the loader are read.
 * @typedef {object} Host
 * @property {(file: string) => string} address
 * @property {(file: string) => Promise<string>} text
 * @property {(part: Part) => Promise<boolean>} compresses whether it takes care of compression itself
 * @property {(part: Part, gzip: boolean, onBytes: (count: number) => void) => Promise<Uint8Array>} bytes
 *   checked; with `gzip` from the compressed copy, if there is one
 * @property {(file: string) => Uint8Array} bytesNow without returning to the event loop
 * @property {(format: "gzip" | "brotli") => boolean} inflates
 * @property {(format: "gzip" | "brotli", bytes: Uint8Array) => Promise<Uint8Array>} inflate
 * @property {(address: string) => Promise<any>} load a module
 * @property {(alone: boolean) => Promise<string>} emptyZip address of an empty zip, whether there
 *   are files beside the loader or it is alone
 */

/**
 * @param {string | URL} base
 * @returns {Host}
 */
function browserHost(base) {
  const root = new URL(directory(String(base)), globalThis.location?.href);
  const address = (/** @type {string} */ file) => new URL(file, root).href;
  const get = async (/** @type {string} */ file, /** @type {RequestInit} */ init = {}) => {
    const response = await fetch(address(file), init);
    if (!response.ok) throw new Error(`${address(file)}: ${response.status} ${response.statusText}`);
    return response;
  };
  return {
    address,
    text: async (file) => (await get(file)).text(),
    async compresses({ file, bytes }) {
      if (!inflates("gzip")) return true;
      try {
        const response = await fetch(address(file), { method: "HEAD" });
        const { ok, headers } = response;
        await response.arrayBuffer(); // or it counts as given up
        const encoding = headers.get("content-encoding") ?? "identity";
        // Of another origin, the encoding is hidden and the length is not.
        const length = Number(headers.get("content-length"));
        return ok && (encoding !== "identity" || (length > 0 && length < bytes));
      } catch {
        return false;
      }
    },
    async bytes(part, gzip, onBytes) {
      const { file, bytes, sha256 } = part;
      const copy = gzip ? await gunzipped(await fetch(address(`${file}.gz`))) : undefined;
      if (copy !== undefined) {
        const whole = await collect(copy, bytes, onBytes).catch((cause) => {
          throw new Error(`${address(file)}.gz could not be read`, { cause });
        });
        if (await fits(whole, part)) return whole;
        throw new Error(`${address(file)}.gz is not what the manifest says`);
      }
      const response = await get(file, { integrity: `sha256-${sha256}` });
      if (response.body === null) return new Uint8Array(await response.arrayBuffer());
      return collect(response.body, bytes, onBytes);
    },
    inflates,
    async inflate(format, bytes) {
      const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream();
      const whole = new Response(stream.pipeThrough(decompression(format)));
      return new Uint8Array(await whole.arrayBuffer());
    },
    bytesNow(file) {
      const request = new XMLHttpRequest();
      request.open("GET", address(file), false);
      // The page's main thread may not ask for binary data synchronously, only for text.
      if (ON_PAGE) request.overrideMimeType("text/plain; charset=x-user-defined");
      else request.responseType = "arraybuffer";
      request.send();
      if (request.status < 200 || request.status > 299) {
        throw new Error(`${address(file)}: ${request.status} ${request.statusText}`);
      }
      if (!ON_PAGE) return new Uint8Array(request.response);
      const text = request.responseText;
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      return bytes;
    },
    load: (url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url),
    emptyZip: async (alone) =>
      alone ? URL.createObjectURL(new Blob([EMPTY_ZIP])) : address("empty.zip"),
  };
}

/**
 * @param {"gzip" | "brotli"} format which browsers know before the types do
 * @returns {ReadableWritablePair<Uint8Array, BufferSource>}
 */
function decompression(format) {
  return new DecompressionStream(/** @type {CompressionFormat} */ (format));
}

/** @param {"gzip" | "brotli"} format */
function inflates(format) {
  try {
    return decompression(format) !== undefined;
  } catch {
    return false;
  }
}

/**
 * What a compressed copy holds, or `undefined` if there is none: its address may answer with the
 * page for wrong addresses, too. Some hosts take the name for a reason to have it inflated already.
 * @param {Response} response
 * @returns {Promise<ReadableStream<Uint8Array> | undefined>}
 */
async function gunzipped({ ok, body }) {
  if (!ok || body === null) return undefined;
  const [first, whole] = body.tee();
  const reader = first.getReader();
  const { value = new Uint8Array() } = await reader.read();
  // Resolves when both halves are done.
  reader.cancel().catch(() => {});
  if (isGzip(value)) {
    return /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (whole).pipeThrough(decompression("gzip"));
  }
  if (isZip(value)) return whole;
  await whole.cancel();
  return undefined;
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} size that it must not exceed
 * @param {(count: number) => void} onBytes
 */
async function collect(stream, size, onBytes) {
  const whole = new Uint8Array(size);
  const reader = stream.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return whole.subarray(0, length);
    if (length + value.length > size) throw new Error(`there are more than ${size} bytes`);
    whole.set(value, length);
    length += value.length;
    onBytes(value.length);
  }
}

/**
 * Whether these are the bytes of a part. There is no `subtle` at addresses that are not secure.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Part} part
 */
async function fits(bytes, part) {
  if (bytes.length !== part.bytes) return false;
  if (globalThis.crypto?.subtle === undefined) return crc32(bytes) === part.crc32;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest)) === part.sha256;
}

/**
 * @param {string | URL} base a path or a file URL
 * @returns {Promise<Host>}
 */
async function nodeHost(base) {
  const module = (/** @type {string} */ name) => import(/* @vite-ignore */ name);
  const fs = await module("node:fs");
  const { createHash } = await module("node:crypto");
  const os = await module("node:os");
  const path = await module("node:path");
  const { fileURLToPath, pathToFileURL } = await module("node:url");
  const zlib = await module("node:zlib");
  const text = String(base);
  const root = text.startsWith("file:") ? fileURLToPath(text) : path.resolve(text);
  const address = (/** @type {string} */ file) => path.join(root, file);
  // A copy: small files of Node's lie in a buffer that they share.
  const bytesNow = (/** @type {string} */ file) => new Uint8Array(fs.readFileSync(address(file)));
  return {
    address,
    text: async (file) => fs.readFileSync(address(file), "utf8"),
    compresses: async () => true,
    async bytes({ file, sha256 }, _gzip, onBytes) {
      const bytes = bytesNow(file);
      if (createHash("sha256").update(bytes).digest("base64") !== sha256) {
        throw new Error(`${address(file)} is not what the manifest says`);
      }
      onBytes(bytes.length);
      return bytes;
    },
    bytesNow,
    inflates: () => true,
    inflate: async (format, bytes) =>
      new Uint8Array(format === "gzip" ? zlib.gunzipSync(bytes) : zlib.brotliDecompressSync(bytes)),
    load: (file) => import(/* @vite-ignore */ file.includes("://") ? file : pathToFileURL(file).href),
    async emptyZip(alone) {
      if (!alone) return address("empty.zip");
      const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "pyodide-pack-")), "empty.zip");
      fs.writeFileSync(file, EMPTY_ZIP);
      return file;
    },
  };
}

/** @param {string} address */
function directory(address) {
  return address.endsWith("/") ? address : `${address}/`;
}

/** @type {Uint32Array | undefined} */
let crcTable;

/**
 * The checksum of zip and gzip.
 * @param {Uint8Array} bytes
 */
function crc32(bytes) {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, value) => {
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]) & 255];
  return (crc ^ -1) >>> 0;
}
