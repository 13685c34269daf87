// Edits of the app while Python runs: files and modules of the app are replaced, all else stays.
//
//     node reload.mjs OUT_DIR

import { join } from "node:path";

import { check, listen, run, unexpected, watch } from "./harness.mjs";
import { siteOf } from "./reload/site.mjs";

/** @typedef {import("./harness.mjs").Page} Page */
/** @typedef {"page" | "worker"} Where */
/**
 * @typedef {object} Seen
 * @property {string} modules with spaces between
 * @property {boolean} stale
 * @property {number} milliseconds
 * @property {string} message
 * @property {string} traceback
 * @property {number} at when it came
 */

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node reload.mjs OUT_DIR");
  process.exit(2);
}

const SCRIPT = `
import { loadBundle, loadWorker } from "./pyodide-pack/loader.js";

globalThis.start = async ([where, options]) => {
  globalThis.events = [];
  options.onReload = ({ modules, stale, milliseconds, error }) => {
    const { message = "", traceback = "" } = error ?? {};
    events.push({ modules: modules.join(" "), stale, milliseconds, message, traceback, at: Date.now() });
  };
  if (where === "worker") {
    globalThis.python = await loadWorker(options);
  } else {
    const { pyodide } = await loadBundle(options);
    globalThis.python = { run: (code) => pyodide.runPythonAsync(code) };
  }
};
`;
const APP = {
  "app.py": `
import sqlglot
import helper
import pkg.part
from ns import inner

def value():
    return f"one {helper.NAME} {pkg.part.NAME} {inner.NAME} {open('data/text.txt').read()}"
`,
  "helper.py": "NAME = 'helper'\n",
  "pkg/__init__.py": "",
  "pkg/part.py": "NAME = 'part'\n",
  "ns/inner.py": "NAME = 'inner'\n",
  "data/text.txt": "text",
};
const MODULES = "app helper pkg pkg.part ns ns.inner";

const site = await siteOf(join(out, "pyodide-pack"), SCRIPT);
/** Milliseconds from the new manifest to the event. */
const times = /** @type {number[]} */ ([]);
/** Milliseconds from the edit to the event. */
const waits = /** @type {number[]} */ ([]);

/** @param {number[]} milliseconds */
function shown(milliseconds) {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return `${sorted[sorted.length >> 1].toFixed()} ms (at most ${sorted.at(-1)?.toFixed()})`;
}

/** A page with Python, and how to edit its app. */
class Session {
  #page;
  #seen = 0;

  /**
   * @param {Page} page
   * @param {Where} where
   */
  constructor(page, where) {
    this.#page = page;
    this.where = where;
  }

  /** @param {object} [options] */
  async start(options = { reload: true }) {
    await this.#page.waitFor(() => "start" in globalThis);
    await this.#page.evaluate((given) => /** @type {any} */ (globalThis).start(given), [this.where, options]);
  }

  /**
   * @param {string} code
   * @returns {Promise<any>}
   */
  async run(code) {
    return this.#page.evaluate((code) => /** @type {any} */ (globalThis).python.run(code), code);
  }

  /**
   * @param {string} name
   * @param {string} code
   * @param {unknown} expected
   */
  async says(name, code, expected) {
    const actual = await this.run(code).catch((error) => String(error));
    check(`${this.where}: ${name}`, actual, expected);
  }

  /**
   * Edits files, and resolves with the event.
   * @param {Record<string, string | undefined>} files
   * @returns {Promise<Seen>}
   */
  async edit(files) {
    return this.next(site.edit(files));
  }

  /**
   * @param {number} [from] when the edit was made
   * @returns {Promise<Seen>}
   */
  async next(from) {
    const seen = this.#seen;
    await this.#page.waitFor((seen) => /** @type {any} */ (globalThis).events.length > seen, seen);
    const event = await this.#page.evaluate((seen) => /** @type {any} */ (globalThis).events[seen], seen);
    this.#seen += 1;
    if (from !== undefined) waits.push(event.at - from);
    times.push(event.milliseconds);
    return event;
  }

  /** The events that nobody waited for. */
  async rest() {
    const all = await this.#page.evaluate(() => /** @type {any} */ (globalThis).events.length);
    const rest = all - this.#seen;
    this.#seen = all;
    return rest;
  }
}

/** @param {Session} session */
async function checkEdits(session) {
  const { where } = session;
  await session.says("the first version", "import app; app.value()", "one helper part inner text");
  await session.run("import sqlglot; package, state = id(sqlglot), 'kept'; open('own.txt', 'w').write('own')");
  const event = await session.edit({ "app.py": APP["app.py"].replace("one", "two") });
  check(`${where}: the app's modules are imported again`, event.modules, MODULES);
  check(`${where}: and nothing is wrong`, `${event.stale} ${event.message}`, "false ");
  await session.says("the new version, by a name of before", "app.value()", "two helper part inner text");
  await session.says("a package is not imported again", "import sqlglot; id(sqlglot) == package", true);
  await session.says("what Python had stays", "state + open('own.txt').read()", "keptown");

  const added = `${APP["app.py"].replace("one", "three")}\nimport added.deep.module as module\n`;
  const more = await session.edit({ "app.py": added, "added/deep/module.py": "NAME = 'added'\n" });
  check(`${where}: a new module is imported`, more.modules, `${MODULES} added added.deep added.deep.module`);
  await session.says("and used", "app.module.NAME", "added");
  await session.run("import os.path");
  await session.edit({ "app.py": APP["app.py"], "added/deep/module.py": undefined });
  await session.says("a removed folder is gone", "os.path.exists('added')", false);
  await session.says("and its module", "import importlib.util; importlib.util.find_spec('added') is None", true);

  await session.edit({ "data/text.txt": "other" });
  await session.says("a file of data", "app.value()", "one helper part inner other");
  await session.run("open('data/text.txt', 'w').write('own')");
  await session.edit({ "helper.py": "NAME = 'helped'\n" });
  await session.says("what the program wrote stays", "app.value()", "one helped part inner own");
  await session.edit({ "data/text.txt": "text" });
  await session.says("until the file is edited", "app.value()", "one helped part inner text");
  await session.edit({ "ns/inner.py": "NAME = 'in'\n" });
  await session.says("a part of a namespace package", "app.value()", "one helped part in text");
}

/**
 * Edits that Python's own caches would hide.
 * @param {Session} session
 */
async function checkCaches(session) {
  await session.run("import sys; sys.dont_write_bytecode = False");
  for (const name of ["aaa", "bbb", "ccc", "ddd"]) {
    await session.edit({ "helper.py": `NAME = '${name}'\n` });
    await session.says(`an edit of the same size: ${name}`, "app.helper.NAME", name);
  }
  for (let number = 0; number < 20; number += 1) site.edit({ "helper.py": `NAME = ${number}\n` });
  const quick = session.next();
  await quick;
  await session.says("the last of 20 edits", "app.helper.NAME", 19);
  await session.edit({ "helper.py": "NAME = 'helper'\n" });
}

/** @param {Session} session */
async function checkErrors(session) {
  const { where } = session;
  const syntax = await session.edit({ "app.py": "def value(:\n" });
  const place = /File "\/home\/pyodide\/app.py", line 1[^]*SyntaxError/;
  check(`${where}: a syntax error is reported`, place.test(syntax.traceback) ? "" : syntax.traceback, "");
  check(`${where}: without frames of the loader`, /pyodide-pack|importlib/.test(syntax.traceback), false);
  check(`${where}: as a message`, syntax.message.split(":")[0], "SyntaxError");
  check(`${where}: and no module`, syntax.modules, "");
  await session.says("the old code answers", "import app; app.value()", "one helper part in text");
  await session.edit({ "app.py": APP["app.py"] });
  await session.says("the corrected one, too", "app.value()", "one helper part in text");

  const parts = await session.run("import pkg; pkg.part; [id(pkg.part), id(app)].__repr__()");
  const raising = await session.edit({ "helper.py": "NAME = 'new'\n", "pkg/part.py": "NAME = 'new'\n1 / 0\n" });
  check(`${where}: an error in the second of two modules`, raising.message, "ZeroDivisionError: division by zero");
  check(`${where}: names its line`, raising.traceback.includes('File "/home/pyodide/pkg/part.py", line 2'));
  await session.says("both are the old ones", "app.value()", "one helper part in text");
  await session.says("in their packages, too", "import pkg, pkg.part; [id(pkg.part), id(app)].__repr__()", parts);
  const exit = await session.edit({ "pkg/part.py": "raise SystemExit(3)\n" });
  check(`${where}: a module that ends`, exit.message, "SystemExit: 3");
  const good = await session.edit({ "helper.py": "NAME = 'helper'\n", "pkg/part.py": "NAME = 'part'\n" });
  check(`${where}: then all is imported again`, good.modules, MODULES);
}

/** @param {Session} session */
async function checkPackages(session) {
  const { where } = session;
  await session.run(`
import app, sys, os
site = next(path for path in sys.path if path.endswith("site-packages"))
os.mkdir(f"{site}/mixed")
open(f"{site}/mixed/away.py", "w").close()
import importlib; importlib.invalidate_caches()
`);
  await session.edit({ "mixed/own.py": "NAME = 1\n", "app.py": `${APP["app.py"]}\nimport mixed.away, mixed.own\n` });
  await session.run("import mixed.away; away = id(mixed.away)");
  await session.edit({ "mixed/own.py": "NAME = 2\n" });
  await session.says("a namespace package with a part elsewhere", "import mixed; mixed.own.NAME", 2);
  await session.says("keeps that part", "id(mixed.away) == away", true);
  const broken = await session.edit({ "mixed/own.py": "1 / 0\n" });
  check(`${where}: an error in it`, broken.message, "ZeroDivisionError: division by zero");
  await session.says("leaves the old part", "mixed.own.NAME", 2);

  const lazy = `import sqlglot.dialects.hive\n${APP["app.py"]}`;
  await session.edit({ "mixed/own.py": undefined, "app.py": lazy });
  await session.says("a module of a package that was lazy", "app.sqlglot.dialects.hive.Hive.__name__", "Hive");

  const other = { name: "other", version: "1", channel: "" };
  site.change = (manifest) => ({ ...manifest, packages: [...manifest.packages, other] });
  const stale = await session.edit({ "helper.py": "NAME = 'never'\n" });
  check(`${where}: other packages need another page`, `${stale.stale} ${stale.modules}`, "true ");
  const says = "the packages changed, and Python runs with what was there before: reload the page";
  check(`${where}: as the error says`, stale.message, says);
  await session.says("the old code answers", "app.helper.NAME", "helper");
  site.change = (manifest) => manifest;
  await session.edit({ "helper.py": "NAME = 'back'\n" });
  await session.says("the packages of before go on", "app.helper.NAME", "back");
}

/**
 * Modules that other ones prepare, and modules that wait.
 * @param {Session} session
 */
async function checkImports(session) {
  const [first, second] = ["import settings", "import engine"];
  const settings = { "settings.py": "NAMES = []\n", "engine.py": "import settings\nNAME = settings.NAMES[0]\n" };
  const app = `${first}\nsettings.NAMES.append('ready')\n${second}\n${APP["app.py"]}`;
  await session.edit({ ...settings, "app.py": app });
  const expected = `app settings engine ${MODULES.slice(4)}`;
  const { modules, message } = await session.edit({ "engine.py": `${settings["engine.py"]}\n` });
  check(`${session.where}: imports start in the order of before`, `${message}${modules}`, expected);
  await session.edit({ "engine.py": "1 / 0\n" });
  const { modules: again } = await session.edit({ "engine.py": settings["engine.py"] });
  check(`${session.where}: after an error, too`, again, expected);
  const waited = await session.edit({
    "engine.py": `
from asyncio import sleep
from pyodide.ffi import can_run_sync, run_sync
if can_run_sync(): run_sync(sleep(0.001))
`,
  });
  check(`${session.where}: a module that waits while it is imported`, waited.message, "");
}

/** @param {Session} session */
async function checkWaiting(session) {
  const { where } = session;
  await session.edit({ ...APP, "app.py": `${APP["app.py"]}
import asyncio
going = asyncio.Event()
async def wait():
    await going.wait()
    return value()
` });
  const waiting = session.run("import app; going = app.going; await app.wait()");
  await session.edit({ "app.py": site.app["app.py"].replace("one", "new") });
  await session.run("going.set()");
  site.isDown = true;
  const polls = site.polls;
  while (site.polls < polls + 3) await session.run("None");
  site.edit({ "helper.py": "NAME = 'up'\n" });
  site.isDown = false;
  await session.next();
  await session.says("a server that comes back", "import app; app.helper.NAME", "up");
  site.isIncomplete = true;
  const incomplete = await session.edit({ "helper.py": "NAME = 'never'\n" });
  check(`${where}: a build without its files is reported`, /app\.[0-9a-f]+\.zip: .*404/.test(incomplete.message));
  site.isIncomplete = false;
  await session.edit({ "helper.py": "NAME = 'again'\n" });
  check(`${where}: no event is left`, await session.rest(), 0);
  check(`${where}: a call that waits goes on with the old code`, await waiting, "one helper part inner text");
}

/**
 * What is not followed. Each start of Python takes longer than several requests.
 * @param {Page} page
 * @param {string} origin
 */
async function checkOthers(page, origin) {
  await page.evaluate(() => /** @type {any} */ (globalThis).python.terminate());
  const later = new Session(page, "page");
  const polls = site.polls;
  await later.start({});
  check("a worker that was terminated and a start without `reload` request nothing", site.polls, polls);
  const manifest = await (await fetch(`${origin}pyodide-pack/manifest.json`)).text();
  await later.start({ reload: true, manifest });
  await later.start({});
  check("and neither does one whose manifest is given", site.polls, polls);
  site.change = ({ development, ...manifest }) => manifest;
  site.edit({});
  await later.start({ reload: true });
  await later.start({});
  check("or is not of a development build", site.polls, polls);
}

await run(await listen(site.server), async (page, origin) => {
  const complaints = watch(page, new URL(origin).origin);
  for (const where of /** @type {Where[]} */ (["page", "worker"])) {
    site.app = {};
    site.edit(APP);
    await page.goto(origin);
    const session = new Session(page, where);
    await session.start();
    await checkEdits(session);
    await checkCaches(session);
    await checkErrors(session);
    await checkPackages(session);
    await checkImports(session);
    await checkWaiting(session);
  }
  const call = () => page.evaluate(() => /** @type {any} */ (globalThis).python.call("app.value"));
  check("worker: calls of its functions", await call(), "new again part inner text");
  await checkOthers(page, origin);
  console.log(`        ${shown(times)} after the manifest, ${shown(waits)} after the edit`);
  const known = /development\.json|app\.[0-9a-f]+\.zip|Failed to load resource|access control/;
  check("the browser had nothing else to complain about", await unexpected(page, complaints, known), "");
});
