// A signal ends all fetches of a load.

import { setTimeout as pause } from "node:timers/promises";

import { check } from "../harness.mjs";
import { open, slow } from "./site.mjs";

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function signals(page, { address }) {
  await open(page, address);
  for (const name of ["loadBundle", "loadWorker"]) {
    const ended = await page.evaluate(async (name) => {
      const page = /** @type {any} */ (globalThis);
      const controller = new AbortController();
      const { signal } = controller;
      const loading = page[name]({ baseURL: "/slow/pyodide-pack/", compression: "gzip", signal });
      await fetch("/slow/waiting");
      controller.abort(new Error("cancelled"));
      return page.outcome(loading);
    }, name);
    check(`${name} with slow copies can be cancelled`, ended, "Error: cancelled");
    for (let tries = 0; slow.waiting > 0 && tries < 200; tries += 1) await pause(50);
    check("and fetches none of them any more", slow.waiting, 0);
  }
}
