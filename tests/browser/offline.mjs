// Pages that work without a network: Python in a worker and on the page, before and after a new deployment.
//
//     node offline.mjs FOLDER
//
// FOLDER has the outputs of two deployments, `1` and `2`; the test `api::offline` writes them.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { check, mediaType, run } from "./harness.mjs";

/** @typedef {import("./harness.mjs").Page} Page */

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node offline.mjs FOLDER");
  process.exit(2);
}

/** Modules that no scenario opened. */
const UNTRACED = ["wave", "xml.dom.minidom", "sqlite3"];

/** A service worker that runs Python. */
const PYTHON_WORKER = `
import { loadBundle } from "./pyodide-pack/loader.js";
import { createPyodideModule, loadPyodide } from "./pyodide-pack/core.js";
addEventListener("message", ({ data: { options, code }, ports: [port] }) => {
  const functions = options.core ? { createPyodideModule, loadPyodide } : {};
  loadBundle({ ...options, ...functions })
    .then(({ pyodide }) => pyodide.runPython(code))
    .then((value) => port.postMessage(String(value)), (error) => port.postMessage(error.message));
});
`;

/** A web server that can be stopped and started again at the same address. */
class Site {
  deployment = 1;
  /** @type {string[]} */
  asked = [];
  #server = createServer((request, response) => this.#answer(request.url ?? "/", response));
  #port = 0;

  async start() {
    await new Promise((resolve) => this.#server.listen(this.#port, "127.0.0.1", () => resolve(undefined)));
    this.#port = /** @type {import("node:net").AddressInfo} */ (this.#server.address()).port;
  }

  async stop() {
    const stopped = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await stopped;
  }

  get address() {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /**
   * @param {string} url
   * @param {import("node:http").ServerResponse} response
   */
  async #answer(url, response) {
    const path = url.split("?")[0].slice(1);
    this.asked.push(path);
    /** @type {Record<string, string>} */
    const own = {
      "": `<!doctype html><title>Release ${this.deployment}</title><link rel=icon href="data:,"><script src=shell.js></script>`,
      "shell.js": `globalThis.shell = ${this.deployment};`,
      "service-worker.js": 'importScripts("pyodide-pack/service-worker.js");',
      "python-worker.js": PYTHON_WORKER,
    };
    const file = join(folder, String(this.deployment), path);
    const body = own[path] ?? (await readFile(file).catch(() => undefined));
    const type = path === "" ? "text/html" : mediaType(path);
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type, "cache-control": "no-cache" });
    response.end(body);
  }
}

/**
 * Starts Python, and says what this page is.
 * @param {Page} page
 * @param {"worker" | "page"} way
 */
function start(page, way) {
  return page.evaluate(async (way) => {
    const loader = "/pyodide-pack/loader.js";
    const { loadBundle, loadWorker } = await import(loader);
    const target = /** @type {any} */ (globalThis);
    if (way === "worker") {
      const python = await loadWorker();
      target.call = python.call;
    } else {
      const { pyodide } = await loadBundle();
      target.call = async (/** @type {string} */ path, /** @type {unknown[]} */ ...args) =>
        pyodide.pyimport("app")[path.split(".")[1]](...args);
    }
    return `${document.title}, shell ${target.shell}, app ${await target.call("app.release")}`;
  }, way);
}

/** @param {Page} page */
function keep(page) {
  return page.evaluate(async () => {
    const loader = "/pyodide-pack/loader.js";
    await (await import(loader)).keepOffline();
    return "kept";
  });
}

/** @param {Page} page */
function imports(page) {
  return page.evaluate(
    async (names) => {
      const target = /** @type {any} */ (globalThis);
      const sizes = [];
      for (const name of names) sizes.push((await target.call("app.size", name)) > 5);
      return sizes.join();
    },
    UNTRACED,
  );
}

const ALL = UNTRACED.map(() => true).join();
const whole = (/** @type {number} */ release) => `Release ${release}, shell ${release}, app ${release}`;

/**
 * @param {Page} page
 * @param {Site} site
 * @param {"worker" | "page"} way
 */
async function fly(page, site, way) {
  site.deployment = 1;
  await page.goto(site.address);
  check(`${way}: online`, await start(page, way), whole(1));
  check(`${way}: is kept`, await keep(page), "kept");
  await site.stop();
  await page.reload();
  check(`${way}: without a network`, await start(page, way), whole(1));
  check(`${way}: untraced modules can be imported`, await imports(page), ALL);

  await site.start();
  site.deployment = 2;
  await page.reload();
  check(`${way}: a new deployment is whole`, await start(page, way), whole(2));
  await site.stop();
  await page.reload();
  check(`${way}: until it is kept, the old one is, whole`, await start(page, way), whole(1));
  check(`${way}: with its untraced modules`, await imports(page), ALL);
  await site.start();
  await page.reload();
  await start(page, way);
  site.asked = [];
  check(`${way}: the new one is kept`, await keep(page), "kept");
  const again = site.asked.filter((path) => path.includes("/lazy/"));
  check(`${way}: and shares what did not change`, again.join(), "");
  await site.stop();
  await page.reload();
  check(`${way}: then it is there without a network`, await start(page, way), whole(2));
  check(`${way}: also with untraced modules`, await imports(page), ALL);
  await site.start();
}

/** @param {Page} page */
async function explains(page) {
  const messages = await page.evaluate(async () => {
    const loader = "/pyodide-pack/loader.js";
    const { keepOffline } = await import(loader);
    const failure = (/** @type {any} */ options) =>
      keepOffline(options).then(() => "kept", (/** @type {Error} */ error) => error.message);
    return [
      await failure({ serviceWorker: "nothing.js" }),
      await failure({ serviceWorker: "pyodide-pack/service-worker.js" }),
      await failure({ files: ["missing.css"] }),
    ];
  });
  check("a missing script is named", /\/nothing\.js could not be registered: /.test(messages[0]));
  check("one in another folder, too", /is only for pages below .*pyodide-pack\/: serve it from/.test(messages[1]));
  check("and a missing file", messages[2].includes("/missing.css: the server answered 404 Not Found"));
}

/**
 * Python inside of a service worker.
 * @param {Page} page
 */
async function serves(page) {
  const answers = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register("python-worker.js", { scope: "python/", type: "module" });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    const ask = (/** @type {object} */ options, code = "") => {
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
      worker?.postMessage({ options, code }, [port2]);
      return answer;
    };
    return [
      await ask({}),
      await ask({ core: true }),
      await ask({ core: true, prefetch: "start" }, "import wave, app; f'{wave.__name__} {app.release()}'"),
    ];
  });
  check("a service worker must import the core", answers[0].includes("from './pyodide-pack/core.js'"));
  check("and fetch everything first", answers[1].includes('prefetch: "start"'));
  check("then Python runs in it", answers[2], "wave 2");
}

const site = new Site();
await site.start();
await run({ address: site.address, stop: () => site.stop() }, async (page) => {
  await fly(page, site, "worker");
  await fly(page, site, "page");
  await page.goto(site.address);
  await explains(page);
  await serves(page);
});
