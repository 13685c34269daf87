// A client of the W3C's WebDriver protocol, as small as one engine needs.

import { request } from "node:http";

/** The name of an element's reference, and of special keys, in the protocol. */
/** @type {Record<string, string>} */
const KEYS = { Enter: "\uE007", Tab: "\uE004", Control: "\uE009", Shift: "\uE008", Escape: "\uE00C" };

/** A session with a driver. */
export class Session {
  /**
   * @param {string} driver the driver's address
   * @param {string} id
   */
  constructor(driver, id) {
    this.path = `${driver}/session/${id}`;
    /** @type {Promise<unknown>} the command before, as a session has one current window */
    this.last = Promise.resolve();
  }

  /**
   * @param {string} driver
   * @param {object} capabilities
   */
  static async start(driver, capabilities) {
    const body = { capabilities: { alwaysMatch: capabilities } };
    const { sessionId } = await send("POST", `${driver}/session`, body);
    return new Session(driver, sessionId);
  }

  /**
   * Sends a command, if need be to a window. Commands run one after the other.
   * @param {string} method
   * @param {string} command
   * @param {object} [body]
   * @param {string} [window]
   * @returns {Promise<any>}
   */
  async send(method, command, body, window) {
    const action = async () => {
      if (window !== undefined) await send("POST", `${this.path}/window`, { handle: window });
      return send(method, this.path + command, body);
    };
    const answer = this.last.then(action, action);
    this.last = answer.catch(() => undefined);
    return answer;
  }
}

/**
 * Presses keys one after the other, and releases them in reverse.
 * @param {string[]} keys names, or characters
 */
export function chord(keys) {
  const values = keys.map((key) => KEYS[key] ?? key);
  const actions = [
    ...values.map((value) => ({ type: "keyDown", value })),
    ...values.reverse().map((value) => ({ type: "keyUp", value })),
  ];
  return { actions: [{ type: "key", id: "keyboard", actions }] };
}

/**
 * `fetch` gives up after five minutes without an answer. A command may take longer.
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @returns {Promise<any>}
 */
function send(method, url, body) {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers }, async (response) => {
      const pieces = await response.toArray();
      const { value } = JSON.parse(Buffer.concat(pieces).toString("utf8"));
      if (response.statusCode === 200) resolve(value);
      else reject(new Error(`${method} ${url}: ${value.error}: ${value.message}`));
    });
    asking.once("error", reject);
    asking.end(text);
  });
}
