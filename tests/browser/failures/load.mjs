// Loads a bundle in a page or a worker, and says what became of it.

/** @typedef {import("../harness.mjs").Page} Page */

/**
 * Resolves to `loaded` if Python runs and all bytes were reported, else to the error's text.
 * @param {Page} page
 * @param {string} base address of the folder
 * @param {"page" | "worker"} where
 * @param {Record<string, unknown>} [options]
 * @returns {Promise<string>}
 */
export async function loadFrom(page, base, where, options = {}) {
  return page.evaluate(
    async ({ base, where, options }) => {
      const { loadBundle, loadWorker } = await import(`${base}loader.js`);
      /** @type {{ loaded: number, total: number } | undefined} */
      let last;
      const given = { ...options, onProgress: (/** @type {any} */ event) => (last = event) };
      const load = async () => {
        if (where === "page") await loadBundle(given);
        else (await loadWorker(given)).terminate();
        return last?.loaded === last?.total ? "loaded" : `loaded ${last?.loaded} of ${last?.total} bytes`;
      };
      const never = new Promise((resolve) => setTimeout(() => resolve("never settled"), 60_000));
      return Promise.race([load().catch((error) => `${error?.message ?? error}`), never]);
    },
    { base, where, options },
  );
}
