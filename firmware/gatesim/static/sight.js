// The browser's camera, or one picture, as JPEG frames for the door: at most one on its way, about ten a second.

const SPACING_MS = 100;
const WAIT_MS = 2000; // a frame nobody answered is given up after this long
const LIMIT = 1024 * 1024;

export class Sight {
  constructor({ view, shown, eye, send, says, words }) {
    Object.assign(this, { view, shown, eye, send, says, words });
    this.stream = null;
    this.still = null;
    this.waitingSince = 0;
    this.timer = null;
  }

  get running() { return this.stream !== null; }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) { this.says("bad", this.words.noCamera); return false; }
    this.says("", this.words.asking);
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, facingMode: "user" }, audio: false });
    } catch (wrong) {
      this.says("bad", wrong.name === "NotAllowedError" ? this.words.denied : this.words.noCamera);
      return false;
    }
    this.still = null;
    this.stream.getVideoTracks()[0].addEventListener("ended", () => { this.stop(); this.says("bad", this.words.ended); });
    this.view.srcObject = this.stream;
    this.view.hidden = false;
    this.shown.hidden = true;
    this.eye.classList.add("seeing");
    await this.view.play();
    this.says("good", this.words.running);
    this.begin();
    return true;
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.still = null;
    this.view.srcObject = null;
    this.view.hidden = this.shown.hidden = true;
    this.eye.classList.remove("seeing");
    clearInterval(this.timer);
    this.says("", this.words.off);
  }

  // One picture held before the camera for three seconds.
  async show(file) {
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      this.says("bad", this.words.notAPicture);
      return;
    }
    if (this.running) this.stop();
    const room = this.shown.getContext("2d");
    const scale = Math.min(640 / picture.width, 480 / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    room.fillStyle = "#5a5a5a";
    room.fillRect(0, 0, 640, 480);
    room.drawImage(picture, (640 - width) / 2, (480 - height) / 2, width, height);
    this.shown.hidden = false;
    this.eye.classList.add("seeing");
    this.still = performance.now() + 3000;
    this.says("good", this.words.showing);
    this.begin();
  }

  begin() {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.frame(), SPACING_MS);
  }

  frame() {
    const now = performance.now();
    if (this.still !== null && now > this.still) { this.stop(); return; }
    if (document.hidden && !this.still) return;
    if (this.waitingSince && now - this.waitingSince < WAIT_MS) return;
    if (this.running) {
      if (!this.view.videoWidth) return;
      this.shown.getContext("2d").drawImage(this.view, 0, 0, 640, 480);
    }
    this.waitingSince = now;
    this.shown.toBlob((blob) => {
      if (!blob || blob.size > LIMIT || !this.send(blob)) this.waitingSince = 0;
    }, "image/jpeg", 0.85);
  }

  // The door has taken the frame, or says why it cannot.
  answered(answer, told) {
    this.waitingSince = 0;
    if (!answer.ok) this.says("bad", told);
  }
}
