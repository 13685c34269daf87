// What a test can do with a page, the same in each engine.

import { setTimeout as pause } from "node:timers/promises";

/**
 * Something that happened in a page.
 * @typedef {{ kind: "console" | "page error" | "crash", text: string }
 *   | { kind: "request", url: string }
 *   | { kind: "failed", url: string, text: string }
 *   | { kind: "response", url: string, status: number }} PageEvent
 */

/**
 * What an engine's driver offers.
 * @typedef {object} Driver
 * @property {(url: string) => Promise<void>} goto resolves after the page's `load`
 * @property {() => Promise<void>} reload
 * @property {(expression: string) => Promise<string>} run resolves with the string that an expression's
 * promise resolves with
 * @property {(keys: string) => Promise<void>} press a key with its modifiers: `Control+Enter`
 * @property {(text: string) => Promise<void>} type
 * @property {(path: string) => Promise<void>} screenshot writes what the window shows
 * @property {() => Promise<Driver>} open another page of the same browser
 * @property {() => Promise<void>} close
 * @property {(listener: (event: PageEvent) => void) => void} listen
 * @property {() => Promise<void>} settle resolves when all console messages until now were heard
 */

/** How long `waitFor` tries. */
const PATIENCE = 120_000;

/** A page of a browser. */
export class Page {
  /** @param {Driver} driver */
  constructor(driver) {
    this.driver = driver;
  }

  /** @param {string} url */
  async goto(url) {
    await this.driver.goto(url);
  }

  async reload() {
    await this.driver.reload();
  }

  /**
   * Calls a function in the page. The function uses nothing from around it. Its argument and result are
   * what JSON can express. Rejects with the text of the page's error.
   * @template A, R
   * @param {(argument: A) => R | Promise<R>} action
   * @param {A} [argument]
   * @returns {Promise<R>}
   */
  async evaluate(action, argument) {
    const given = argument === undefined ? "undefined" : JSON.stringify(argument);
    const answer = await this.driver.run(`(async () => {
      try {
        return JSON.stringify({ value: await (${action})(${given}) });
      } catch (error) {
        return JSON.stringify({ error: error instanceof Error ? error.name + ": " + error.message : String(error) });
      }
    })()`);
    const { value, error } = JSON.parse(answer);
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /**
   * Resolves when a function of the page returns something true.
   * @template A
   * @param {(argument: A) => unknown} condition
   * @param {A} [argument]
   */
  async waitFor(condition, argument) {
    const end = performance.now() + PATIENCE;
    while (!(await this.evaluate(condition, argument))) {
      if (performance.now() > end) throw new Error(`the page never had ${condition}`);
      await pause(50);
    }
  }

  /** @param {string} keys a key with its modifiers: `Control+Enter` */
  async press(keys) {
    await this.driver.press(keys);
  }

  /** @param {string} text */
  async type(text) {
    await this.driver.type(text);
  }

  /** @param {string} path */
  async screenshot(path) {
    await this.driver.screenshot(path);
  }

  async open() {
    return new Page(await this.driver.open());
  }

  async close() {
    await this.driver.close();
  }
}
