// On pages where something is done: keys of the pad, going back when nobody is there, answers to other people's presses.
"use strict";

const HELD_MS = 4000;
const ASK_MS = 400;
const RETRY_MS = 1000;
const SETTLE_MS = 500;

const el = (id) => document.getElementById(id);
const body = document.body;
document.documentElement.classList.add("js");

// Nobody there: the main screen comes back.
const idleMs = Number(body.dataset.idleS) * 1000;
let idle = 0;
function stir() {
  clearTimeout(idle);
  if (idleMs) idle = setTimeout(() => location.replace("/kiosk"), idleMs);
}
for (const sign of ["pointerdown", "keydown", "input", "wheel"]) addEventListener(sign, stir, { passive: true });
stir();

// A page that waits for something asks whether it came.
const watch = body.dataset.watch;
const meanwhile = (body.dataset.while || "").split(" ");
async function ask() {
  try {
    const state = await (await fetch(watch, { signal: AbortSignal.timeout(2000) })).json();
    if (!meanwhile.includes(state.state)) return location.reload();
    if (state.words) follow(state);
  } catch {} // the next question comes by itself
  setTimeout(ask, ASK_MS);
}
function follow(state) {
  if (el("words").textContent !== state.words) el("words").textContent = state.words;
  const presses = el("presses");
  while (presses.children.length < state.of) presses.append(document.createElement("i"));
  [...presses.children].forEach((dot, n) => dot.classList.toggle("in", n < state.pressed));
}
if (watch) setTimeout(ask, ASK_MS);

// The clock, and the seconds in which a press still counts.
const wall = { ms: Number(el("clock").dataset.wallMs), since: performance.now() };
const until = el("left") ? performance.now() + Number(el("left").textContent) * 1000 : 0;
setInterval(() => {
  el("clock").textContent = new Date(wall.ms + performance.now() - wall.since).toISOString().slice(11, 16);
  if (until) el("left").textContent = String(Math.max(0, Math.ceil((until - performance.now()) / 1000)));
}, 250);

// The pad: keys fill the hidden field, so that a keyboard works as well.
const code = el("code");
if (code) {
  const longest = Number(code.dataset.longest);
  const before = Number(code.dataset.typed);
  const draw = () => {
    code.value = code.value.replace(/\D/g, "").slice(0, longest - before);
    el("dots").textContent = "●".repeat(before + code.value.length) + "○".repeat(longest - before - code.value.length);
  };
  code.addEventListener("input", draw);
  code.form.addEventListener("submit", (event) => {
    const key = event.submitter && event.submitter.name === "key" ? event.submitter.value : "";
    if (!key || (key === "back" && !code.value && before)) return;
    event.preventDefault();
    code.value = key === "back" ? code.value.slice(0, -1) : code.value + key;
    draw();
    code.focus();
  });
  code.form.addEventListener("pointerdown", () => setTimeout(() => code.focus()));
  code.focus();
}

// Digits for a time of day.
for (const field of document.querySelectorAll("[data-clock]")) {
  field.addEventListener("focus", () => digitsFor(field));
  field.addEventListener("input", () => tidy(field));
}
function tidy(field) {
  const digits = field.value.replace(/\D/g, "").slice(0, 4);
  field.value = digits.length > 2 ? digits.slice(0, 2) + ":" + digits.slice(2) : digits;
}
function digitsFor(field) {
  el("digits")?.remove();
  const row = document.createElement("div");
  row.id = "digits";
  for (const key of [..."1234567890", "⌫", "✓"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = key === "✓" ? "button main" : "button";
    button.textContent = key;
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (key === "✓") return row.remove();
      field.value = key === "⌫" ? field.value.replace(/:?\d$/, "") : field.value + key;
      tidy(field);
    });
    row.append(button);
  }
  document.body.append(row);
  field.addEventListener("blur", () => row.remove(), { once: true });
  field.scrollIntoView({ block: "center" });
}

// Somebody's press while this page is open: its answer stands over the page as long as on the main screen.
// A tag leads on to its page, but never away from what is filled in and not saved.
let seen = body.dataset.seen;
let unsaved = "unsaved" in body.dataset;
for (const form of document.querySelectorAll("form[data-keep]")) form.addEventListener("input", () => (unsaved = true));
let overlaid = 0;
function answer(frame) {
  const fresh = frame.result && frame.result.key !== seen;
  seen = frame.result ? frame.result.key : "";
  if (!fresh || !frame.held_ms) return;
  if (frame.result.leads && !unsaved) return location.assign(frame.result.leads);
  overlay(frame); // a page that waited for this very press moves on as soon as it has asked
}
function overlay(frame) {
  const over = el("overlay");
  over.dataset.tone = frame.result.tone;
  over.querySelector("use").setAttribute("href", "#icon-" + frame.result.tone);
  for (const line of ["name", "verdict", "note", "also"]) {
    const words = over.querySelector("." + line);
    words.textContent = frame.result[line];
    words.toggleAttribute("data-long", /^(name|verdict)$/.test(line) && frame.result[line].length > 9);
  }
  over.hidden = false;
  const sound = el(frame.result.tone === "red" ? "long" : "short");
  sound.currentTime = 0;
  sound.play()?.catch(() => {});
  clearTimeout(overlaid);
  overlaid = setTimeout(() => (over.hidden = true), frame.held_ms || HELD_MS);
}
el("overlay").addEventListener("click", () => (el("overlay").hidden = true));
function listen() {
  const source = new EventSource("/kiosk/live");
  source.addEventListener("frame", (event) => answer(JSON.parse(event.data)));
  source.onerror = () => (source.close(), setTimeout(listen, RETRY_MS));
}
setTimeout(listen, SETTLE_MS); // a page that is passed through at once takes no stream; its first frame misses nothing
