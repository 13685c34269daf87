// Calls and results: every one settles, with the right value or an error that says what to do.

import { check } from "../harness.mjs";
import { open } from "./site.mjs";

/** The functions that are called. */
const API = `
import asyncio, js, sys, types

class ApiError(Exception):
    def __str__(self):
        raise ValueError("no text")

class Odd:
    def __repr__(self):
        raise ValueError("no text")

def fail(): raise ApiError
def fail_deeply(): return fail_deeply()
def leave(): sys.exit(3)
def echo(*args): return repr(args)
def odd(): return {"rows": [1, Odd()]}
async def rejected(code): await js.eval(f"Promise.reject({code})")
async def wait_for_ever(): await asyncio.Event().wait()
async def cancelled():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)
def noted():
    try:
        error = OSError("no file")
        error.add_note("from http://a/b: 503 Busy")
        raise error
    except OSError as error:
        raise RuntimeError("no data") from error
def suspended():
    from pyodide.ffi import run_sync
    return run_sync(asyncio.sleep(0.01, 7))
def run_loop():
    async def main():
        await asyncio.sleep(0.01)
        return 8
    return asyncio.run(main())
order = []
def add(item): order.append(item); return list(order)
async def add_later(item, gate=asyncio.Event()):
    order.append(item)
    await gate.wait()
    return list(order)
def open_gate(): add_later.__defaults__[0].set()
module = types.ModuleType("api")
module.__dict__.update(globals())
sys.modules["api"] = module
`;

/** Python, and what the page receives. @type {[code: string, expected: string | RegExp][]} */
const RESULTS = [
  ["{'a': [1, 2.5, 'x', True, None], 'b': {'c': (1, 2)}}", '{a: [1, 2.5, "x", true, undefined], b: {c: [1, 2]}}'],
  ["import numpy as np; [np.int64(3), np.bool_(True), np.float32(2.5), np.array(3), np.float16(1.5)]", "[3, true, 2.5, 3, 1.5]"],
  ["np.int64(3)", "3"],
  ["{'n': np.int64(3), np.str_('k'): {np.int64(1): np.uint8(2)}}", "{n: 3, k: Map{1: 2}}"],
  ["[np.array([1, 2]), np.array([1.5])[::1], memoryview(b'ab'), bytearray(b'c')]", "[Int32Array[1, 2], Float64Array[1.5], Uint8Array[97, 98], Uint8Array[99]]"],
  ["{1: 'a', '1': 'b'}", 'Map{1: "a", "1": "b"}'],
  ["{None: 1, True: 2, 2.5: 3}", "Map{undefined: 1, true: 2, 2.5: 3}"],
  ["{1: 'a'}", 'Map{1: "a"}'],
  ["({1, 2}, frozenset([3]), {np.int64(4)})", "[Set{1, 2}, Set{3}, Set{4}]"],
  ["2 ** 70", `${2n ** 70n}n`],
  ["import datetime; {'rows': [{'when': datetime.date(2026, 1, 2)}]}", /result\['rows'\]\[0\]\['when'\] is datetime.date\(2026, 1, 2\) of type datetime.date.*write value.isoformat\(\)/],
  ["from decimal import Decimal; [Decimal('1.5')]", /result\[0\] is Decimal\('1.5'\) of type decimal.Decimal.*str\(value\) or float\(value\)/],
  ["import pandas as pd; pd.DataFrame({'a': [1]})", /the result is .* of type pandas\..*DataFrame.*write value.to_dict\("records"\)/],
  ["np.array(['a', None], dtype=object)", /numpy.ndarray.*write value.tolist\(\)/],
  ["[np.datetime64('2026-01-02')]", /result\[0\] is datetime.date.*isoformat/],
  ["np.array(['2026'], dtype='M8[D]')", /numpy.ndarray.*write value.tolist\(\)/],
  ["{(1, 2): 3}", /has the key \(1, 2\) of type tuple/],
  ["lambda: 1", /of type function, which can't be sent to the page/],
  ["(x for x in [1])", /of type generator.*write list\(value\)/],
  ["[1 + 2j]", /result\[0\] is \(1\+2j\) of type complex/],
  ["import js; {'f': [js.setTimeout]}", /result\['f'\]\[0\] is .*can't be sent to the page/],
  ["d = {}; d['d'] = d; d", /result\['d'\] contains itself/],
  ["a = [1]; [a, a]", "[[1], [1]]"],
];

/** Functions, arguments, and how the call ends. @type {[path: string, args: unknown[], expected: string | RegExp][]} */
const CALLS = [
  ["api.fail", [], "Error: ApiError: <exception str() failed>"],
  ["api.fail_deeply", [], /^Error: RecursionError: /],
  ["api.leave", [], "Error: SystemExit: 3"],
  ["api.odd", [], /result\['rows'\]\[1\] is a value whose repr\(\) fails/],
  ["api.cancelled", [], "Error: CancelledError"],
  ["api.noted", [], "Error: RuntimeError: no data\nfrom http://a/b: 503 Busy"],
  ["api.rejected", ["undefined"], "Error: JsException: Error: a promise was rejected with undefined"],
  ["api.rejected", ["null"], "Error: JsException: Error: a promise was rejected with null"],
  ["api.rejected", ["'text'"], "Error: JsException: Error: a promise was rejected with text"],
  ["api.rejected", ["({ type: 'x', message: 'y' })"], 'Error: JsException: Error: a promise was rejected with {"type":"x","message":"y"}'],
  ["api.rejected", ["Object.create(null)"], /^Error: JsException: Error: a promise was rejected with an error whose/],
  ["api.rejected", ["new TypeError('z')"], "Error: JsException: TypeError: z"],
  ["api.echo", [null, [null, { a: null }], { b: [null] }], '"(None, [None, {\'a\': None}], {\'b\': [None]})"'],
  ["api.no_such_function", [], /AttributeError: .*no_such_function/],
  ["no_such_module.f", [], /^Error: ModuleNotFoundError: No module named 'no_such_module'/],
  ["echo", [], "Error: `echo` names no module: write `app.echo`"],
];

/**
 * @param {string} name
 * @param {string} actual
 * @param {string | RegExp} expected
 */
export function checkText(name, actual, expected) {
  const isSame = typeof expected === "string" ? actual === expected : expected.test(actual);
  check(name, isSame ? "" : actual, "");
}

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function calls(page, { address }) {
  await open(page, address);
  await page.evaluate(async (api) => {
    const page = /** @type {any} */ (globalThis);
    page.python = await page.loadWorker({});
    await page.python.run(api);
  }, API);
  for (const [code, expected] of RESULTS) {
    const ask = (/** @type {string} */ code) => /** @type {any} */ (globalThis).outcome(/** @type {any} */ (globalThis).python.run(code));
    checkText(`the result of ${code}`, await page.evaluate(ask, code), expected);
  }
  for (const [path, args, expected] of CALLS) {
    const actual = await page.evaluate(async ({ path, args }) => {
      const { outcome, python } = /** @type {any} */ (globalThis);
      return outcome(python.call(path, ...args));
    }, { path, args });
    checkText(`a call of ${path} with ${JSON.stringify(args)}`, actual, expected);
  }
  await checkArguments(page);
  await checkOrder(page);
  await checkSuspension(page);
}

/**
 * Arguments that JSON does not have.
 * @param {import("./site.mjs").Page} page
 */
async function checkArguments(page) {
  const [maps, missing, unsent, proxy, after] = await page.evaluate(async () => {
    const { outcome, python } = /** @type {any} */ (globalThis);
    const reactive = new Proxy({ a: 1 }, {});
    return [
      await outcome(python.call("api.echo", new Map(/** @type {any} */ ([[1, "a"], ["1", null], [null, 2]])), new Set([null]))),
      await outcome(python.call("api.echo", undefined, [undefined])),
      await outcome(python.call("api.echo", 1, { list: [0, { f: () => 1 }] })),
      await outcome(python.call("api.echo", reactive)),
      await outcome(python.call("api.echo", 1)),
    ];
  });
  check("maps and sets with null", maps, "\"({1: 'a', '1': None, None: 2}, {None})\"");
  check("undefined", missing, '"(None, [None])"');
  check("an argument that can't be sent is named", unsent, 'Error: argument 2 of api.echo["list"][1]["f"] is a function, which can\'t be sent to a worker');
  check("a proxy is called one", proxy, "Error: argument 1 of api.echo is a proxy of an object, which can't be sent to a worker");
  check("and no call is lost", after, '"(1,)"');
}

/**
 * Calls start in order, and a waiting one lets others run.
 * @param {import("./site.mjs").Page} page
 */
async function checkOrder(page) {
  const answers = await page.evaluate(async () => {
    const { outcome, python } = /** @type {any} */ (globalThis);
    const endless = python.call("api.wait_for_ever");
    endless.catch(() => {});
    const promises = [
      python.run("import api; api.order.clear(); api.add(0)"),
      python.call("api.add_later", 1),
      python.call("api.add", 2),
      python.call("api.add", 3),
    ];
    const first = await outcome(Promise.all([promises[0], ...promises.slice(2)]));
    await python.call("api.open_gate");
    return [first, await outcome(promises[1])];
  });
  check("calls start in order", answers[0], "[[0], [0, 1, 2], [0, 1, 2, 3]]");
  check("and those that wait end later", answers[1], "[0, 1, 2, 3]");
}

/**
 * Functions that wait for the event loop, where the browser can switch stacks.
 * @param {import("./site.mjs").Page} page
 */
async function checkSuspension(page) {
  const { canSuspend, suspended, looped, both } = await page.evaluate(async () => {
    const { outcome, python } = /** @type {any} */ (globalThis);
    return {
      canSuspend: "Suspending" in WebAssembly,
      suspended: await outcome(python.call("api.suspended")),
      looped: await outcome(python.call("api.run_loop")),
      both: await outcome(Promise.all(["suspended", "run_loop", "suspended"].map((name) => python.call(`api.${name}`)))),
    };
  });
  if (canSuspend) {
    check("run_sync", suspended, "7");
    check("asyncio.run", looped, "8");
    check("and several at once", both, "[7, 8, 7]");
  } else {
    checkText("run_sync says what is missing", suspended, /stack switching/i);
    checkText("asyncio.run says so, too", looped, /stack switching|8/i);
  }
}
