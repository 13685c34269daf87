import { DEVELOPMENT } from "./mode.js";
import { loadWorker } from "./pyodide-pack/loader.js";

/** @typedef {import("./pyodide-pack/loader.js").ProgressEvent} ProgressEvent */
/** @typedef {import("./pyodide-pack/loader.js").MissEvent} MissEvent */
/** @typedef {import("./pyodide-pack/loader.js").ReloadEvent} ReloadEvent */

/** @type {Record<string, string>} */
const PHASES = {
  core: "Fetching Python",
  fetch: "Fetching the bundle",
  mount: "Mounting the files",
  start: "Starting Python",
  ready: "Starting the app",
};

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} "${id}"`);
  return found;
}

const form = element("form", HTMLFormElement);
const read = element("read", HTMLSelectElement);
const write = element("write", HTMLSelectElement);
const query = element("query", HTMLTextAreaElement);
const output = element("output", HTMLPreElement);
const error = element("error", HTMLDivElement);
const errorTitle = element("error-title", HTMLHeadingElement);
const errorText = element("error-text", HTMLPreElement);
const run = element("run", HTMLButtonElement);
const status = element("status", HTMLSpanElement);
const amount = element("amount", HTMLSpanElement);
const progress = element("progress", HTMLProgressElement);
const badge = element("reload", HTMLSpanElement);
const missNone = element("misses-none", HTMLParagraphElement);
const missTable = element("misses-table", HTMLDivElement);
const missTotal = element("misses-total", HTMLParagraphElement);
const missRows = element("misses", HTMLTableSectionElement);
const missLines = element("misses-lines", HTMLDetailsElement);
const missCode = element("misses-code", HTMLPreElement);

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${(bytes / 1000).toFixed(bytes < 9950 ? 1 : 0)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} milliseconds */
function duration(milliseconds) {
  return milliseconds < 999.5
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param {ProgressEvent} event */
function showProgress({ phase, loaded, total }) {
  const text = PHASES[phase] ?? "Loading";
  if (status.textContent !== text) status.textContent = text;
  if (loaded && total && loaded < total) {
    progress.max = total;
    progress.value = loaded;
    amount.textContent = `${size(loaded)} of ${size(total)}`;
  } else {
    progress.removeAttribute("value");
    amount.textContent = "";
  }
}

/** @param {string} text */
function showStatus(text) {
  status.textContent = text;
  amount.textContent = "";
  progress.hidden = true;
}

/** @param {string} text */
function showOutput(text) {
  error.hidden = true;
  output.hidden = false;
  output.textContent = text;
}

/**
 * @param {string} title
 * @param {string} text
 */
function showError(title, text) {
  errorTitle.textContent = title;
  errorText.textContent = text;
  output.hidden = true;
  error.hidden = false;
}

const misses = { count: 0, bytes: 0, milliseconds: 0 };

/** @param {MissEvent} miss */
function showMiss({ path, package: owner, bytes, milliseconds }) {
  misses.count += 1;
  misses.bytes += bytes;
  misses.milliseconds += milliseconds;
  missNone.hidden = true;
  missTable.hidden = false;
  missTotal.textContent = `${misses.count} ${misses.count === 1 ? "file" : "files"}, ${size(misses.bytes)}, ${duration(misses.milliseconds)}`;

  const row = missRows.insertRow();
  const file = row.insertCell();
  file.textContent = path.replace(/^.*\/(?:site-packages|python3\.\d+)\//, "");
  file.title = path;
  row.insertCell().textContent = owner;
  if (bytes === 0) row.title = "came with an earlier file";
  for (const text of bytes === 0 ? ["–", "–"] : [size(bytes), duration(milliseconds)]) {
    const cell = row.insertCell();
    cell.className = "number";
    cell.textContent = text;
  }
}

/** @param {string[]} lines */
function showLines(lines) {
  missLines.hidden = lines.length === 0;
  missCode.textContent = lines.join("\n");
}

/** @param {ReloadEvent} event */
function showReload({ modules, milliseconds, error }) {
  const count = `${modules.length} ${modules.length === 1 ? "module" : "modules"}`;
  badge.textContent = error?.message ?? `reloaded ${count} in ${duration(milliseconds)}`;
  badge.title = error?.traceback ?? "";
  badge.classList.toggle("failure", error !== undefined);
  badge.hidden = false;
}

/**
 * Puts all dialects into a select and keeps what is chosen.
 * @param {HTMLSelectElement} select
 * @param {string[]} names
 */
function fill(select, names) {
  const chosen = select.value;
  select.replaceChildren(
    ...names.map((name) => new Option(name, name, name === chosen, name === chosen)),
  );
  select.disabled = false;
}

/**
 * The message of an error, of Python or another.
 * @param {unknown} thrown
 */
function message(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

async function start() {
  const begin = performance.now();
  let running = false;
  // Python has its own thread, so the page never waits for it.
  const python = await loadWorker({
    baseURL: new URL("./pyodide-pack/", location.href).href,
    onProgress: showProgress,
    onMiss: showMiss,
    reload: DEVELOPMENT,
    onReload(event) {
      showReload(event);
      if (event.error === undefined) transpile();
    },
  });
  /** @type {string[]} */
  const names = await python.call("app.dialects");

  /** @param {(milliseconds: number) => string} [done] the status line for a run that went well */
  async function transpile(
    done = (time) => `${read.value} to ${write.value} in ${duration(time)}`,
  ) {
    if (running) return;
    running = true;
    output.setAttribute("aria-busy", "true");
    showStatus("Transpiling");
    const begin = performance.now();
    try {
      showOutput(await python.call("app.transpile", query.value, read.value, write.value));
      showStatus(done(performance.now() - begin));
    } catch (thrown) {
      showError("Python raised an error", message(thrown));
      showStatus("Not transpiled");
    } finally {
      output.removeAttribute("aria-busy");
      if (DEVELOPMENT) showLines(python.misses());
      running = false;
    }
  }

  fill(read, names);
  fill(write, names);
  run.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    transpile();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      transpile();
    }
  });
  await transpile(() => `Ready in ${duration(performance.now() - begin)}`);
}

start().catch((thrown) => {
  showStatus("Python did not start");
  showError("Python did not start", message(thrown));
});
