import { both, cameraButton, cameraWords, languages, link, note, pick, socket } from "/static/page.js";
import { Sight } from "/static/sight.js";
import { play } from "/static/sound.js";

const KEYS = "123456789*0#";
const NAMES = { "*": ["清除", "clear"], "#": ["确认", "enter"] };
const IDLE = 0, DIAL = 1, CODE = 2;
const MOST_LINES = 30;

let view = null;
let typed = "";
let sounds = false;
const tape = [];

const camera = note("camera-says");
const card = note("card-says");
const MOST_CARD = 0xFFFFFFFF;
const unit = socket(heard, () => { view = null; draw(); });
const sight = new Sight({
  view: pick("view"), shown: pick("shown"), eye: pick("eye"), send: (blob) => unit.frame(blob), says: camera.says, words: cameraWords,
});

function heard(message) {
  if (message.kind === "view") take(message);
  if (message.kind === "frame") sight.answered(message, message.text);
  if (message.kind === "tape") { tape.unshift(message); tape.length = Math.min(tape.length, MOST_LINES); drawTape(); }
}

function take(fresh) {
  const before = view;
  view = fresh;
  if (view.state !== DIAL && view.state !== CODE) typed = "";
  if (sounds && (before === null || before.said !== view.said)) play(view.sound);
  draw();
}

// --- drawing ----------------------------------------------------------------------------------------------------

function draw() {
  link(view);
  pick("leaf-says").textContent = leafSays();
  pick("typed").textContent = shownTyped();
  if (view === null) return;
  pick("label").textContent = view.label || "开门 Kaimen";
  document.title = `${view.label || both("门", "Door")} · Kaimen`;
  pick("panel").dataset.light = view.light;
  const opening = pick("opening").dataset;
  opening.lock = view.lock;
  opening.leaf = view.leaf ? "open" : "shut";
  tell("text-zh", view.text[0]);
  tell("text-en", view.text[1]);
  pick("six").hidden = !view.digits;
  if (view.digits) {
    pick("six-title").textContent = view.digits.title;
    pick("six-digits").textContent = view.digits.six;
  }
  pick("push").setAttribute("aria-pressed", String(view.leaf));
  pick("fire").setAttribute("aria-pressed", String(view.fire));
}

function tell(id, text) { if (pick(id).textContent !== text) pick(id).textContent = text; }

function leafSays() {
  if (view === null) return "";
  if (view.leaf) return both("门开着", "The door is open");
  if (view.lock === "released") return both("消防释放", "Released by fire");
  return view.lock === "open" ? both("锁已开，请推门", "Unlocked: push") : both("门已锁", "Locked");
}

function shownTyped() {
  const [home, code] = typed.split("#");
  return code === undefined ? home : `${home} # ${"•".repeat(code.length)}`;
}

function drawTape() {
  pick("tape-empty").hidden = tape.length > 0;
  pick("tape").replaceChildren(...tape.map((line) => {
    const item = document.createElement("li");
    const at = document.createElement("time");
    at.textContent = new Date(line.at).toLocaleTimeString(both("zh-CN", "en-GB"));
    const text = document.createElement("span");
    text.textContent = both(...line.text);
    const ms = document.createElement("span");
    ms.className = "ms";
    ms.textContent = line.ms === null ? "" : `${line.ms} ms`;
    item.append(at, text, ms);
    return item;
  }));
}

// --- acting -----------------------------------------------------------------------------------------------------

function press(key) {
  unit.say({ do: "key", key });
  if (key === "*") typed = "";
  else if (key === "#") typed = typed && !typed.includes("#") ? `${typed}#` : typed;
  else if (key !== "C") typed += key;
  draw();
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  button?.classList.add("down");
  setTimeout(() => button?.classList.remove("down"), 120);
}

for (const key of KEYS) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.key = key;
  button.textContent = key;
  pick("pad").append(button);
}
function nameKeys() {
  for (const [key, names] of Object.entries(NAMES)) {
    document.querySelector(`[data-key="${CSS.escape(key)}"]`).setAttribute("aria-label", `${key} ${both(...names)}`);
  }
}

pick("panel").addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (key) press(key);
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (document.activeElement === pick("card")) return; // a card's number is typed there, not at the door
  const onButton = /^(BUTTON|INPUT|A|LABEL)$/.test(document.activeElement?.tagName ?? "");
  const key = { Escape: "*", Backspace: "*", c: "C", C: "C", ...(onButton ? {} : { Enter: "#" }) }[event.key] ?? event.key;
  if (`${KEYS}C`.includes(key) && key.length === 1) { event.preventDefault(); press(key); }
});

pick("card-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = pick("card").value.trim();
  const number = /^[0-9]{1,10}$/.test(typed) ? Number(typed) : 0;
  if (number < 1 || number > MOST_CARD) {
    card.says("bad", ["请输入卡上的十位数字。", "Please type the ten digits on the card."]);
    return;
  }
  card.says("", ["卡已放到读卡器前。", "The card is before the reader."]);
  unit.say({ do: "card", number });
});

pick("exit").addEventListener("click", () => unit.say({ do: "exit" }));
pick("push").addEventListener("click", () => unit.say({ do: "leaf", open: !view?.leaf }));
pick("fire").addEventListener("click", () => unit.say({ do: "fire", on: !view?.fire }));
pick("sound").addEventListener("click", (event) => {
  sounds = !sounds;
  event.currentTarget.setAttribute("aria-pressed", String(sounds));
  if (sounds) play("click");
});

cameraButton(sight);
camera.says("", cameraWords.off);
languages(() => { nameKeys(); camera.draw(); card.draw(); draw(); drawTape(); });
