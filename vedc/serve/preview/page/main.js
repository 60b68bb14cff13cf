// The page: what is shown, what is asked for, what keys and buttons do.

import { showDetails, showOver, showProblems, worstOf } from "./details.js";
import { byId } from "./dom.js";
import { listen } from "./keys.js";
import { Player } from "./player.js";
import { Timeline } from "./timeline.js";
import { length, rateOf, timecode } from "./times.js";

const SETTLE = 90; // milliseconds that a playhead rests before its picture is asked for
const LOOK = 200; // milliseconds between two messages on where the playhead is
const FASTEST = 8;

const view = {
  spec: "", film: null, problems: [], busy: true, connected: false,
  ready: new Set(), failed: new Set(), working: null, soundReady: false,
  frame: 0, speed: 0, // of playback: 0 stands, below 0 runs backwards
  first: null, last: null, // the marked part: frames, both of which belong to it
  selected: null, problem: -1,
};

const video = byId("video");
const still = byId("still");
const player = new Player(video);
const timeline = new Timeline({ seek: (frame) => seek(frame), select });

// ---------------------------------------------------------------- what the server tells

const news = new EventSource("/events");
const hear = (name, act) => news.addEventListener(name, (event) => act(JSON.parse(event.data)));

news.addEventListener("open", () => { view.connected = true; showStatus(); });
news.addEventListener("error", () => { view.connected = false; showStatus(); });
hear("state", showState);
hear("lost", async () => showState(await (await fetch("/state")).json()));
hear("busy", ({ busy }) => { view.busy = busy; showStatus(); });
hear("working", (told) => { if (isShown(told)) { view.working = told; showSegments(); } });
hear("failed", (told) => { if (isShown(told)) { view.failed.add(told.index); view.working = null; showSegments(); } });
hear("problems", ({ problems }) => { view.problems = problems; showAllProblems(); });
hear("sound", ({ key }) => {
  if (view.film?.sound !== key) return;
  view.soundReady = true;
  reload();
  showStatus();
});
hear("ready", (told) => {
  if (!isShown(told)) return;
  view.ready.add(told.key);
  if (view.working && view.film.segments[view.working.index].key === told.key) view.working = null;
  player.more();
  showSegments();
});

const isShown = (told) => told.revision === view.film?.revision;

function showState(state) {
  const before = view.film;
  Object.assign(view, { spec: state.spec, busy: state.busy, problems: state.problems, film: state.film });
  if (state.film && state.film.revision !== before?.revision) {
    Object.assign(view, { ready: new Set(state.ready), failed: new Set(), working: null, soundReady: state.sound_ready });
    showFilm(before);
  } else if (state.film) {
    view.ready = new Set([...view.ready, ...state.ready]);
    player.ready = view.ready;
    if (state.sound_ready && !view.soundReady) {
      view.soundReady = true;
      reload();
    }
  }
  showHead();
  showAllProblems();
  showSegments();
}

function showFilm(before) {
  const { film } = view;
  const rest = film.frames - 1;
  const moved = before && rateOf(before) !== rateOf(film) ? rateOf(film) / rateOf(before) : 1;
  view.frame = Math.min(Math.round(view.frame * moved), rest);
  if (view.first !== null) view.first = Math.min(view.first, rest);
  if (view.last !== null) view.last = Math.min(view.last, rest);
  byId("frame").style.aspectRatio = `${film.width} / ${film.height}`;
  byId("frame").style.setProperty("--ratio", film.width / film.height);
  timeline.load(film);
  view.selected = view.selected ? (sameThing(view.selected) ?? null) : null;
  showDetails(view.selected, film, select);
  reload();
  showPart();
  showFrame();
  askForStill(0);
}

/** What is selected, in another film: the same thing by its id, if it is of the same kind. */
function sameThing(thing) {
  const found = timeline.thing(thing.id);
  return found?.kind === thing.kind ? found : null;
}

/** Give the player the film as it is now; it goes on where it was. */
function reload() {
  const { film, speed } = view;
  player.load(film, view.ready, view.soundReady, view.frame);
  if (speed > 0) play(speed);
}

// ---------------------------------------------------------------- pictures

let asked = null; // {key, stop} of the picture that was asked for last
let drawn = ""; // which picture `still` shows
let timer = 0;

const stillName = () => `${view.film.revision}/${view.frame}`;

/** Ask for the exact picture under the playhead, once that has come to rest. */
function askForStill(after = SETTLE) {
  clearTimeout(timer);
  timer = setTimeout(getStill, after);
}

async function getStill() {
  if (!view.film || view.speed !== 0) return;
  const name = stillName();
  if (drawn === name) return;
  if (asked?.name === name) return;
  asked?.stop.abort();
  asked = { name, stop: new AbortController() };
  const mine = asked;
  wait(player.covers(view.frame) ? "" : "Drawing this frame");
  try {
    const answer = await fetch(`/still/${name}`, { signal: mine.stop.signal });
    if (answer.status === 422) {
      view.problems = mergeProblems((await answer.json()).problems);
      showAllProblems();
    } else if (answer.ok) {
      await showStill(await answer.blob(), name);
    }
  } catch (error) {
    if (error.name !== "AbortError") view.connected = false;
  } finally {
    if (asked === mine) {
      asked = null;
      wait("");
      if (view.film && view.speed === 0 && stillName() !== name) askForStill();
    }
  }
}

async function showStill(picture, name) {
  const link = URL.createObjectURL(picture);
  const next = new Image();
  next.src = link;
  try {
    await next.decode();
  } finally {
    if (view.speed === 0 && stillName() === name) {
      const before = still.src;
      still.src = link;
      still.hidden = false;
      still.dataset.frame = view.frame;
      still.dataset.revision = view.film.revision;
      drawn = name;
      if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    } else {
      URL.revokeObjectURL(link);
    }
  }
}

/** Problems that drawing one picture found are told beside those of the film. */
function mergeProblems(found) {
  const known = new Set(view.problems.map((problem) => problem.code + problem.message));
  const more = found.filter((problem) => !known.has(problem.code + problem.message));
  return [...view.problems, ...more.map((problem) => ({ items: [], text: null, ...problem }))];
}

function wait(text) {
  byId("waiting").hidden = !text;
  byId("waiting").textContent = text;
}

// ---------------------------------------------------------------- the playhead

let looked = 0;
let lookTimer = 0;

/** Tell the server where the playhead is: it renders from there on. */
function look() {
  if (lookTimer) return;
  lookTimer = setTimeout(() => {
    lookTimer = 0;
    looked = performance.now();
    const body = JSON.stringify({ frame: view.frame });
    fetch("/look", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => {});
  }, Math.max(0, LOOK - (performance.now() - looked)));
}

/** Move the playhead. While it plays on, it plays on from there. */
function seek(frame) {
  if (!view.film) return;
  view.frame = Math.min(Math.max(Math.round(frame), 0), view.film.frames - 1);
  player.seek(view.frame);
  // The video has the frame at once where that is rendered; elsewhere the last picture stays.
  if (view.speed === 0 && drawn !== stillName() && player.covers(view.frame)) hideStill();
  showFrame();
  look();
  if (view.speed === 0) askForStill();
}

function hideStill() {
  still.hidden = true;
  drawn = "";
}

function showFrame({ follow = false } = {}) {
  if (!view.film) return;
  byId("timecode").textContent = timecode(view.frame, view.film);
  byId("timecode").dataset.frame = view.frame;
  timeline.show(view.frame, { follow });
}

// ---------------------------------------------------------------- playing

function play(speed) {
  if (!view.film) return;
  if (player.refused) {
    wait(player.refused);
    return;
  }
  if (speed > 0 && view.frame >= view.film.frames - 1) seek(0);
  view.speed = speed;
  asked?.stop.abort();
  clearTimeout(timer);
  if (speed > 0) {
    video.playbackRate = speed;
    video.play().catch((error) => {
      if (error.name === "NotAllowedError") stop();
    });
  } else {
    video.pause();
  }
  showPlaying();
  last = performance.now();
  cancelAnimationFrame(running);
  running = requestAnimationFrame(run);
}

function stop() {
  const was = view.speed;
  view.speed = 0;
  cancelAnimationFrame(running);
  video.pause();
  wait("");
  showPlaying();
  if (was > 0 && player.film && video.readyState > 0 && !video.seeking) view.frame = Math.max(0, player.frame);
  if (view.film) seek(view.frame);
}

let running = 0;
let last = 0;

/** Follow the video, or walk backwards, which browsers do not play. */
function run(now) {
  const { film, speed } = view;
  if (!film || speed === 0) return;
  if (speed > 0) {
    const stalled = video.readyState < 3 && !player.covers(view.frame);
    wait(stalled ? "Rendering" : "");
    if (!video.seeking && video.readyState >= 2) {
      if (!still.hidden) hideStill();
      view.frame = Math.max(0, player.frame);
    }
    if (view.frame >= film.frames - 1) return stop();
  } else {
    const back = Math.floor(((now - last) / 1000) * rateOf(film) * -speed);
    if (back > 0) {
      last = now;
      view.frame = Math.max(0, view.frame - back);
      if (!video.seeking) player.seek(view.frame);
      if (player.covers(view.frame) && !still.hidden) hideStill();
      if (view.frame === 0) return stop();
    }
  }
  showFrame({ follow: true });
  look();
  running = requestAnimationFrame(run);
}

function showPlaying() {
  const button = document.querySelector('[data-do="toggle"]');
  document.body.classList.toggle("playing", view.speed !== 0);
  button.setAttribute("aria-label", view.speed ? "Pause" : "Play");
  button.title = `${view.speed ? "Pause" : "Play"} (Space)`;
  byId("timecode").dataset.speed = Math.abs(view.speed) > 1 || view.speed < 0 ? `${view.speed}×` : "";
}

// ---------------------------------------------------------------- what is told

function showHead() {
  const { film } = view;
  document.title = `${view.spec} – vedc preview`;
  byId("spec").textContent = view.spec;
  if (!film) return;
  const draft = film.scale < 1 ? `, draft at ${Math.round(film.scale * 100)}%` : "";
  byId("about").textContent = `${film.output} · ${film.width}×${film.height} at ${Number(rateOf(film).toFixed(3))} fps${draft}`;
  byId("length").textContent = length(film.frames, film);
}

function showAllProblems() {
  showProblems(view.problems, goToProblem);
  showOver(view.problems, view.film);
  timeline.film && timeline.mark(view.selected, view.problems);
  showStatus();
}

function showSegments() {
  if (!view.film) return;
  timeline.drawSegments(view);
  showStatus();
}

function showStatus() {
  const { film, ready } = view;
  const keys = new Set(film?.segments.map((segment) => segment.key) ?? []);
  const done = [...keys].filter((key) => ready.has(key)).length;
  const worst = worstOf(view.problems);
  let [kind, text] = ["done", "Up to date"];
  if (!view.connected) [kind, text] = ["off", "Not connected"];
  else if (worst === "error") [kind, text] = ["error", "Errors in the spec"];
  else if (view.busy) [kind, text] = ["busy", film ? "Reading the save" : "Opening the spec"];
  else if (done + view.failed.size < keys.size) [kind, text] = ["busy", "Rendering"];
  else if (film?.sound && !view.soundReady) [kind, text] = ["busy", "Rendering the sound"];
  else if (worst) [kind, text] = ["warning", "Up to date, with warnings"];
  byId("status").dataset.kind = kind;
  if (byId("status-text").textContent !== text) byId("status-text").textContent = text;
  byId("render-note").textContent = film ? `${done} of ${keys.size} segments rendered` : "";
}

function select(thing) {
  view.selected = thing;
  timeline.mark(thing, view.problems);
  showDetails(thing, view.film, (decision) => { select(decision); seek(decision.start); });
}

function goToProblem(problem) {
  const thing = timeline.thing(problem.items[0]);
  if (!thing) return;
  select(thing);
  if (view.frame < thing.start || view.frame >= thing.end) seek(thing.start);
}

// ---------------------------------------------------------------- marks

function showPart() {
  const { film, first, last: end } = view;
  timeline.showPart(first, end);
  byId("part").hidden = first === null && end === null;
  const from = first !== null ? ` --from ${timecode(first, film)}` : "";
  const to = end !== null && end < film.frames - 1 ? ` --to ${timecode(end + 1, film)}` : "";
  byId("command").textContent = `vedc render ${quoted(view.spec)}${from}${to}`;
}

const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function mark(which) {
  if (!view.film) return;
  view[which] = view.frame;
  if (view.first !== null && view.last !== null && view.first > view.last) {
    view[which === "first" ? "last" : "first"] = null;
  }
  showPart();
}

// ---------------------------------------------------------------- what keys and buttons do

const cutAfter = (frame) => timeline.cuts().find((cut) => cut > frame) ?? view.film.frames - 1;
const cutBefore = (frame) => timeline.cuts().findLast((cut) => cut < frame) ?? 0;

const ACTIONS = {
  toggle: () => (view.speed ? stop() : play(1)),
  stop,
  faster: () => play(view.speed > 0 ? Math.min(view.speed * 2, FASTEST) : 1),
  backwards: () => play(view.speed < 0 ? Math.max(view.speed * 2, -FASTEST) : -1),
  back: () => step(-1),
  forward: () => step(1),
  "second-back": () => step(-Math.round(rateOf(view.film))),
  "second-forward": () => step(Math.round(rateOf(view.film))),
  "cut-before": () => seek(cutBefore(view.frame)),
  "cut-after": () => seek(cutAfter(view.frame)),
  home: () => seek(0),
  end: () => seek(view.film.frames - 1),
  "mark-in": () => mark("first"),
  "mark-out": () => mark("last"),
  clear: () => { view.first = view.last = null; showPart(); },
  copy: () => navigator.clipboard?.writeText(byId("command").textContent),
  "next-problem": nextProblem,
  mute: () => {
    video.muted = !video.muted;
    document.querySelector('[data-do="mute"]').setAttribute("aria-pressed", video.muted);
  },
  "zoom-in": () => zoom(timeline.zoom * 1.5),
  "zoom-out": () => zoom(timeline.zoom / 1.5),
  "zoom-fit": () => zoom(1),
  unselect: () => select(null),
  help: () => byId("help").showModal(),
};

function step(frames) {
  if (view.speed) stop();
  seek(view.frame + frames);
}

function nextProblem() {
  const known = view.problems.filter((problem) => problem.items.length);
  if (!known.length) return;
  view.problem = (view.problem + 1) % known.length;
  goToProblem(known[view.problem]);
}

function zoom(by) {
  timeline.setZoom(by, view.frame);
  timeline.show(view.frame);
  showPart();
}

function act(name) {
  if (view.film || name === "help") ACTIONS[name]();
}

listen(act);
byId("help-button").addEventListener("click", () => act("help"));
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("mousedown", (event) => event.preventDefault()); // keys stay where they were
  button.addEventListener("click", () => act(button.dataset.do));
}
new ResizeObserver(() => {
  if (!view.film) return;
  timeline.show(view.frame);
  timeline.showPart(view.first, view.last);
}).observe(byId("scroll"));

// The token has done its work: the cookie lets the page in from now on.
history.replaceState(null, "", "/");
