// What a page can do beyond plain HTML: live parts, honest buttons, copy and share. Everything but calls works without it.

const said = document.getElementById("said");
const say = (text) => { if (said) said.textContent = text; };
const words = document.body.dataset;

// --- live parts -------------------------------------------------------------------------------------------------
// The host sends {"changed": ["calls", ...]}: names of parts. A part is any element with data-live="name ...". The page
// is fetched again and those elements are replaced, so that what is shown is always what the host would show anew.

let wanted = new Set();
let waiting = null;
let refreshing = false;

function partsOf(root) { return [...root.querySelectorAll("[data-live]")]; }

function busyWith(part) {
  const active = document.activeElement;
  return part.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName);
}

async function refresh() {
  waiting = null;
  if (refreshing) { later(); return; }
  refreshing = true;
  const names = wanted;
  wanted = new Set();
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, redirect: "follow" });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) { location.href = answer.url; return; }
    if (!answer.ok) return;
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"), names);
  } catch { names.forEach((name) => wanted.add(name)); } finally { refreshing = false; }
}

function swap(fresh, names) {
  const shown = partsOf(document);
  const found = partsOf(fresh);
  shown.forEach((part, index) => {
    const next = found[index];
    const concerned = part.dataset.live.split(" ").some((name) => names.has(name) || names.has("*"));
    if (!next || !concerned || busyWith(part) || part.innerHTML === next.innerHTML) return;
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = next.innerHTML;
    part.querySelectorAll("details").forEach((one, at) => { if (open[at]) one.open = true; });
    if (focused) document.getElementById(focused)?.focus();
    const told = part.dataset.said && part.querySelector("[data-say]")?.textContent;
    if (told) say(told); // a part that says nothing leaves what another has just said
  });
}

function later(names = []) {
  names.forEach((name) => wanted.add(name));
  if (waiting === null) waiting = setTimeout(refresh, 80);
}

// Whoever looks at a page that no longer hears the host is told so, in the place where notices stand.
function away(lost) {
  document.getElementById("away")?.remove();
  if (!lost) return;
  const note = document.createElement("p");
  note.id = "away";
  note.className = "note wait no-print";
  note.textContent = words.lost;
  document.getElementById("said")?.after(note);
}

function connect(pause = 500, again = false) {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live");
  let lived = false;
  socket.onopen = () => {
    lived = true;
    document.body.classList.add("live-on");
    away(false);
    if (again) later(["*"]); // what happened while nobody listened
  };
  socket.onmessage = (event) => {
    const told = JSON.parse(event.data);
    if (told.changed) later(told.changed);
  };
  socket.onclose = (event) => {
    document.body.classList.remove("live-on");
    if (event.code === 4401) { location.reload(); return; }
    if (lived) { say(words.lost); away(true); }
    setTimeout(() => connect(lived ? 500 : Math.min(pause * 2, 5000), true), lived ? 500 : pause);
    if (lived) later(["*"]); // a session that is over leads to the sign-in page
  };
  addEventListener("pagehide", () => socket.close(), { once: true });
}

if ("livePage" in words && partsOf(document).length) connect();

// --- buttons: one press is one act, and a live act answers in place ---------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  const button = event.submitter ?? form.querySelector("button");
  if (button?.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
  button?.setAttribute("aria-busy", "true");
  say(words.busy);
  if (button && "file" in button.dataset) setTimeout(() => button.removeAttribute("aria-busy"), 3000); // the page stays
  if (!form.dataset.inPlace) return;
  event.preventDefault();
  await answerInPlace(form, button);
});

async function answerInPlace(form, button) {
  const target = document.getElementById(form.dataset.inPlace) ?? said;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Live": "1" } });
    if (answer.status === 401) { location.reload(); return; } // signed out: the page itself asks to sign in
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const result = fresh.querySelector("[data-result]") ?? fresh.querySelector(".note");
    if (!result) { location.reload(); return; }
    target.replaceChildren(document.importNode(result, true));
    if (!target.closest("[aria-live]")) say(result.textContent.trim()); // a live place is read by itself, and once
  } catch {
    const note = document.createElement("p");
    note.className = "note bad";
    note.textContent = words.lost;
    target.replaceChildren(note);
  } finally { button?.removeAttribute("aria-busy"); }
}

addEventListener("pageshow", () => document.querySelectorAll("[aria-busy=true]").forEach((one) => one.removeAttribute("aria-busy")));

// --- copy, share, print -----------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-share], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) { print(); return; }
  const text = button.dataset.share ?? button.dataset.copy;
  if ("share" in button.dataset && navigator.share) {
    await navigator.share({ text }).catch(() => {});
    return;
  }
  await copy(text);
  const word = button.querySelector("[data-word]") ?? button;
  const before = word.textContent;
  word.textContent = words.copied;
  say(words.copied);
  setTimeout(() => { word.textContent = before; }, 1500);
});

async function copy(text) {
  if (navigator.clipboard) { await navigator.clipboard.writeText(text); return; }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;

// --- "/" goes to the search --------------------------------------------------------------------------------------

addEventListener("keydown", (event) => {
  if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")) return;
  const field = document.querySelector("input[type=search]");
  if (field) { event.preventDefault(); field.focus(); }
});

// --- the other language keeps what is typed ------------------------------------------------------------------------
// It lies in this tab until the page is there again, and is gone then. Passwords, files and hidden fields are left out.

const TYPED = "typed";
const typedIn = (form) => [...form.elements].filter((one) => one.name && !/^(hidden|password|file|submit|button)$/.test(one.type));
const postForms = () => [...document.querySelectorAll('main form[method="post"]')];

function keepTyped() {
  const kept = postForms().map((form) => ({
    to: form.getAttribute("action"),
    fields: typedIn(form).map((one) => [one.name, one.value, one.checked === true]),
  })).filter((form) => form.fields.length);
  try { sessionStorage.setItem(TYPED, JSON.stringify(kept)); } catch { /* a browser that keeps nothing */ }
}

function putBack() {
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(TYPED) ?? "null"); sessionStorage.removeItem(TYPED); } catch { return; }
  for (const form of postForms()) {
    const at = (kept ?? []).findIndex((one) => one.to === form.getAttribute("action"));
    if (at < 0) continue;
    const [{ fields }] = kept.splice(at, 1);
    for (const one of typedIn(form)) {
      const ticked = one.type === "checkbox" || one.type === "radio";
      const held = fields.findIndex(([name, value]) => name === one.name && (!ticked || value === one.value));
      if (held < 0) continue;
      const [[, value, checked]] = fields.splice(held, 1);
      if (ticked) one.checked = checked;
      else if (one.tagName !== "SELECT" || [...one.options].some((choice) => choice.value === value)) one.value = value;
      if (value && !ticked && one.value !== one.defaultValue) one.closest("details")?.setAttribute("open", "");
    }
  }
}

document.querySelector(".bar a[hreflang]")?.addEventListener("click", (event) => {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) keepTyped(); // a new tab leaves this one as it is
});
putBack();

// --- fields that belong to one choice --------------------------------------------------------------------------------
// data-only="field=value,value field=value": shown while each named choice has one of its values. Without this script
// all are shown, and the host asks only for those that count.

const dependent = [...document.querySelectorAll("[data-only]")];

function settle() {
  for (const part of dependent) {
    const fits = part.dataset.only.split(" ").every((one) => {
      const [name, values] = one.split("=");
      const chosen = document.querySelector(`input[name="${name}"]:checked`)?.value ?? "";
      return values.split(",").includes(chosen);
    });
    part.toggleAttribute("data-only-hidden", !fits);
  }
}
if (dependent.length) { settle(); document.addEventListener("change", settle); }

// --- the soft timer of a call ----------------------------------------------------------------------------------------

const timer = document.querySelector("[data-timer]");
if (timer) {
  const began = Date.now(), length = document.querySelector('input[name="field-seconds"]');
  timer.hidden = false;
  setInterval(() => {
    const seconds = Math.floor((Date.now() - began) / 1000), over = seconds >= Number(timer.dataset.timer);
    timer.querySelector("[data-time]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (over && !timer.classList.contains("over")) { timer.classList.add("over"); timer.querySelector("[data-said]").textContent = timer.dataset.over; }
    if (length && document.activeElement !== length) length.value = String(seconds);
  }, 1000);
}

// --- a kiosk forgets who stood before it ---------------------------------------------------------------------------

const idle = document.querySelector("[data-idle]");
if (idle) {
  let left = null;
  const again = () => { clearTimeout(left); left = setTimeout(() => { location.replace(idle.dataset.idle); }, 60000); };
  for (const sign of ["pointerdown", "keydown", "input"]) addEventListener(sign, again);
  again();
}

// --- a text read aloud, for whoever reads with difficulty: in the page's language, by the device's own voice ------------

for (const button of "speechSynthesis" in window ? document.querySelectorAll("[data-aloud]") : []) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const busy = speechSynthesis.speaking;
    speechSynthesis.cancel();
    if (busy) return;
    const told = new SpeechSynthesisUtterance(document.getElementById(button.dataset.aloud).innerText);
    told.lang = document.documentElement.lang;
    speechSynthesis.speak(told);
  });
}
