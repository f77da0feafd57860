// What both pages of a unit share: two languages, the socket that dials again, and words for the camera.

const html = document.documentElement;
export const pick = (id) => document.getElementById(id);
export const both = (zh, en) => (html.dataset.speaks === "zh" ? zh : en);

function wanted() {
  const asked = new URLSearchParams(location.search).get("language");
  if (asked === "en" || asked === "zh") return asked;
  const kept = localStorage.getItem("kaimen-speaks");
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function speak(language, redraw) {
  html.dataset.speaks = language;
  html.lang = language === "zh" ? "zh-CN" : "en";
  localStorage.setItem("kaimen-speaks", language);
  redraw();
}

export function languages(redraw) {
  pick("speak").addEventListener("click", () => speak(html.dataset.speaks === "zh" ? "en" : "zh", redraw));
  speak(wanted(), redraw);
}

export function socket(heard, gone) {
  let open = null;
  const dial = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    open = new WebSocket(`${scheme}//${location.host}/ws`);
    open.binaryType = "arraybuffer";
    open.addEventListener("message", (message) => heard(JSON.parse(message.data)));
    open.addEventListener("close", () => { gone(); setTimeout(dial, 1000); });
  };
  dial();
  const ready = () => open.readyState === WebSocket.OPEN;
  return {
    say(what) { if (ready()) open.send(JSON.stringify(what)); },
    frame(blob) { if (!ready() || open.bufferedAmount > 0) return false; open.send(blob); return true; },
  };
}

// A note's text is kept in both languages, so that it follows the switch.
export function note(id) {
  const place = pick(id);
  let held = null;
  const draw = () => { place.textContent = held ? both(...held) : ""; };
  const says = (tone, words) => { held = words; place.className = `note ${tone}`; draw(); };
  return { says, draw };
}

export const cameraWords = {
  off: ["镜头未打开。", "The camera is off."],
  asking: ["请在浏览器的提示里允许使用镜头。", "Please allow the camera in your browser's question."],
  running: ["镜头已打开，每秒约十帧。", "The camera is on, about ten frames a second."],
  denied: ["浏览器没有允许使用镜头：请在地址栏允许，或出示一张照片。", "Your browser did not allow the camera: allow it in the address bar, or show a picture instead."],
  noCamera: ["没有找到可用的镜头：请出示一张照片。", "No camera was found: show a picture instead."],
  ended: ["镜头断开了：请重新打开，或出示一张照片。", "The camera went away: start it again, or show a picture instead."],
  notAPicture: ["这个文件不是能打开的照片，请换一张。", "This file is not a picture that can be opened: choose another."],
  showing: ["正在镜头前出示照片（三秒）。", "Your picture is held before the camera for three seconds."],
};

export function link(view) {
  const chip = pick("link");
  if (view === null) { chip.className = "chip bad"; chip.textContent = both("本页与门断开", "This page lost the unit"); return; }
  chip.className = view.link ? "chip good" : "chip";
  chip.textContent = view.link ? both("✓ 已连接主机", "✓ Connected to the host") : both("◦ 独立工作中", "◦ Working on its own");
}

export function cameraButton(sight) {
  const draw = () => {
    pick("camera-zh").textContent = sight.running ? "关闭镜头" : "打开镜头";
    pick("camera-en").textContent = sight.running ? "Stop the camera" : "Use my camera";
  };
  pick("camera").addEventListener("click", async () => {
    if (sight.running) sight.stop(); else await sight.start();
    draw();
  });
  pick("file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) await sight.show(file);
    event.target.value = "";
    draw();
  });
}
