// Keeps the screen alive: paints each frame the station sends, runs its clock, says so when it hears nothing.
"use strict";

const SILENCE_MS = 2000; // the station beats each second
const RETRY_MS = 1000;
const POLL_PATIENCE_MS = 2000;

const el = (id) => document.getElementById(id);
const stage = el("stage");
const faces = { rest: null, lost: JSON.parse(document.body.dataset.lost) };
let upKey = stage.dataset.key; // the result this page has already shown and sounded
let holding = 0; // timer of the result that is up; 0: none
let wall = { ms: Number(el("clock").dataset.wallMs), since: performance.now() };
let source = null;
let silence = 0;

function put(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

function paint(face) {
  stage.dataset.tone = face.tone;
  el("icon").firstElementChild.setAttribute("href", "#icon-" + (face.tone === "down" ? "amber" : face.tone));
  for (const line of ["name", "verdict"]) {
    el(line).dataset.fit = face[line + "_fit"];
    put(el(line), face[line]);
  }
  for (const line of ["note", "also"]) put(el(line), face[line]);
}

function rest() {
  clearTimeout(holding);
  holding = 0;
  const face = document.body.dataset.link === "lost" ? faces.lost : faces.rest;
  if (face) paint(face);
}

function hold(ms) {
  clearTimeout(holding);
  holding = setTimeout(rest, ms);
}

function beep(tone) {
  const sound = el(tone === "red" ? "long" : "short");
  sound.currentTime = 0;
  sound.play()?.catch(() => {}); // a screen without a voice is still a good screen
}

function paintLight(id, light) {
  el(id).dataset.well = light.well ? "yes" : "no";
  el(id).querySelector("use").setAttribute("href", light.well ? "#icon-green" : "#icon-amber");
  put(el(id).querySelector("span"), light.words);
}

function paintEdges(frame) {
  paintLight("reader", frame.reader);
  paintLight("sync", frame.sync);
  for (const id of ["station", "due", "patrol", "arrived"]) put(el(id), frame[id]);
  document.body.dataset.signing = frame.signing ? "yes" : "no";
  el("demo").hidden = !frame.demo;
  el("alarm").hidden = !frame.alarm;
  put(el("alarm").querySelector("span"), frame.alarm);
}

function take(frame) {
  if (frame.page !== document.body.dataset.page) return location.reload();
  faces.rest = frame.rest;
  setClock(frame.time);
  paintEdges(frame);
  const fresh = frame.result && frame.result.key !== upKey;
  upKey = frame.result ? frame.result.key : "";
  if (fresh && frame.result.leads && frame.touch && frame.held_ms > 0) return location.assign(frame.result.leads);
  if (fresh && frame.held_ms > 0) {
    paint(frame.result);
    hold(frame.held_ms);
    beep(frame.result.tone);
  } else if (!holding) rest();
}

function setClock(time) {
  wall = { ms: time.wall_ms, since: performance.now() };
  put(el("date"), time.date);
  tick();
}

function tick() {
  put(el("clock"), new Date(wall.ms + performance.now() - wall.since).toISOString().slice(11, 19));
}

function heard() {
  clearTimeout(silence);
  silence = setTimeout(missed, SILENCE_MS);
  setLink("live");
}

function setLink(link) {
  if (document.body.dataset.link === link) return;
  document.body.dataset.link = link;
  if (!holding) rest();
}

// A stream that stands open in silence: the station hangs, and waiting for it to say so would take too long.
function missed() {
  setLink("lost");
  again();
}

function again() {
  clearTimeout(silence);
  source.close();
  poll().finally(() => setTimeout(listen, RETRY_MS));
}

// Where all streams are taken the picture still comes, a second late at most.
async function poll() {
  try {
    const answer = await fetch("/kiosk/frame", { signal: AbortSignal.timeout(POLL_PATIENCE_MS) });
    if (answer.status === 403) return location.reload(); // the refusal says what to do
    take(await answer.json());
    setLink("live");
  } catch {
    setLink("lost"); // the next try comes by itself
  }
}

function listen() {
  source = new EventSource("/kiosk/live");
  source.addEventListener("frame", (event) => (heard(), take(JSON.parse(event.data))));
  source.addEventListener("beat", (event) => (heard(), setClock(JSON.parse(event.data))));
  source.onerror = again;
  silence = setTimeout(missed, SILENCE_MS);
}

if (Number(stage.dataset.heldMs) > 0) hold(Number(stage.dataset.heldMs));
setInterval(tick, 200);
listen();
