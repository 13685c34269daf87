// Compares the table of docs/browsers.md with what the browser can do, on a page and in a module worker.
//
//     node abilities.mjs

import { createServer } from "node:http";

import { abilities, check, engine, listen, mediaType, run } from "./harness.mjs";

/** Asks the browser. Runs on a page and in a worker. */
const ASK = `
export async function ask() {
  const inflates = (format) => {
    try {
      new DecompressionStream(format);
      return true;
    } catch {
      return false;
    }
  };
  const answers = {
    "stack switching (JSPI)": typeof WebAssembly.Suspending === "function",
    "gzip in \`DecompressionStream\`": inflates("gzip"),
    "Brotli in \`DecompressionStream\`": inflates("brotli"),
    "zstd in \`DecompressionStream\`": inflates("zstd"),
    "streaming compilation of WebAssembly": typeof WebAssembly.instantiateStreaming === "function",
  };
  const request = new XMLHttpRequest();
  request.open("GET", "/bytes.bin", false);
  const place = typeof document === "undefined" ? "worker" : "page";
  try {
    if (place === "worker") request.responseType = "arraybuffer";
    request.send();
    answers["synchronous requests, " + place] = (request.response.byteLength ?? request.response.length) === 4;
  } catch {
    answers["synchronous requests, " + place] = false;
  }
  if (place === "page") {
    const types = PerformanceObserver.supportedEntryTypes;
    answers["long tasks (\`longtask\`)"] = types.includes("longtask");
    answers["layout shifts (\`layout-shift\`)"] = types.includes("layout-shift");
    answers["Trusted Types"] = "trustedTypes" in globalThis;
    answers["service workers"] = "serviceWorker" in navigator;
    // A module with one large custom section.
    const limit = new Uint8Array(9 * 2 ** 20).fill(0);
    limit.set([0, 97, 115, 109, 1, 0, 0, 0, 0, 0xf3, 0xff, 0xbf, 0x04, 0]);
    try {
      new WebAssembly.Module(limit);
      answers["synchronous compilation of more than 8 MiB, page"] = true;
    } catch {
      answers["synchronous compilation of more than 8 MiB, page"] = false;
    }
    try {
      const request = new XMLHttpRequest();
      request.open("GET", "/bytes.bin", false);
      request.responseType = "arraybuffer";
      answers["synchronous requests of bytes, page"] = true;
    } catch {
      answers["synchronous requests of bytes, page"] = false;
    }
  }
  return answers;
}
`;
/** @type {Record<string, string>} */
const FILES = {
  "": "<!doctype html><title>Abilities</title><link rel=icon href='data:,'>",
  "ask.mjs": ASK,
  "worker.mjs": 'import { ask } from "/ask.mjs"; ask().then(postMessage);',
  "bytes.bin": "1234",
  "cached.txt": "kept",
};

let cached = 0;
let encodings = "";
const server = createServer((request, response) => {
  const name = (request.url ?? "/").slice(1);
  encodings = String(request.headers["accept-encoding"]);
  if (name === "cached.txt") {
    cached += 1;
    response.setHeader("cache-control", "public, max-age=31536000, immutable");
  }
  const body = FILES[name];
  response.writeHead(body === undefined ? 404 : 200, { "content-type": mediaType(name || "page.html") }).end(body);
});

await run(await listen(server), async (page, address) => {
  await page.goto(address);
  /** @type {Record<string, boolean>} */
  const onPage = await page.evaluate(async () => {
    const module = "/ask.mjs";
    return (await import(module)).ask();
  });
  /** @type {Record<string, boolean>} */
  const inWorker = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker("/worker.mjs", { type: "module" });
        worker.onmessage = ({ data }) => resolve({ ...data, "module workers": true });
        worker.onerror = () => resolve({ "module workers": false });
      }),
  );
  await page.evaluate(async () => {
    for (const _ of "12") await (await fetch("/cached.txt")).text();
  });
  const found = {
    ...onPage,
    ...inWorker,
    "`Accept-Encoding: br` without TLS": encodings.includes("br"),
    "HTTP cache, as the tests start the browser": cached === 1,
  };
  for (const [name, able] of Object.entries(found)) {
    check(`${engine}: ${name}`, able ? "yes" : "no", abilities.get(name) === undefined ? "no row" : abilities.get(name) ? "yes" : "no");
  }
  for (const [name, able] of Object.entries(onPage)) {
    if (name in inWorker) check(`the worker agrees: ${name}`, inWorker[name], able);
  }
  const untested = [...abilities.keys()].filter((name) => !(name in found));
  check("the manual has no other rows", untested.join(", "), "");
});
