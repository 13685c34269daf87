/**
 * A service worker that keeps a page and its bundle, so that both work without a network. It is imported by
 * a script of the page: `importScripts("pyodide-pack/service-worker.js")`. `keepOffline` of the loader asks it
 * to keep what the page uses.
 *
 * What is kept is always one deployment: files with a digest in their name are shared, everything else is
 * kept as a set, which replaces the set before when it is complete.
 */

(() => {
  const scope = /** @type {any} */ (self);
  const prefix = `pyodide-pack ${scope.registration.scope} `;
  /** The cache of files whose names change with their content. */
  const FILES = `${prefix}files`;
  /** The cache whose only entry is the name of the current set. */
  const POINTER = `${prefix}pointer`;
  const CURRENT = new URL("pyodide-pack-current", scope.registration.scope).href;
  const IGNORED = { ignoreSearch: true, ignoreVary: true };

  /** @type {Map<string, boolean>} client -> whether it may get kept files: its page is the kept one */
  const mayUseKept = new Map();

  /** The cache with the current set, if there is one. */
  async function currentSet() {
    const name = await (await caches.match(CURRENT, { cacheName: POINTER }))?.text();
    return name === undefined ? undefined : caches.open(name);
  }

  /**
   * @param {Request} request
   * @returns {Promise<Response | undefined>}
   */
  async function kept(request) {
    const set = await currentSet();
    return set?.match(request.url, IGNORED);
  }

  /** @param {any} event */
  async function answer({ request, clientId, resultingClientId }) {
    const file = await caches.match(request.url, { cacheName: FILES, ignoreVary: true });
    if (file !== undefined) return file;
    if (request.mode === "navigate") return navigate(request, resultingClientId);
    return fetch(request).catch(async (error) => {
      const answer = mayUseKept.get(clientId) === false ? undefined : await kept(request);
      if (answer === undefined) throw error;
      return answer;
    });
  }

  /**
   * @param {Request} request
   * @param {string} client
   */
  async function navigate(request, client) {
    const before = await kept(request);
    try {
      const response = await fetch(request);
      if (before !== undefined) {
        const [now, then] = await Promise.all([response.clone().text(), before.text()]);
        mayUseKept.set(client, now === then);
      }
      return response;
    } catch (error) {
      if (before === undefined) throw error;
      mayUseKept.set(client, true);
      return before;
    }
  }

  /**
   * Keeps a page and a bundle.
   * @param {{ base: string, used: string[], files: string[] }} wanted the bundle's folder; what the page has
   *   requested so far, which may have failed; what it needs
   */
  async function keep({ base, used, files }) {
    const name = `${prefix}set ${Date.now()}`;
    const set = await caches.open(name);
    try {
      const own = ["manifest.json", "loader.js", "worker.js"].map((file) => base + file);
      for (const file of new Set([...files, ...own])) await set.put(file, await received(file));
      for (const file of used) {
        const response = await received(file).catch(() => undefined);
        if (response !== undefined) await set.put(file, response);
      }
      const manifest = await (await set.match(`${base}manifest.json`))?.json();
      const names = await keepFiles(base, manifest);
      await (await caches.open(POINTER)).put(CURRENT, new Response(name));
      await forget(name, names);
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
  }

  /**
   * Keeps the files of a manifest, and returns their addresses.
   * @param {string} base
   * @param {any} manifest
   */
  async function keepFiles(base, { chunks, pyodide, sideModules }) {
    const cache = await caches.open(FILES);
    const names = new Set();
    const core = ["pyodide.js", pyodide.asm.replace(/\.mjs$/, ".js"), "pyodide.asm.wasm", "pyodide-lock.json"];
    const { split } = pyodide;
    const own = split === undefined ? [] : [{ file: split.file }, ...split.chunks];
    const parts = [...own, ...sideModules.flatMap((/** @type {any} */ module) => module.split?.chunks ?? [])];
    // The loader needs the parts, and not the whole module.
    const scripts = core.filter((file) => split === undefined || file !== "pyodide.asm.wasm");
    /** @type {{ file: string, sha256?: string }[]} */
    const wanted = [...scripts.map((file) => ({ file: pyodide.folder + file })), ...parts, ...chunks];
    for (const { file, sha256 } of wanted) {
      // A chunk without a digest is in an embedded zip.
      if (sha256 === "") continue;
      const forms = ["", ".zst", ".gz"].map((end) => `${base}${file}${end}`);
      for (const form of forms) names.add(form);
      const known = await Promise.all(forms.map((form) => cache.match(form, { ignoreVary: true })));
      if (known.some((response) => response !== undefined)) continue;
      const [form, response] = await firstForm(forms, sha256);
      await cache.put(form, response);
    }
    return names;
  }

  /**
   * The form of a file that the page has fetched, or else the file itself.
   * @param {string[]} forms the addresses of the file and of its compressed copies
   * @param {string} [sha256]
   * @returns {Promise<[string, Response]>}
   */
  async function firstForm(forms, sha256) {
    for (const form of forms) {
      const response = await fetch(form, { cache: "only-if-cached", mode: "same-origin" }).catch(() => undefined);
      if (response?.ok) return [form, response];
    }
    const [file] = forms;
    return [file, await received(file, sha256 && `sha256-${sha256}`)];
  }

  /**
   * @param {string} address
   * @param {string} [integrity]
   */
  async function received(address, integrity) {
    const response = await fetch(address, { cache: "force-cache", integrity });
    if (!response.ok) throw new Error(`${address}: the server answered ${response.status} ${response.statusText}`);
    return response;
  }

  /**
   * Removes sets before this one, and files that it does not use.
   * @param {string} name
   * @param {Set<string>} used
   */
  async function forget(name, used) {
    const cache = await caches.open(FILES);
    const old = (await cache.keys()).filter(({ url }) => !used.has(url));
    const sets = (await caches.keys()).filter((other) => other.startsWith(`${prefix}set `) && other !== name);
    await Promise.all([...old.map((request) => cache.delete(request)), ...sets.map((set) => caches.delete(set))]);
  }

  scope.addEventListener("install", () => scope.skipWaiting());
  scope.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener("fetch", (/** @type {any} */ event) => {
    const { method, url } = event.request;
    if (method === "GET" && new URL(url).origin === location.origin) event.respondWith(answer(event));
  });
  scope.addEventListener("message", (/** @type {any} */ event) => {
    const wanted = event.data?.pyodidePackKeep;
    if (wanted === undefined) return;
    const [port] = event.ports;
    const done = keep(wanted).then(
      () => port.postMessage({}),
      (error) => port.postMessage({ error: String(error?.message ?? error) }),
    );
    event.waitUntil(done);
  });
})();
