/**
 * Runs typical calls in a Pyodide, in Node or in a browser.
 *
 * @module
 */

/**
 * The result of a call, and the bytes that were fetched for it.
 * @typedef {{ group: string, name: string, result: string, files: number, requests: number, bytes: number }} Done
 */

/**
 * @param {any} pyodide
 * @param {[file: string, code: string][]} files those of the folder `calls`
 * @param {number} every one of so many is run
 * @param {() => { bytes: number }[]} taken what was missed since it was last called
 * @returns {Done[]}
 */
export function runCalls(pyodide, files, every, taken) {
  pyodide.setStdout({ batched() {} });
  pyodide.setStderr({ batched() {} });
  const namesOf = (/** @type {string} */ code) => {
    const names = pyodide.globals.get("dict")();
    pyodide.runPython(code, { globals: names });
    return names;
  };
  const runOne = namesOf(new Map(files).get("run_calls.py") ?? "").get("run_one");
  /** @type {Done[]} */
  const done = [];
  let number = 0;
  for (const [file, code] of files.filter(([name]) => name.startsWith("calls_"))) {
    const group = file.slice("calls_".length, -".py".length);
    for (const [name, call] of namesOf(code).get("CALLS").toJs()) {
      if (number++ % every !== 0) continue;
      taken();
      const result = runOne(name, call);
      const opened = taken();
      const fetched = opened.filter(({ bytes }) => bytes > 0);
      const bytes = fetched.reduce((sum, event) => sum + event.bytes, 0);
      done.push({ group, name, result, files: opened.length, requests: fetched.length, bytes });
    }
  }
  return done;
}
