/**
 * What the Content-Security-Policy of this page or worker allows. To find out by trying would be reported as
 * a violation.
 *
 * @module
 */

/** @type {Promise<boolean> | undefined} */
let answer;

/** Whether a script may be imported from a `blob:` address. */
export function allowsBlobs() {
  answer ??= policies().then((all) => all.every(allowsBlobScripts), () => false);
  return answer;
}

/** The policies of this page or worker, as the server sends them and as the page states them. */
async function policies() {
  if (!/^https?:$/.test(globalThis.location?.protocol ?? "")) return ["default-src 'none'"]; // not known
  const response = await fetch(globalThis.location.href, { method: "HEAD" });
  await response.arrayBuffer();
  if (!response.ok) return ["default-src 'none'"];
  const stated = globalThis.document?.querySelectorAll("meta[http-equiv='Content-Security-Policy' i]") ?? [];
  const header = response.headers.get("content-security-policy") ?? "";
  return [...header.split(","), ...[...stated].map((meta) => meta.getAttribute("content") ?? "")];
}

/** @param {string} policy */
function allowsBlobScripts(policy) {
  const directives = policy.split(";").map((text) => text.trim().toLowerCase().split(/\s+/));
  const named = (/** @type {string} */ name) => directives.find(([first]) => first === name);
  const sources = named("script-src-elem") ?? named("script-src") ?? named("default-src");
  return sources === undefined || sources.includes("blob:");
}
