// Calls of all kinds at random, in a random order: every promise settles.

import { check } from "../harness.mjs";
import { open } from "./site.mjs";

const API = `
import asyncio, js, sys, types
class ApiError(Exception):
    def __str__(self): raise ValueError
def plain(x): return {"x": [x, None]}
async def waits(x):
    await asyncio.sleep(x / 100_000)
    return x
def fails(x): raise ApiError
async def fails_later(x):
    await asyncio.sleep(0)
    raise KeyError(x)
async def rejects(x): await js.Promise.reject(js.undefined)
async def endless(x): await asyncio.sleep(1_000_000)
async def cancelled(x):
    asyncio.current_task().cancel()
    await asyncio.sleep(0)
def unsendable(x): return [x, lambda: x]
def unsendable_object(x): return {"f": js.setTimeout}
def leaves(x): sys.exit(x)
module = types.ModuleType("api")
module.__dict__.update(globals())
sys.modules["api"] = module
`;
const KINDS = [
  ...["plain", "plain", "plain", "waits", "waits", "fails", "fails_later", "rejects", "endless", "cancelled"],
  ...["unsendable", "unsendable_object", "leaves", "no_such_function", "argument", "code"],
];
const COUNT = 10_000;

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function random(page, { address }) {
  await open(page, address);
  const seed = Date.now() % 1_000_000;
  console.log(`        seed ${seed}`);
  const result = await page.evaluate(
    async ({ api, kinds, count, seed }) => {
      const { loadWorker, outcome } = /** @type {any} */ (globalThis);
      const python = await loadWorker({ stdout() {}, stderr() {}, onError() {} });
      await python.run(api);
      let state = seed;
      const next = (/** @type {number} */ limit) => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 16) % limit;
      };
      const counts = { wrong: /** @type {string[]} */ ([]), settled: 0, endless: 0 };
      /** @type {Promise<void>[]} */
      const finite = [];
      /** @type {Promise<void>[]} */
      const endless = [];
      const isRight = (/** @type {string} */ kind, /** @type {number} */ x, /** @type {any} */ value, /** @type {any} */ error) => {
        if (kind === "plain") return value?.x[0] === x && value.x.length === 2;
        if (kind === "waits") return value === x;
        if (kind === "code") return value === x + 1;
        return error instanceof Error && error.message.length > 0;
      };
      for (let at = 0; at < count; at += 1) {
        const kind = kinds[next(kinds.length)];
        const x = next(1000);
        let promise;
        if (kind === "code") promise = python.run(`${x} + 1`);
        else if (kind === "argument") promise = python.call("api.plain", [() => x]);
        else promise = python.call(`api.${kind}`, x);
        const settled = promise.then(
          (/** @type {any} */ value) => [value, undefined],
          (/** @type {any} */ error) => [undefined, error],
        ).then((/** @type {any[]} */ [value, error]) => {
          counts.settled += 1;
          if (!isRight(kind, x, value, error)) counts.wrong.push(`${kind}(${x}): ${value} ${error}`);
        });
        (kind === "endless" ? endless : finite).push(settled);
        // Sometimes the page waits for what it has asked.
        if (next(500) === 0) await outcome(Promise.all(finite.slice(-20)));
      }
      for (let from = 0; from < finite.length; from += 500) {
        const end = await outcome(Promise.all(finite.slice(from, from + 500)));
        if (end === "never settled") break;
      }
      const before = counts.settled;
      python.terminate();
      await outcome(Promise.all(endless));
      return { before, finite: finite.length, settled: counts.settled, wrong: counts.wrong.slice(0, 5) };
    },
    { api: API, kinds: KINDS, count: COUNT, seed },
  );
  check("of many calls at random, all that can end do", result.before, result.finite);
  check("the endless ones end with the worker", result.settled, COUNT);
  check("and each as it should", result.wrong.join("\n"), "");
}
