// Misses where the interpreter has no room left, on a page and in a module worker: at the recursion limit,
// while an interrupt waits, with an `onMiss` that throws.
//
//     node tight.mjs OUT_DIR CODE
//
// OUT_DIR and CODE are those of tests/python/lazy/tight.rs.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { check, listen, mediaType, run } from "./harness.mjs";

const [out, code] = process.argv.slice(2);
if (!code) {
  console.error("usage: node tight.mjs OUT_DIR CODE");
  process.exit(2);
}

const DRIVER = `
import { loadBundle } from "/pyodide-pack/loader.js";

export async function answer(strict) {
  const reported = [];
  addEventListener("error", (event) => {
    reported.push(event.error.message);
    event.preventDefault();
  });
  const misses = [];
  const onMiss = (event) => {
    misses.push(event);
    throw new Error("onMiss refuses");
  };
  const { pyodide } = await loadBundle({ strict, onMiss });
  const signals = new Uint8Array(1);
  pyodide.setInterruptBuffer(signals);
  const SIGINT = 2;
  globalThis.interrupt = () => (signals[0] = SIGINT);
  let text = "";
  pyodide.setStdout({ batched: (line) => (text += line) });
  pyodide.runPython(await (await fetch("/tight.py")).text());
  const shown = (statement) => {
    text = "";
    pyodide.runPython(statement);
    return JSON.parse(text);
  };
  const read = shown("show(depths(read, [f'{n}.txt' for n in range(COUNT)]))");
  const load = strict ? [[], []] : shown("show(depths(load, [f'm{n}' for n in range(COUNT)]))");
  const interrupts = shown("show([interrupted(n, f'{n}.txt') for n in range(COUNT)])");
  const [first] = misses.filter(({ path }) => path.includes("/narrow/"));
  return { read, load, interrupts, stack: first.stack, misses: misses.length, reported };
}
`;
const WORKER = `
import { answer } from "/driver.mjs";
onmessage = async ({ data }) => postMessage(await answer(data).catch((error) => String(error)));
postMessage("ready");
`;
/** @type {Record<string, string>} */
const made = {
  "/": "<!doctype html><title>Tight</title><link rel=icon href='data:,'>",
  "/driver.mjs": DRIVER,
  "/worker.mjs": WORKER,
  "/tight.py": await readFile(code, "utf8"),
};
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://localhost");
  const body = made[pathname] ?? (await readFile(join(out, pathname)).catch(() => undefined));
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", mediaType(pathname === "/" ? "page.html" : pathname));
  response.end(body);
});

/**
 * @typedef {object} Answer
 * @property {string[][]} read outcomes by depth, of a first and a second attempt
 * @property {string[][]} load
 * @property {string[][]} interrupts kinds of exceptions
 * @property {string[]} stack of the first miss
 * @property {number} misses
 * @property {string[]} reported uncaught errors
 */

/**
 * @param {string} where
 * @param {boolean} strict
 * @param {Answer} answer
 */
function checkAnswer(where, strict, { read, load, interrupts, stack, misses, reported }) {
  const kind = (/** @type {string} */ outcome) =>
    outcome.includes("add .eager(") ? "note" : outcome.replace(/\d+$/, "").trim();
  const kinds = (/** @type {string[][]} */ outcomes) => [...new Set(outcomes[0].map(kind))].join();
  const changes = (/** @type {string[][]} */ [first, second]) => first.filter((one, at) => one !== second[at]).join();
  check(`${where}: at each depth, a file is opened or too deep`, kinds(read), `${strict ? "note" : "text"},RecursionError`);
  check(`${where}: as at the second attempt`, changes(read), "");
  if (!strict) {
    check(`${where}: a module likewise`, kinds(load), "module,RecursionError");
    check(`${where}: as at the second attempt`, changes(load), "");
  }
  const lost = interrupts.filter((seen) => seen.at(-1) !== "KeyboardInterrupt");
  check(`${where}: each interrupt arrives`, lost.join(), "");
  const others = interrupts.flatMap((seen) => seen.slice(0, -1)).filter((name) => !strict || name !== "OSError");
  check(`${where}: and nothing else`, others.join(), "");
  check(`${where}: misses have a stack`, /^<exec>:\d+ in read,.* in below,/.test(stack.join()));
  check(`${where}: errors of onMiss are uncaught errors`, reported.join(), Array(misses).fill("onMiss refuses").join());
}

await run(await listen(server), async (page, address) => {
  for (const strict of [false, true]) {
    const name = strict ? "strict" : "lazy";
    await page.goto(address);
    const onPage = await page.evaluate(
      async (strict) => (await import(/** @type {string} */ ("/driver.mjs"))).answer(strict),
      strict,
    );
    checkAnswer(`page, ${name}`, strict, onPage);
    const inWorker = await page.evaluate(async (strict) => {
      const worker = new Worker("/worker.mjs", { type: "module" });
      const message = () => new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
      await message();
      worker.postMessage(strict);
      const answer = await message();
      worker.terminate();
      if (typeof answer === "string") throw new Error(answer);
      return answer;
    }, strict);
    checkAnswer(`worker, ${name}`, strict, inWorker);
  }
});
