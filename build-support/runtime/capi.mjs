/**
 * CPython's C API, as the functions that Pyodide's module exports. Python objects are pointers, and 0 is none.
 *
 * These functions run no Python code. They are therefore safe in the middle of a system call, where Python
 * code could meet the recursion limit, or a signal that its caller must receive.
 *
 * @module
 */

import { gilOf } from "./gil.mjs";

/** @typedef {number} Pointer */

/** All that is used, without the underscore before each. */
const FUNCTIONS = [
  ...["PyBytes_AsString", "PyCMethod_New", "PyDict_GetItemString", "PyErr_Clear"],
  ...["PyErr_GetRaisedException", "PyErr_GivenExceptionMatches", "PyErr_SetRaisedException", "PyEval_GetBuiltins"],
  ...["PyEval_GetFrame", "PyFrame_GetBack", "PyFrame_GetCode", "PyFrame_GetLineNumber", "PyLong_FromLong"],
  ...["PyMem_Malloc", "PyObject_CallObject", "PyObject_GetAttrString", "PyObject_Type", "PySys_GetObject"],
  ...["PyTuple_New", "PyTuple_SetItem", "PyType_GetFlags", "PyUnicode_AsUTF8", "PyUnicode_FromString", "Py_DecRef", "Py_IncRef"],
];
/** Functions of Emscripten. */
const HELPERS = ["UTF8ToString", "addFunction", "stringToNewUTF8", "stringToUTF8OnStack", "stackSave", "stackRestore"];

/** `METH_FASTCALL`: the function receives an array of arguments and its length. */
const METH_FASTCALL = 0x80;
/** Bytes of a `PyMethodDef`: name, function, flags and docstring. */
const METHOD_BYTES = 16;
/** `Py_TPFLAGS_HEAPTYPE`: set for all classes that Python code defines. */
const HEAP_TYPE = 1 << 9;

export class CPython {
  #module;
  #locked;
  /** `None`. */
  none;

  /**
   * @param {any} module Pyodide's
   * @param {<T>(call: () => T) => T} locked
   */
  constructor(module, locked) {
    this.#module = module;
    this.#locked = locked;
    this.none = this.builtin("None");
  }

  /**
   * `undefined` in a runtime that does not export all of it.
   * @param {any} pyodide
   */
  static of(pyodide) {
    const module = pyodide._module;
    const names = [...FUNCTIONS.map((name) => `_${name}`), ...HELPERS];
    const locked = gilOf(pyodide);
    if (locked === undefined || !names.every((name) => typeof module[name] === "function")) return undefined;
    return new CPython(module, locked);
  }

  /**
   * Calls a function that uses this API in the middle of a system call.
   * @template T
   * @param {() => T} call
   * @returns {T}
   */
  locked(call) {
    return this.#locked(() => {
      // What is being raised already must be raised after the call, too.
      const raised = this.#module._PyErr_GetRaisedException();
      try {
        return call();
      } finally {
        this.#module._PyErr_SetRaisedException(raised);
      }
    });
  }

  /**
   * A borrowed reference.
   * @param {string} name
   * @returns {Pointer}
   */
  builtin(name) {
    const module = this.#module;
    return this.#withText(name, (text) => module._PyDict_GetItemString(module._PyEval_GetBuiltins(), text));
  }

  /**
   * A borrowed reference to an attribute of `sys`.
   * @param {string} name
   * @returns {Pointer}
   */
  sys(name) {
    return this.#withText(name, (text) => this.#module._PySys_GetObject(text));
  }

  /**
   * A new reference, or 0. The object must be native.
   * @param {Pointer} object
   * @param {string} name
   * @returns {Pointer}
   */
  attribute(object, name) {
    return this.#checked(this.#withText(name, (text) => this.#module._PyObject_GetAttrString(object, text)));
  }

  /**
   * The text of an attribute, `undefined` if it does not exist or is `None`.
   * @param {Pointer} object
   * @param {string} name
   * @returns {string | undefined}
   */
  textOf(object, name) {
    const value = this.attribute(object, name);
    const text = value === 0 || value === this.none ? undefined : this.#text(value);
    this.release(value);
    return text;
  }

  /**
   * Calls a function that C code defines.
   * @param {Pointer} callable
   * @param {...(Pointer | { int: number } | { text: string })} values objects are borrowed
   * @returns {boolean} whether it raised nothing
   */
  call(callable, ...values) {
    const module = this.#module;
    const tuple = module._PyTuple_New(values.length);
    values.forEach((value, at) => module._PyTuple_SetItem(tuple, at, this.#owned(value)));
    const result = this.#checked(module._PyObject_CallObject(callable, tuple));
    this.release(result);
    this.release(tuple);
    return result !== 0;
  }

  /**
   * @param {Pointer} error
   * @param {Pointer} type
   * @returns {boolean}
   */
  matches(error, type) {
    return this.#module._PyErr_GivenExceptionMatches(error, type) !== 0;
  }

  /**
   * Whether C code defines an object's class, so that its attributes run no Python code.
   * @param {Pointer} object
   * @returns {boolean}
   */
  isNative(object) {
    const type = this.#module._PyObject_Type(object);
    const flags = this.#module._PyType_GetFlags(type);
    this.release(type);
    return (flags & HEAP_TYPE) === 0;
  }

  /**
   * A Python function that calls a function in JavaScript with its arguments, and returns `None`. It raises
   * nothing, and stays forever.
   * @param {string} name
   * @param {(...values: Pointer[]) => void} call with borrowed references
   * @returns {Pointer}
   */
  functionOf(name, call) {
    const module = this.#module;
    const answer = (/** @type {Pointer} */ _self, /** @type {Pointer} */ values, /** @type {number} */ count) => {
      try {
        call(...module.HEAPU32.subarray(values >>> 2, (values >>> 2) + count));
      } catch (error) {
        // An error of JavaScript must not leave through the frames of the interpreter.
        console.error(error);
      }
      module._Py_IncRef(this.none);
      return this.none;
    };
    const method = module._PyMem_Malloc(METHOD_BYTES);
    const fields = [module.stringToNewUTF8(name), module.addFunction(answer, "iiii"), METH_FASTCALL, 0];
    module.HEAPU32.set(fields, method >>> 2);
    return module._PyCMethod_New(method, 0, 0, 0);
  }

  /**
   * The running calls, innermost first: `/home/pyodide/app.py:3 in main`.
   * @param {number} limit
   * @returns {string[]}
   */
  stack(limit) {
    const module = this.#module;
    /** @type {string[]} */
    const lines = [];
    let frame = module._PyEval_GetFrame();
    if (frame !== 0) module._Py_IncRef(frame);
    while (frame !== 0 && lines.length < limit) {
      const code = module._PyFrame_GetCode(frame);
      const file = this.textOf(code, "co_filename") ?? "";
      if (!file.startsWith("<frozen ")) {
        lines.push(`${file}:${module._PyFrame_GetLineNumber(frame)} in ${this.textOf(code, "co_qualname") ?? ""}`);
      }
      const caller = module._PyFrame_GetBack(frame);
      this.release(code);
      this.release(frame);
      frame = caller;
    }
    this.release(frame);
    return lines;
  }

  /** @param {Pointer} object a reference that is not needed any more */
  release(object) {
    if (object !== 0) this.#module._Py_DecRef(object);
  }

  /**
   * @param {Pointer | { int: number } | { text: string }} value
   * @returns {Pointer} a new reference
   */
  #owned(value) {
    const module = this.#module;
    if (typeof value === "number") {
      module._Py_IncRef(value);
      return value;
    }
    if ("int" in value) return module._PyLong_FromLong(value.int);
    return this.#withText(value.text, (text) => module._PyUnicode_FromString(text));
  }

  /**
   * @param {Pointer} object
   * @returns {string | undefined} `undefined` if it is neither a valid string nor bytes
   */
  #text(object) {
    const module = this.#module;
    const text = this.#checked(module._PyUnicode_AsUTF8(object)) || this.#checked(module._PyBytes_AsString(object));
    return text === 0 ? undefined : module.UTF8ToString(text);
  }

  /**
   * @param {Pointer} result
   * @returns {Pointer} the same; if it is 0, the exception is dropped
   */
  #checked(result) {
    if (result === 0) this.#module._PyErr_Clear();
    return result;
  }

  /**
   * @template T
   * @param {string} text
   * @param {(pointer: Pointer) => T} call
   * @returns {T}
   */
  #withText(text, call) {
    const module = this.#module;
    const top = module.stackSave();
    try {
      return call(module.stringToUTF8OnStack(text));
    } finally {
      module.stackRestore(top);
    }
  }
}
