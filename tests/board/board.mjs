// One board: its whole program on the real MicroPython, with played pins, and a bridge in which TLS ends.
//
// First line of standard input: {"files": {path: base64}, "directories": [path]}. Then lines {"id", "run": source} or
// {"id", "ask": expression}; each is answered by {"id", "answer": text | null, "failure": text | null}.
// Between them the board's loop turns. The bridge dials what the board dials and verifies it against the one authority
// the board names; bytes pass through it unread.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

const PACKAGE = new URL('./node_modules/@micropython/micropython-webassembly-pyscript/', import.meta.url);
const streams = new Map();

globalThis.bridge = {
  random: (count) => randomBytes(count).toString('hex'),
  open(host, port, authority, name) {
    const number = streams.size + 1;
    const lines = authority.match(/.{1,64}/g).join('\n');
    const ca = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
    const socket = connect({ host, port, ca, servername: /^[\d.]+$/.test(name) ? '' : name, rejectUnauthorized: true });
    const stream = { socket, come: Buffer.alloc(0), ended: false, broken: false };
    socket.on('data', (data) => { stream.come = Buffer.concat([stream.come, data]); });
    socket.on('end', () => { stream.ended = true; });
    socket.on('close', () => { stream.ended = true; });
    socket.on('error', () => { stream.broken = true; });
    streams.set(number, stream);
    return number;
  },
  read(number, count) {
    const stream = streams.get(number);
    if (stream.come.length > 0) {
      const part = stream.come.subarray(0, count);
      stream.come = stream.come.subarray(part.length);
      return part.toString('hex');
    }
    if (stream.broken) return 'broken';
    return stream.ended ? '' : 'wait';
  },
  write(number, hex) {
    const stream = streams.get(number);
    if (!stream.ended && !stream.broken) stream.socket.write(Buffer.from(hex, 'hex'));
    return hex.length / 2;
  },
  close(number) { streams.get(number).socket.destroy(); },
};

const lines = createInterface({ input: process.stdin });
const waiting = [];
let wake = null;
lines.on('line', (line) => { waiting.push(line); if (wake) wake(); });
lines.on('close', () => process.exit(0));
const soon = (ms) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  wake = () => { clearTimeout(timer); resolve(); };
});

while (waiting.length === 0) await soon(60000);
const job = JSON.parse(waiting.shift());
const interpreter = await loadMicroPython({
  url: fileURLToPath(new URL('micropython.wasm', PACKAGE)),
  heapsize: 1 << 20,
  linebuffer: false,
  stdout: (bytes) => process.stderr.write(Buffer.from(bytes)),
});
for (const path of job.directories) interpreter.FS.mkdirTree(path);
for (const [path, content] of Object.entries(job.files)) interpreter.FS.writeFile(path, Buffer.from(content, 'base64'));
interpreter.FS.chdir('/app');
interpreter.runPython(`
import sys
sys.path[:] = ["/app"]
import drive
def _turn():
    return drive.turn()
def _run(source):
    exec(source, {"drive": drive})
    return ""
def _ask(source):
    return str(eval(source, {"drive": drive}))
`);
const [turn, run, ask] = ['_turn', '_run', '_ask'].map((name) => interpreter.globals.get(name));

for (;;) {
  while (waiting.length > 0) {
    const { id, run: source, ask: expression } = JSON.parse(waiting.shift());
    let [answer, failure] = [null, null];
    try {
      answer = expression === undefined ? run(source) : ask(expression);
    } catch (error) {
      failure = String(error.message);
    }
    process.stdout.write(JSON.stringify({ id, answer, failure }) + '\n');
  }
  let busy = false;
  try {
    busy = turn();
  } catch (error) {
    process.stdout.write(JSON.stringify({ id: 0, answer: null, failure: String(error.message) }) + '\n');
    process.exit(1);
  }
  await (busy ? new Promise(setImmediate) : soon(4));
}
