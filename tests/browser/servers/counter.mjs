// A proxy that counts what a server sends, and notes what is asked for.

import { connect, createServer } from "node:net";

/** @typedef {{ address: string, sent: () => number, asked: string[], stop: () => void }} Counter */

/**
 * @param {number} port of the server
 * @returns {Promise<Counter>}
 */
export async function count(port) {
  let sent = 0;
  /** @type {string[]} */
  const asked = [];
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  const server = createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    for (const socket of [inner, outer]) sockets.add(socket.on("error", () => (inner.destroy(), outer.destroy())));
    inner.on("data", (bytes) => {
      // Browsers send the head of a request in one piece.
      for (const [, path] of bytes.toString("latin1").matchAll(/^GET (\S+) HTTP/gm)) asked.push(path.split("?")[0]);
    });
    outer.on("data", (bytes) => (sent += bytes.length));
    inner.pipe(outer).pipe(inner);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const listening = /** @type {import("node:net").AddressInfo} */ (server.address());
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { address: `http://127.0.0.1:${listening.port}/`, sent: () => sent, asked, stop };
}
