/**
 * Keeping a page and its bundle for use without a network, through `service-worker.js`.
 *
 * @module
 */

import { folderAt } from "./address.mjs";

/**
 * @param {import("./loader.d.mts").OfflineOptions} options
 * @param {URL} loader the loader's own address
 */
export async function keepPage({ baseURL, serviceWorker = "service-worker.js", files = [] }, loader) {
  const { serviceWorker: container } = navigator;
  if (container === undefined) {
    throw new Error("there are no service workers here: they need HTTPS (or localhost), and no private window");
  }
  const script = new URL(serviceWorker, document.baseURI).href;
  const registration = await container.register(script).catch((cause) => {
    throw new Error(`the service worker ${script} could not be registered: ${cause.message}`, { cause });
  });
  if (!location.href.startsWith(registration.scope)) {
    const scope = `is only for pages below ${registration.scope}`;
    throw new Error(`the service worker ${script} ${scope}: serve it from the folder of the page, or above`);
  }
  const { active } = await container.ready;
  const base = folderAt(baseURL ?? new URL("./", loader));
  const { port1, port2 } = new MessageChannel();
  /** @type {Promise<void>} */
  const done = new Promise((resolve, reject) => {
    port1.onmessage = ({ data: { error } }) => {
      port1.close();
      if (error === undefined) resolve();
      else reject(new Error(`the page could not be kept for use without a network: ${error}`));
    };
  });
  const needed = [location.href, ...files].map(pageAddress);
  const used = performance.getEntriesByType("resource").map(({ name }) => pageAddress(name));
  const isOwn = (/** @type {string} */ file) => file.startsWith(`${location.origin}/`) && !file.startsWith(base);
  const others = [...new Set(used)].filter((file) => isOwn(file) && !needed.includes(file));
  active?.postMessage({ pyodidePackKeep: { base, used: others, files: needed } }, [port2]);
  return done;
}

/** @param {string} address relative to the page */
function pageAddress(address) {
  return new URL(address, document.baseURI).href.split("#")[0];
}
