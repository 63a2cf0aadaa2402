// The desk that answers at any hour: asks whether something is new, shows it, and rings once
// somebody has turned sound on. Without this the page is a list that is looked at again by hand.
"use strict";

const EVERY = 15_000; // ms between two questions
const desk = document.querySelector("[data-pulse]");
const gone = document.getElementById("gone");
const button = document.getElementById("sound");
let shown = JSON.parse(document.getElementById("pulse").textContent);
let sound = null; // a browser lets a page ring only after somebody has pressed something

// Three rising tones: heard through a wall, and like nothing else a telephone does.
function ring() {
  if (!sound) return;
  [660, 880, 1100].forEach((pitch, n) => {
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    const at = sound.currentTime + n * 0.45;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.6, at + 0.03);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
    tone.connect(loud).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.42);
  });
}

button.hidden = false;
button.addEventListener("click", () => {
  if (sound) {
    sound.close();
    sound = null;
  } else {
    sound = new AudioContext();
    ring(); // so that one knows how it sounds, and how loud
  }
  button.setAttribute("aria-pressed", String(Boolean(sound)));
  button.textContent = sound ? button.dataset.on : button.dataset.off;
});

// The page stays, since a new one would be silent: only what it lists is put in its place.
async function renew() {
  const answer = await fetch(location.href, { redirect: "error" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelectorAll("[data-pulse] > section");
  if (!answer.ok || !now.length) throw new Error("no desk");
  for (const old of desk.querySelectorAll(":scope > section")) old.remove();
  const foot = desk.querySelector(":scope > p.quiet");
  for (const part of now) desk.insertBefore(document.adoptNode(part), foot);
  foot.replaceWith(document.adoptNode(page.querySelector("[data-pulse] > p.quiet")));
}

async function ask() {
  try {
    const answer = await fetch(desk.dataset.pulse, { redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.json();
    const fresh = now.rings.some((each) => !shown.rings.includes(each));
    if (now.state.join() !== shown.state.join()) await renew();
    shown = now;
    if (fresh) ring();
    gone.hidden = true;
  } catch {
    if (gone.hidden) ring();
    gone.textContent = desk.dataset.gone;
    gone.hidden = false;
  }
}

setInterval(ask, EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
