// The front of `harness/`, which has the shared parts of the browser tests. The variable ENGINE chooses
// `chromium` (the default), `firefox` or `webkit`.

import { abilities, can, skip } from "./harness/abilities.mjs";
import { check, conclude, count, within } from "./harness/checks.mjs";
import { browse, engine } from "./harness/engine.mjs";
import { listen, mediaType, serve, serveWith } from "./harness/servers.mjs";
import { unexpected, watch } from "./harness/watched.mjs";

export { abilities, browse, can, check, engine, listen, mediaType, serveWith, skip, unexpected, watch };

/** @typedef {import("./harness/page.mjs").Page} Page */

/**
 * Starts a program that serves. For WebKit, through a server of this process, which sees the answers.
 * @param {string} binary
 */
function start(binary) {
  return engine === "webkit" ? serveWith(binary, {}) : serve(binary);
}

/**
 * Serves files, visits them, prints the closing line, and ends the process.
 * @param {string | { address: string, stop: () => Promise<void> }} server a binary that prints its address,
 * or a running server
 * @param {(page: Page, address: string) => Promise<void>} visit
 */
export async function run(server, visit) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  try {
    const { address, stop } = typeof server === "string" ? await start(server) : server;
    try {
      await within(browse((page) => visit(page, address)), 900, "the browser");
    } finally {
      await stop();
    }
  } catch (error) {
    count.failed += 1;
    console.log(`FAILED  ${error instanceof Error ? error.message : error}`);
  }
  process.exit(conclude());
}
