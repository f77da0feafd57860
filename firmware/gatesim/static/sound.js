// The door's sounds (gatecore.feedback.SOUND), made of plain tones: [Hz, start s, length s].

const TUNES = {
  click: [[1400, 0, 0.03]],
  rising: [[523, 0, 0.12], [659, 0.13, 0.12], [784, 0.26, 0.2]],
  low: [[196, 0, 0.22], [165, 0.26, 0.3]],
  ring: [[440, 0, 0.4], [480, 0, 0.4], [440, 0.8, 0.4], [480, 0.8, 0.4]],
  siren: [[880, 0, 0.3], [660, 0.3, 0.3], [880, 0.6, 0.3], [660, 0.9, 0.3]],
};
let context = null;

export function play(name) {
  const tune = TUNES[name];
  if (!tune) return;
  context ??= new AudioContext();
  const now = context.currentTime + 0.01;
  for (const [pitch, start, length] of tune) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, now + start);
    loudness.gain.linearRampToValueAtTime(0.12, now + start + 0.01);
    loudness.gain.linearRampToValueAtTime(0, now + start + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(now + start);
    tone.stop(now + start + length);
  }
}
