// A board on a desk: the real MicroPython (its official WebAssembly build) whose REPL is this process's standard input
// and output, as a serial cable would carry it. Its files and its raw flash live in memory and survive resets.
//
// argv: the folder of the pinned package, the folder of modules a board has built in (rom), and what the chip says of
// itself, and two descriptors. The first takes one JSON object a line from the person at the desk:
//   {"press": [row pin, column pin] | null, "ground": [pins to ground], "free": bytes free in the file area,
//    "random": hexadecimal digits that stand for the board's own randomness}
// and what happened to the pins is told on the second as {"pin", "level", "ms"} a line.
import { createReadStream, readdirSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';
import { randomBytes } from 'node:crypto';

const [home, rom, machine, hears, tells] = process.argv.slice(2);

// This build numbers errors the WASI way; boards and their tools use the classic numbers.
const CLASSIC = { 2: 13, 8: 9, 20: 17, 28: 22, 31: 21, 44: 2, 51: 28, 54: 20, 55: 39 };
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = (code, imports) => {
  for (const [name, call] of Object.entries(imports.env ?? {})) {
    if (!name.startsWith('__syscall_')) continue;
    imports.env[name] = (...words) => {
      const said = call(...words);
      return typeof said === 'number' && said < 0 ? -(CLASSIC[-said] ?? -said) : said;
    };
  }
  return instantiate(code, imports);
};
const { loadMicroPython } = await import(pathToFileURL(path.join(home, 'micropython.mjs')).href);

const desk = { pressed: null, grounded: new Set(), free: 600_000, driven: new Map(), resets: 0, fed: 0 };
const TURNS = 30;
const began = performance.now();

const wires = {
  read(pin) {
    if (desk.driven.has(pin)) return desk.driven.get(pin);
    if (desk.pressed !== null && pin === desk.pressed[1] && desk.driven.get(desk.pressed[0]) === 0) return 0;
    return desk.grounded.has(pin) ? 0 : 1;
  },
  write(pin, level) {
    if (desk.driven.get(pin) === level) return;
    desk.driven.set(pin, level);
    writeSync(Number(tells), `${JSON.stringify({ pin, level, ms: Math.round(performance.now() - began) })}\n`);
  },
  random: (size) => desk.random?.slice(0, 2 * size).padEnd(2 * size, '0') ?? randomBytes(size).toString('hex'),
  free: () => desk.free,
  clock: () => Math.floor(Date.now() / 1000),
  machine: () => machine,
  reset() { desk.resets += 1; },
  fed() { // the watchdog of a running door: this process does nothing else meanwhile, so it is stopped after a while
    desk.fed += 1;
    if (desk.fed === TURNS) writeSync(Number(tells), '{"alive":true}\n');
    return desk.fed >= TURNS;
  },
};

let out = [];
let board = null;
const put = (text) => { for (const byte of Buffer.from(text)) out.push(byte); };
function flush() {
  if (out.length) process.stdout.write(Buffer.from(out));
  out = [];
}

const NOT_FILES = new Set(['.', '..', 'tmp', 'home', 'dev', 'proc']);
function kept(FS, folder, to) {
  for (const name of FS.readdir(folder)) {
    const at = `${folder === '/' ? '' : folder}/${name}`;
    if (NOT_FILES.has(name)) continue;
    if (!FS.isDir(FS.stat(at).mode)) to.push([at, FS.readFile(at)]);
    else { to.push([at, null]); kept(FS, at, to); }
  }
  return to;
}

function factory() {
  const modules = readdirSync(rom).filter((name) => name.endsWith('.py'));
  const files = modules.map((name) => [`/chip/${name}`, readFileSync(path.join(rom, name))]);
  return [['/chip', null], ['/lib', null], ...files];
}

function run(name) {
  try { board.FS.stat(`/${name}`); } catch { return; }
  try { board.runPython(board.FS.readFile(`/${name}`, { encoding: 'utf8' })); } catch (error) { put(`${error.message}\r\n`); }
}

async function start(files, scripts) {
  desk.fed = 0;
  board = await loadMicroPython({
    url: path.join(home, 'micropython.wasm'), heapsize: 1 << 20, linebuffer: false, stdout: (b) => { out.push(b[0]); },
  });
  for (const [at, data] of files) {
    if (data !== null) board.FS.writeFile(at, data);
    else try { board.FS.mkdir(at); } catch { /* the folder is there from the start */ }
  }
  board.registerJsModule('_wires', wires);
  board.runPython('import sys\nsys.path[:] = ["", "/rom", "/rom/lib", "/lib", "/chip"]\nimport os, _vfs\nsys.modules["vfs"] = _vfs\n_vfs.boot()\nos.chdir("/")\n');
  try { board.FS.unlink('/chip/mounted'); } catch { /* never divided */ }
  run('chip/outer.py'); // the boot.py of the file system that stock firmware mounts
  scripts.forEach(run);
  board.replInit();
}

// Raw paste, which this build lacks and every board has: code comes in windows, then runs as in the raw REPL.
const WINDOW = 128;
let paste = null;
async function pasted(byte) {
  if (byte === 3) { // Ctrl-C gives up what was pasted
    paste = null;
    board.replProcessChar(3);
    return;
  }
  if (byte !== 4) {
    paste.push(byte);
    if (paste.length % WINDOW === 0) { put('\x01'); flush(); }
    return;
  }
  const code = paste;
  paste = null;
  put('\x04');
  for (const one of code) board.replProcessChar(one);
  const said = out.length;
  await entered(4);
  out.splice(said, 2); // the raw REPL's own "OK"
}

let raw = false;
let last = [];
async function type(byte) {
  if (paste !== null) {
    await pasted(byte);
    return;
  }
  if (byte === 1) raw = true;
  if (byte === 2) raw = false;
  last = [...last.slice(-2), byte];
  if (last[0] === 5 && last[1] === 0x41 && byte === 1) {
    board.replProcessChar(3);
    out.push(0x52, 1, WINDOW, 0, 1);
    paste = [];
    return;
  }
  await entered(byte);
}

async function entered(byte) {
  const before = desk.resets;
  const soft = board.replProcessChar(byte);
  if (desk.resets !== before) { // a hard reset: as after power-on
    raw = false;
    flush();
    await start(kept(board.FS, '/', []), ['boot.py', 'main.py']);
  } else if (soft) { // main.py runs after a soft reset from the friendly prompt only, as on a board
    put('soft reboot\r\n');
    await start(kept(board.FS, '/', []), raw ? ['boot.py'] : ['boot.py', 'main.py']);
    if (raw) board.replProcessChar(1);
  }
}

readline.createInterface({ input: createReadStream(null, { fd: Number(hears) }) }).on('line', (line) => {
  const told = JSON.parse(line);
  if ('press' in told) desk.pressed = told.press;
  if ('ground' in told) desk.grounded = new Set(told.ground);
  if ('free' in told) desk.free = told.free;
  if ('random' in told) desk.random = told.random;
  writeSync(Number(tells), '{"heard":true}\n');
});

await start(factory(), []);
flush();
let busy = Promise.resolve();
process.stdin.on('data', (bytes) => {
  busy = busy.then(async () => {
    for (const byte of bytes) await type(byte);
    flush();
  });
});
process.stdin.on('end', () => process.exit(0));
