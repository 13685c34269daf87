/**
 * Runs Python code in plain Pyodide: `node plain.mjs DISTRIBUTION CODE.py NAME...`. Prints one line
 * of JSON, as run.mjs does.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import { runCode, startPlain } from "./pyodide.mjs";

const [folder, codeFile, ...names] = process.argv.slice(2);
const pyodide = await startPlain(folder, names);
const ran = await runCode(pyodide, readFileSync(codeFile, "utf8"));
const result = { ...ran, misses: [], written: false };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
