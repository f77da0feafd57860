import { both, languages, note, pick } from "/static/page.js";

const AGAIN_MS = 1500;
let now = null;
let asked = false;
let wrong = "";
const says = note("host-says");

async function look() {
  try {
    now = await (await fetch("/now")).json();
  } catch {
    now = null;
  }
  draw();
}

function draw() {
  const chip = pick("link");
  const button = pick("host");
  chip.className = now?.host ? "chip good" : "chip bad";
  chip.textContent = now === null ? both("演示已结束", "The demo has ended") : now.host ? both("✓ 主机在运行", "✓ The host runs") : both("◦ 主机已停", "◦ The host is stopped");
  button.disabled = now === null || asked;
  button.textContent = now?.host === false ? both("启动主机", "Start the host") : both("停掉主机", "Stop the host");
  if (wrong) says.says("bad", [`没有成功：${wrong}`, `That failed: ${wrong}`]);
  else if (asked) says.says("", ["请稍候……", "One moment …"]);
  else if (now?.host === false) says.says("bad", ["主机已停。去门前试试：刷脸和密码照样开门。", "The host is stopped. Try the doors: face and code still open."]);
  else if (now) says.says("good", ["主机在运行。", "The host is running."]);
  else says.says("bad", ["演示已结束，请在终端重新启动。", "The demo has ended: start it again in the terminal."]);
  if (now === null) return;
  for (const [id, address] of Object.entries(now.links)) pick(id).href = address;
  for (const place of document.querySelectorAll(".home")) place.textContent = now.home;
}

pick("host").addEventListener("click", async () => {
  asked = true;
  wrong = "";
  draw();
  try {
    const answer = await fetch(`/host/${now.host ? "stop" : "start"}`, { method: "POST", headers: { "X-Demo": "1" } });
    if (!answer.ok) wrong = await answer.text();
  } catch (error) {
    wrong = error.message;
  }
  asked = false;
  await look();
});

languages(() => { says.draw(); draw(); });
setInterval(look, AGAIN_MS);
look();
