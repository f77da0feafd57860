// Runs Python on the real MicroPython (its official WebAssembly build, pinned in package.json) under Node.
//
// Standard input: {"traced": bool, "directories": [path], "files": {path: base64}, "steps": [[name, source]]}.
// Standard output: {"steps": [{"output": base64, "failure": text | null, "ms", "allocated", "live"}]}.
//
// This build collects garbage only when the outermost call returns, and only if asked within it. So every step is
// compiled in one call and run in the next: what `mem_alloc` gains within a call is exactly what the step allocated, and
// what it says in the call after the one that asked for a collection is exactly what is alive.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

const PACKAGE = new URL('./node_modules/@micropython/micropython-webassembly-pyscript/', import.meta.url);
const job = JSON.parse(readFileSync(0, 'utf8'));

let written = [];
const collect = (bytes) => { written.push(Buffer.from(bytes)); };
const interpreter = await loadMicroPython({
  url: fileURLToPath(new URL(job.traced ? 'micropython-settrace.wasm' : 'micropython.wasm', PACKAGE)),
  heapsize: 1 << 20,
  linebuffer: false,
  stdout: collect,
  stderr: collect,
});

for (const path of job.directories) interpreter.FS.mkdirTree(path);
for (const [path, content] of Object.entries(job.files)) {
  interpreter.FS.writeFile(path, Buffer.from(content, 'base64'));
}

interpreter.runPython(`
import gc as _gc, os, sys
os.chdir("/app")
sys.path[:] = ["/app"]
_space = {"__name__": "__main__"}
def _load(name, source):
    global _code
    _code = compile(source, name, "exec")
def _run():
    global _before, _after
    _after = _before = _gc.mem_alloc()
    exec(_code, _space)
    _after = _gc.mem_alloc()
def _forget():
    global _code
    _code = None
    _gc.collect()
def _live():
    return _gc.mem_alloc()
`);
const [load, run, forget, live] = ['_load', '_run', '_forget', '_live'].map((name) => interpreter.globals.get(name));

function step(name, source) {
  written = [];
  let failure = null;
  let ms = 0;
  try {
    load(name, source);
    const start = performance.now();
    run();
    ms = performance.now() - start;
  } catch (error) {
    failure = String(error.message);
  }
  const allocated = failure === null ? interpreter.globals.get('_after') - interpreter.globals.get('_before') : null;
  forget();
  return { output: Buffer.concat(written).toString('base64'), failure, ms, allocated, live: live() };
}

const steps = job.steps.map(([name, source]) => step(name, source));
process.stdout.write(JSON.stringify({ steps }));
