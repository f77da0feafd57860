import { both, cameraButton, cameraWords, languages, link, note, pick, socket } from "/static/page.js";
import { Sight } from "/static/sight.js";

let view = null;
const ENDS = {
  done: ["采集完成，模板已封好。", "Done: the templates are sealed."],
  twice: ["这张脸已在另一户录入，未作保留。请联系管理员。", "This face is already enrolled in another home; nothing was kept. Call the administrator."],
  failed: ["没有成功，未作保留。请重新开始。", "It did not succeed; nothing was kept. Start again."],
};
const camera = note("camera-says");
const capture = note("capture-says");
const unit = socket(heard, () => { view = null; draw(); });
const sight = new Sight({
  view: pick("view"), shown: pick("shown"), eye: pick("eye"), send: (blob) => unit.frame(blob), says: camera.says, words: cameraWords,
});

function heard(message) {
  if (message.kind === "view") { view = message; draw(); }
  if (message.kind === "frame") sight.answered(message, message.text);
}

function draw() {
  link(view);
  if (view === null) return;
  pick("label").textContent = view.label || "开门 Kaimen";
  document.title = `${both("前台采集", "Front desk")} · Kaimen`;
  pick("six").hidden = !view.digits;
  pick("six-digits").textContent = view.digits?.six ?? "";
  pick("six-title").textContent = view.digits?.title ?? "";
  drawCapture();
  drawQuestions();
}

function drawCapture() {
  const task = view.capture;
  pick("hint").textContent = [task?.hint, task?.next].filter(Boolean).map((words) => both(...words)).join(" · ");
  pick("enough").hidden = !task || task.photos === 0;
  const few = task && task.photos < task.least;
  pick("enough-zh").textContent = few ? `只有 ${task.photos} 张，仍然结束` : "就用这些照片";
  pick("enough-en").textContent = few ? `Only ${task.photos}: end all the same` : "These are enough";
  const dots = pick("dots");
  dots.hidden = !task;
  dots.replaceChildren(...Array.from({ length: task?.of ?? 0 }, (_, at) => {
    const dot = document.createElement("i");
    if (at < task.photos) dot.className = "done";
    return dot;
  }));
  if (task) {
    dots.setAttribute("aria-label", both(`已拍 ${task.photos} 张，共 ${task.of} 张`, `${task.photos} of ${task.of} pictures taken`));
    capture.says("good", [`正在为 ${task.name}（${task.home}）采集：请看镜头，按提示做。`, `Taking pictures of ${task.name} (${task.home}): look at the camera and do what it says.`]);
  } else {
    capture.says(view.ended === "twice" || view.ended === "failed" ? "bad" : "", view.checking
      ? ["正在核对并封存……", "Being checked and sealed …"]
      : ENDS[view.ended] ?? ["现在没有采集任务。请在前台页面开始。", "Nothing to capture now. Start on the desk's page."]);
  }
}

function drawQuestions() {
  const asked = view.questions ?? [];
  pick("all-confirmed").hidden = asked.length > 0;
  pick("questions").replaceChildren(...asked.map((question) => {
    const item = document.createElement("li");
    const place = document.createElement("b");
    place.textContent = question.place;
    const six = document.createElement("p");
    six.className = "six-digits";
    six.textContent = question.digits;
    const acts = document.createElement("div");
    acts.className = "acts";
    acts.append(
      act(both("一致，确认这扇门", "The same: confirm this door"), "primary", () => unit.say({ do: "confirm", dev: question.dev })),
      act(both("不一致", "They differ"), "", () => unit.say({ do: "put_off", dev: question.dev })),
    );
    item.append(place, six, acts);
    return item;
  }));
}

function act(text, look, done) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = look;
  button.textContent = text;
  button.addEventListener("click", done);
  return button;
}

pick("enough").addEventListener("click", () => unit.say({ do: view.capture.photos < view.capture.least ? "few" : "enough" }));
cameraButton(sight);
camera.says("", cameraWords.off);
languages(() => { camera.draw(); capture.draw(); draw(); });
