/**
 * HTTP requests, through the proxy that the environment names.
 *
 * With `node:http` and `node:https` instead of `fetch`, which supports no proxies before Node 24 and undoes
 * content encodings, which does not work with `Range`. Supported are:
 *
 * - proxies from `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, `http:` or `https:`, credentials
 *   included: a tunnel (CONNECT) for `https:` addresses, the absolute form for `http:` ones;
 * - `NO_PROXY`: `*`, or a list of hosts (subdomains included), addresses and CIDR blocks, hosts and
 *   addresses with a port or without;
 * - all of them in lower case, which takes precedence, or upper case; SOCKS and PAC files are not supported;
 * - credentials in addresses, which are never shown, and not sent to another host after a redirect;
 * - certificates as Node knows them (`NODE_EXTRA_CA_CERTS`).
 *
 * @module
 */

import http from "node:http";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";

/** @typedef {import("../jobs.d.ts").FailureCause} Cause */

/**
 * @typedef {object} RequestOptions
 * @property {AbortSignal} signal
 * @property {string} [method] GET by default
 * @property {import("node:stream").Readable} [body]
 * @property {number} [connectMs] the longest time until there is a connection; none by default
 * @property {boolean} [keep] whether the connection is kept for further requests
 */

/** The connections that are kept. */
const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };

/** An attempt that failed. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {Cause} kind
   * @param {object} [options]
   * @param {boolean} [options.retry] whether the next attempt may succeed
   * @param {number} [options.waitMs] the shortest pause before the next attempt
   * @param {boolean} [options.discard] whether the bytes that arrived are useless
   */
  constructor(message, kind, { retry = false, waitMs = 0, discard = false } = {}) {
    super(message);
    this.kind = kind;
    this.retry = retry;
    this.waitMs = waitMs;
    this.discard = discard;
  }
}

/** @param {URL} url */
function hostOf(url) {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** @param {URL} url */
function portOf(url) {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}

/**
 * @param {string} header
 * @param {URL} url
 * @returns {Record<string, string>} the header for the credentials in the address, if it has any
 */
function credentials(header, { username, password }) {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { [header]: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** @param {string} name */
function variable(name) {
  return process.env[name] || process.env[name.toUpperCase()] || "";
}

/**
 * @param {URL} url
 * @returns {URL | undefined} the proxy to go through
 */
function proxyFor(url) {
  const own = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const name = variable(own) === "" ? "all_proxy" : own;
  const value = variable(name);
  if (value === "" || isExempt(url, variable("no_proxy"))) return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return proxy;
  const what = proxy === undefined ? "no address" : `a proxy of the kind ${proxy.protocol}`;
  throw new Failure(`${name.toUpperCase()} is ${what}; only http: and https: work`, "proxy");
}

/**
 * @param {URL} url
 * @param {string} list value of `NO_PROXY`
 * @returns {boolean} whether it says that no proxy is to be used
 */
function isExempt(url, list) {
  const host = hostOf(url).toLowerCase();
  const family = net.isIP(host);
  return list.toLowerCase().split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const [, block, prefix] = /^([^/]+)\/(\d+)$/.exec(entry) ?? [];
    if (block !== undefined) return isInBlock(host, block, Number(prefix));
    const port = net.isIPv6(entry) ? undefined : /:(\d+)$/.exec(entry);
    if (port && Number(port[1]) !== portOf(url)) return false;
    const bare = port ? entry.slice(0, port.index) : entry;
    const name = bare.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
    return name !== "" && (host === name || (family === 0 && host.endsWith(`.${name}`)));
  });
}

/**
 * @param {string} host
 * @param {string} block the address before the slash
 * @param {number} prefix
 * @returns {boolean}
 */
function isInBlock(host, block, prefix) {
  const family = net.isIP(host);
  const longest = family === 6 ? 128 : 32;
  if (family === 0 || net.isIP(block) !== family || prefix > longest) return false;
  const blocks = new net.BlockList();
  blocks.addSubnet(block, prefix, family === 6 ? "ipv6" : "ipv4");
  return blocks.check(host, family === 6 ? "ipv6" : "ipv4");
}

/**
 * @param {URL} to the host to connect to
 * @param {https.RequestOptions} options
 * @param {RequestOptions} how
 * @returns {Promise<{ response: http.IncomingMessage, socket: net.Socket }>} the socket is used
 *   after a CONNECT
 */
function send(to, options, { signal, method, body, connectMs, keep = false }) {
  const kind = to.protocol === "https:" ? "https" : "http";
  const { request } = kind === "https" ? https : http;
  const agent = keep && agents[kind];
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostOf(to), port: portOf(to), agent, signal, method, ...options });
    sent.on("response", (response) => resolve({ response, socket: response.socket }));
    sent.on("connect", (response, socket) => resolve({ response, socket }));
    sent.on("socket", (socket) => {
      if (connectMs === undefined || !socket.connecting) return;
      const late = () => sent.destroy(new Failure(`no connection within ${connectMs / 1000} s`, "network"));
      const timer = setTimeout(late, connectMs);
      for (const event of ["connect", "close"]) socket.once(event, () => clearTimeout(timer));
    });
    sent.on("error", reject);
    if (body === undefined) sent.end();
    else body.pipe(sent);
  });
}

/**
 * @param {URL} proxy
 * @param {URL} url
 * @param {string} userAgent
 * @param {RequestOptions} how
 * @returns {Promise<tls.TLSSocket>} a connection to the address's host
 */
async function tunnel(proxy, url, userAgent, { signal, connectMs }) {
  const path = `${url.hostname}:${portOf(url)}`;
  const known = credentials("proxy-authorization", proxy);
  const headers = { host: path, "user-agent": userAgent, ...known };
  const { response, socket } = await send(proxy, { path, headers }, { method: "CONNECT", signal, connectMs });
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    socket.destroy();
    const message = `HTTP ${status} ${response.statusMessage} instead of a connection`;
    throw new Failure(message, "proxy", { retry: status >= 500 || status === 429 });
  }
  const host = hostOf(url);
  return tls.connect({ socket, host, servername: net.isIP(host) === 0 ? host : "" });
}

/**
 * @param {URL} url
 * @param {Record<string, string>} further headers
 * @param {RequestOptions} how
 * @returns {Promise<http.IncomingMessage>} whatever its status is
 */
export async function request(url, further, how) {
  const proxy = proxyFor(url);
  const path = url.pathname + url.search;
  const headers = {
    host: url.host,
    "accept-encoding": "identity",
    ...credentials("authorization", url),
    ...further,
  };
  try {
    if (proxy === undefined) {
      return (await send(url, { path, headers }, how)).response;
    }
    if (url.protocol === "http:") {
      Object.assign(headers, credentials("proxy-authorization", proxy));
      return (await send(proxy, { path: `http://${url.host}${path}`, headers }, how)).response;
    }
    const socket = await tunnel(proxy, url, further["user-agent"], how);
    const options = { path, headers, agent: undefined, createConnection: () => socket };
    return (await send(url, options, how)).response;
  } catch (error) {
    const failure = asFailure(error);
    if (proxy !== undefined) failure.message += `, through the proxy ${proxy.host}`;
    throw failure;
  }
}

/**
 * @param {URL} url
 * @returns {string} without credentials, which may also be in the query
 */
export function shown(url) {
  return url.origin + url.pathname;
}

/**
 * The answer to a GET request, after all redirects. Another host does not receive the header `authorization`.
 * @param {URL} address
 * @param {Record<string, string>} headers
 * @param {RequestOptions & { redirects: number, onAnswer?: () => void }} how `redirects` is the largest number
 *   of them; `onAnswer` is called after each answer
 * @returns {Promise<http.IncomingMessage>}
 */
export async function get(address, headers, how) {
  const { authorization: _, ...anonymous } = headers;
  const way = [address];
  for (;;) {
    const url = way[way.length - 1];
    const response = await request(url, url.origin === address.origin ? headers : anonymous, how);
    how.onAnswer?.();
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return response;
    response.destroy();
    const { location = "" } = response.headers;
    const next = URL.canParse(location, url.href) ? new URL(location, url) : url;
    if (!/^https?:$/.test(next.protocol)) {
      throw new Failure(`the server redirects to ${next.protocol} instead of http(s)`, "status");
    }
    const loop = way.some(({ href }) => href === next.href);
    way.push(next);
    const steps = way.map(shown).join(" -> ");
    if (loop || way.length > how.redirects + 1) {
      const often = loop ? "in a loop" : `more than ${how.redirects} times`;
      throw new Failure(`the server redirects ${often}: ${steps}`, "status");
    }
  }
}

/** Error codes of disks, and not of connections. */
const DISK = /^(EACCES|EDQUOT|EFBIG|EIO|EISDIR|EMFILE|ENFILE|ENOSPC|ENOTDIR|EPERM|EROFS)$/;

/**
 * @param {any} error
 * @returns {Failure}
 */
export function asFailure(error) {
  if (error instanceof Failure) return error;
  const { code = "", syscall, errors = [] } = error;
  // The error for a host with several addresses has no message of its own.
  const each = errors.map((/** @type {Error} */ { message }) => message).join(", ");
  const message = each || error.message || code;
  if (/CERT|SIGNATURE|_CA_|CHAIN/.test(code)) return new Failure(message, "certificate");
  if (DISK.test(code) && syscall !== "connect") return new Failure(message, "disk");
  const cut = message === "aborted" || code === "ERR_STREAM_PREMATURE_CLOSE";
  const said = cut ? "the connection was cut off" : message;
  return new Failure(said, "network", { retry: !/^ERR_(INVALID|UNESCAPED)/.test(code) });
}
