/**
 * Adds notes (PEP 678) to exceptions about files that are not in the bundle, and reads the stack.
 *
 * C code of the runtime raises these exceptions, right after the file system has refused. To add a note
 * without wrapping anything that a program can see, the loader calls `arm` in between, and the next exception
 * about a file or a module is examined. At other times nothing is watched.
 *
 * @module
 */

import { CPython } from "./capi.mjs";
import { ownNames } from "./python.mjs";

/** @typedef {import("./capi.mjs").Pointer} Pointer */
/** @typedef {(path: string) => string | undefined} Describe why a file can't be opened, if that is known */

/**
 * Used until the interpreter runs.
 * @type {{ arm: () => void, stack: () => string[], locked: <T>(call: () => T) => T }}
 */
export const SILENT = { arm() {}, stack: () => [], locked: (call) => call() };

/** The most calls that the stack of an event has. */
const STACK_LIMIT = 50;
/** Ids of `sys.monitoring`, those first that programs are least likely to use. */
const TOOLS = [5, 4, 3, 2, 1, 0];

/** The content of finder.py, which the build puts here. */
const FINDER_PY = "finder.py";

/**
 * @param {any} pyodide
 * @param {Describe} describe
 * @param {boolean} watchImports whether modules were omitted
 * @returns {typeof SILENT}
 */
export function notesOf(pyodide, describe, watchImports) {
  const python = CPython.of(pyodide);
  if (python === undefined) return SILENT;
  const watch = new Watch(python, pyodide.FS, describe);
  if (watchImports) watchModules(pyodide, watch, describe);
  return {
    arm: () => python.locked(() => watch.arm()),
    stack: () => python.locked(() => python.stack(STACK_LIMIT)),
    locked: (call) => python.locked(call),
  };
}

/** Examines the next exception, by `sys.monitoring`. */
class Watch {
  #python;
  #FS;
  #describe;
  /** @type {Map<string, string>} module -> why it can't be imported */
  modules = new Map();
  /** @type {number | undefined} id in `sys.monitoring`, while it watches */
  #tool;
  /** Functions of `sys.monitoring`. */
  #use;
  #free;
  #register;
  #setEvents;
  /** The event, as an int in Python. */
  #raise;
  #callback;
  #types;

  /**
   * @param {CPython} python
   * @param {any} FS
   * @param {Describe} describe
   */
  constructor(python, FS, describe) {
    this.#python = python;
    this.#FS = FS;
    this.#describe = describe;
    const monitoring = python.sys("monitoring");
    const events = python.attribute(monitoring, "events");
    this.#raise = python.attribute(events, "RAISE");
    python.release(events);
    this.#use = python.attribute(monitoring, "use_tool_id");
    this.#free = python.attribute(monitoring, "free_tool_id");
    this.#register = python.attribute(monitoring, "register_callback");
    this.#setEvents = python.attribute(monitoring, "set_events");
    this.#callback = python.functionOf("pyodide_pack_raised", (_code, _offset, error) => this.#raised(error));
    this.#types = {
      file: python.builtin("OSError"),
      import: python.builtin("ImportError"),
      module: python.builtin("ModuleNotFoundError"),
    };
  }

  /** Watches for the next exception. */
  arm() {
    if (this.#tool !== undefined) return;
    const python = this.#python;
    const tool = TOOLS.find((id) => python.call(this.#use, { int: id }, { text: "pyodide-pack" }));
    if (tool === undefined) return;
    python.call(this.#register, { int: tool }, this.#raise, this.#callback);
    python.call(this.#setEvents, { int: tool }, this.#raise);
    this.#tool = tool;
  }

  #disarm() {
    if (this.#tool === undefined) return;
    const python = this.#python;
    const tool = { int: this.#tool };
    this.#tool = undefined;
    python.call(this.#setEvents, tool, { int: 0 });
    python.call(this.#register, tool, this.#raise, python.none);
    python.call(this.#free, tool);
  }

  /** @param {Pointer} error */
  #raised(error) {
    const python = this.#python;
    const isImport = python.matches(error, this.#types.import);
    if ((!isImport && !python.matches(error, this.#types.file)) || !python.isNative(error)) return;
    // `from package import module` turns that one into an ImportError, which comes next.
    if (!python.matches(error, this.#types.module)) this.#disarm();
    const note = isImport ? this.#ofImport(error) : this.#ofFile(python.textOf(error, "filename"));
    if (note === undefined || this.#hasNotes(error)) return;
    const add = python.attribute(error, "add_note");
    python.call(add, { text: note });
    python.release(add);
  }

  /** @param {Pointer} error */
  #ofImport(error) {
    const python = this.#python;
    const [name, from] = [python.textOf(error, "name"), python.textOf(error, "name_from")];
    const module = this.modules.get(from === undefined ? `${name}` : `${name}.${from}`);
    return module ?? this.#ofFile(python.textOf(error, "path"));
  }

  /** @param {string | undefined} path */
  #ofFile(path) {
    if (path === undefined) return undefined;
    return this.#describe(absolute(path, this.#FS.cwd()));
  }

  /**
   * Whether an exception has notes already. It is raised once in each call that it leaves.
   * @param {Pointer} error
   */
  #hasNotes(error) {
    const notes = this.#python.attribute(error, "__notes__");
    this.#python.release(notes);
    return notes !== 0;
  }
}

/**
 * From now on, knows why omitted modules can't be imported.
 * @param {any} pyodide
 * @param {Watch} watch
 * @param {Describe} describe
 */
function watchModules(pyodide, watch, describe) {
  const names = ownNames(pyodide, "pyodide_pack_notes", [FINDER_PY]);
  const ends = [".py", "/__init__.py", ...names.get("suffixes").split("\0")];
  names.set("look", (/** @type {string} */ module, /** @type {string} */ folders) => {
    const tail = module.slice(module.lastIndexOf(".") + 1);
    for (const folder of folders.split("\0")) {
      for (const end of ends) {
        const note = describe(absolute(`${folder}/${tail}${end}`, pyodide.FS.cwd()));
        if (note === undefined) continue;
        watch.modules.set(module, note);
        watch.arm();
        return;
      }
    }
  });
}

/**
 * An absolute path without `.`, `..` and empty parts.
 * @param {string} path
 * @param {string} folder that it is relative to
 */
function absolute(path, folder) {
  /** @type {string[]} */
  const parts = [];
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
