// A signal ends all fetches of a load.

import { setTimeout as pause } from "node:timers/promises";

import { check } from "../harness.mjs";
import { dropped, open } from "./site.mjs";

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function signals(page, { address }) {
  await open(page, address);
  for (const name of ["loadBundle", "loadWorker"]) {
    dropped.clear();
    const ended = await page.evaluate(async (name) => {
      const { outcome, ...load } = /** @type {any} */ (globalThis);
      const controller = new AbortController();
      const loading = globalThis[/** @type {"name"} */ (name)];
      const python = /** @type {any} */ (loading)({
        baseURL: "/slow/pyodide-pack/", compression: "gzip", signal: controller.signal,
      });
      // Performance entries do not show requests that are under way; the first bytes of a copy never end.
      setTimeout(() => controller.abort(new Error("cancelled")), 1500);
      return outcome(python);
    }, name);
    check(`${name} with slow copies can be cancelled`, ended, "Error: cancelled");
    for (let tries = 0; dropped.size === 0 && tries < 200; tries += 1) await pause(50);
    check("and fetches none of them any more", dropped.size > 0);
  }
}
