/**
 * What a snapshot was made in, and what a start compares with it or replaces.
 *
 * @module
 */

import { crc32 } from "../bytes.mjs";

/**
 * A checksum of all symbols with their addresses.
 * @param {Record<string, WebAssembly.Global>} symbols
 */
export function symbolsOf(symbols) {
  let text = "";
  for (const name in symbols) text += `${name} ${symbols[name].value}\n`;
  return crc32(new TextEncoder().encode(text));
}

/**
 * @param {string[]} lines `NAME=value`
 * @returns {Record<string, string>}
 */
export function environOf(lines) {
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
