// What the engines can do, from the table of docs/browsers.md.

import { readFile } from "node:fs/promises";

import { check, count } from "./checks.mjs";
import { engine, ENGINES } from "./engine.mjs";

const MANUAL = new URL("../../../docs/browsers.md", import.meta.url);

/** Reads the rows of the table: abilities, and whether this engine has them. */
async function read() {
  const lines = (await readFile(MANUAL, "utf8")).split("\n");
  /** @type {Map<string, boolean>} */
  const abilities = new Map();
  for (const line of lines) {
    const [name, ...cells] = line.split("|").slice(1, -1).map((cell) => cell.trim());
    const cell = cells[ENGINES.indexOf(engine)];
    if (cells.length === ENGINES.length && /^(yes|no)$/.test(cell)) abilities.set(name, cell === "yes");
  }
  return abilities;
}

/** Abilities by name, as the manual has them. */
export const abilities = await read();

/**
 * Whether this engine has an ability. One that the manual does not know is a failure.
 * @param {string} ability
 */
export function can(ability) {
  if (!abilities.has(ability)) check(`docs/browsers.md has a row for ${ability}`, false);
  return abilities.get(ability) ?? true;
}

/**
 * Leaves out a check because of an ability that this engine lacks.
 * @param {string} name
 * @param {string} ability
 */
export function skip(name, ability) {
  if (can(ability)) {
    check(`${name}: was skipped, but ${engine} has ${ability}`, false);
    return;
  }
  count.skipped += 1;
  console.log(`skipped ${name}: ${engine} lacks ${ability}`);
}
