// A side module that is larger than Chrome compiles at once on a page: it is imported, or the error says what
// helps.
//
//     node large.mjs FOLDER
//
// FOLDER is the one of tests/python/large.rs.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { check, listen, mediaType, run } from "./harness.mjs";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node large.mjs FOLDER");
  process.exit(2);
}

const PAGE = "<!doctype html><title>Large</title><link rel=icon href='data:,'>";
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://localhost");
  const body = pathname === "/" ? PAGE : await readFile(join(folder, pathname)).catch(() => undefined);
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", mediaType(pathname === "/" ? "page.html" : pathname));
  response.end(body);
});

await run(await listen(server), async (page, address) => {
  await page.goto(address);
  /** @type {(bundle: string, module: string, where: string) => Promise<string>} */
  const attempt = (bundle, module, where) =>
    page.evaluate(
      async ({ bundle, module, where }) => {
        const { loadBundle, loadWorker } = await import(`/${bundle}/pyodide-pack/loader.js`);
        const code = `
try:
    import ${module}
    text = ${module}.__name__
except Exception as error:
    text = " ".join([type(error).__name__, *getattr(error, "__notes__", ["no note"])])
text`;
        if (where === "page") return (await loadBundle()).pyodide.runPython(code);
        const python = await loadWorker();
        const text = await python.run(code);
        python.terminate();
        return text;
      },
      { bundle, module, where },
    );
  const isLimited = await page.evaluate(() => {
    try {
      new WebAssembly.Module(new Uint8Array(8 * 1024 * 1024 + 1));
    } catch (error) {
      return error instanceof RangeError;
    }
    return false;
  });
  const site = "/lib/python3.14/site-packages";
  const note = `ImportError ${site}/vast.so of large is larger than the 8 MiB that this browser compiles at once on a page: use loadWorker, or add .eager("vast.so") to build.rs`;
  console.log(`        this browser has ${isLimited ? "the" : "no"} limit`);
  for (const module of ["vast", "near"]) {
    const lazy = await attempt("lazy", module, "page");
    check(`on a page, lazy ${module} is imported, or the error says what helps`, lazy, isLimited ? note : module);
    check(`on a page, eager ${module} is imported`, await attempt("eager", module, "page"), module);
    check(`in a worker, lazy ${module} is imported`, await attempt("lazy", module, "worker"), module);
    check(`in a worker, eager ${module} is imported`, await attempt("eager", module, "worker"), module);
  }
});
