// Tracks, items, joins, captions, sound and decisions over time.

import { byId, make, put } from "./dom.js";
import { length, rulerStep, timecode } from "./times.js";

const MOST = 256; // times the width of the window
const WIDEST = 80; // pixels of a frame
// The lanes of decisions: those of one lane do not lie over another, but for joins.
const DECIDED = [["cuts", ["clip", "transition"]], ["grades", ["grade"]], ["crops", ["reframe"]]];
const ROOM = 92; // pixels from label to label on the ruler

export class Timeline {
  /** `seek(frame)` and `select(thing)` are called for clicks. */
  constructor({ seek, select }) {
    this.onSeek = seek;
    this.onSelect = select;
    this.film = null;
    this.zoom = 1;
    this.scroll = byId("scroll");
    this.content = byId("content");
    this.ruler = byId("ruler");
    this.lanes = byId("lanes");
    this.things = new Map(); // by id: {thing, button}
    this.content.addEventListener("pointerdown", (event) => this.grab(event));
    this.scroll.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.setZoom(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8), this.frameAt(event.clientX));
      },
      { passive: false },
    );
    new ResizeObserver(() => this.drawRuler()).observe(this.scroll);
  }

  /** Show another film. */
  load(film) {
    this.film = film;
    this.things.clear();
    const lanes = [];
    for (const [name, kinds] of DECIDED) {
      const found = film.decisions.filter((each) => kinds.includes(each.kind));
      if (found.length) lanes.push(this.lane(name, found, [], "decided"));
    }
    if (film.captions.length) {
      const cues = film.captions.map((cue, n) => ({ ...cue, id: `caption-${n}`, kind: "caption", facts: [["caption", cue.label]], place: null }));
      lanes.push(this.lane("captions", cues, []));
    }
    for (const track of film.tracks) lanes.push(this.lane(track.id, track.items, track.joins));
    for (const row of rows(film.audio)) lanes.push(this.lane("audio", row, []));
    this.lanes.replaceChildren(...lanes);
    this.ruler.setAttribute("aria-valuemax", film.frames - 1);
    this.drawRuler();
  }

  lane(name, items, joins, kind = "") {
    const row = make("div", "row", { role: "group", "aria-label": name });
    for (const item of items) {
      const button = row.appendChild(this.button(item, kind || "item"));
      const join = joins.find((each) => each.start <= item.start && item.start < each.end);
      if (join) button.querySelector(".label").style.marginLeft = `${(100 * (join.end - item.start)) / (item.end - item.start)}%`;
    }
    for (const join of joins) row.append(this.button(join, "join"));
    return make("div", `lane ${kind}`, {}, make("span", "name", { title: name }, name), row);
  }

  button(thing, kind) {
    const from = timecode(thing.start, this.film);
    const label = `${thing.kind} ${thing.label}, from ${from}, ${length(thing.end - thing.start, this.film)}`;
    const button = make("button", kind, { type: "button", "data-id": thing.id, "data-kind": thing.kind, title: label, "aria-label": label, tabindex: "-1" });
    button.append(make("span", "label", {}, thing.label), make("span", "flag", { "aria-hidden": "true" }));
    put(button, thing.start / this.film.frames, (thing.end - thing.start) / this.film.frames);
    button.addEventListener("click", (event) => {
      if (event.detail === 0) this.onSelect(thing); // by a key: those of the pointer are grabbed
    });
    this.things.set(thing.id, { thing, button });
    return button;
  }

  thing(id) {
    return this.things.get(id)?.thing;
  }

  /** Mark what is selected, what is wrong, and make one thing reachable by Tab. */
  mark(selected, problems) {
    const worst = new Map();
    for (const problem of problems) {
      for (const id of problem.items) {
        if (worst.get(id) !== "error") worst.set(id, problem.severity);
      }
    }
    let first = true;
    for (const [id, { button }] of this.things) {
      const chosen = selected ? id === selected.id : first;
      button.tabIndex = chosen ? 0 : -1;
      first = false;
      button.toggleAttribute("data-selected", id === selected?.id);
      if (id === selected?.id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (worst.has(id)) button.dataset.problem = worst.get(id);
      else delete button.dataset.problem;
    }
    for (const tick of this.ruler.querySelectorAll(".trouble")) tick.remove();
    for (const [id, severity] of worst) {
      const thing = this.thing(id);
      if (thing) this.ruler.append(put(make("i", "trouble", { "data-severity": severity }), thing.start / this.film.frames));
    }
  }

  /** Show which segments are rendered. */
  drawSegments({ ready, working, failed }) {
    const bars = this.film.segments.map((segment, index) => {
      const state = ready.has(segment.key) ? "ready" : failed.has(index) ? "failed" : working?.index === index ? "working" : "waiting";
      const bar = put(make("i", "segment", { "data-state": state, "data-key": segment.key }), segment.start / this.film.frames, (segment.end - segment.start) / this.film.frames);
      if (state === "working") bar.style.setProperty("--share", `${Math.round(working.share * 100)}%`);
      return bar;
    });
    const strip = this.ruler.querySelector(".segments") ?? this.ruler.appendChild(make("div", "segments"));
    strip.replaceChildren(...bars);
  }

  drawRuler() {
    if (!this.film) return;
    const width = this.ruler.clientWidth;
    const step = rulerStep(this.film, width / this.film.frames, ROOM);
    for (const old of this.ruler.querySelectorAll(".tick, .marker")) old.remove();
    const made = [];
    for (let frame = 0; frame < this.film.frames; frame += step) {
      made.push(put(make("span", "tick", {}, timecode(frame, this.film)), frame / this.film.frames));
    }
    for (const { frame, name } of this.film.markers) {
      made.push(put(make("span", "marker", { title: `marker ${name}` }, name), frame / this.film.frames));
    }
    this.ruler.prepend(...made);
  }

  /** Put the playhead. `follow`: keep it in view. */
  show(frame, { follow = false } = {}) {
    const share = (frame + 0.5) / this.film.frames;
    const left = this.ruler.offsetLeft + share * this.ruler.clientWidth;
    byId("playhead").style.transform = `translateX(${left}px)`;
    this.ruler.setAttribute("aria-valuenow", frame);
    this.ruler.setAttribute("aria-valuetext", timecode(frame, this.film));
    if (!follow || this.zoom === 1) return;
    const [from, to] = [this.scroll.scrollLeft + this.ruler.offsetLeft, this.scroll.scrollLeft + this.scroll.clientWidth];
    if (left < from || left > to - 24) this.scroll.scrollLeft = left - this.ruler.offsetLeft - 40;
  }

  /** Show the marks of beginning and end; the end is the last frame that belongs. */
  showPart(first, last) {
    const range = byId("range");
    range.hidden = first === null && last === null;
    const [from, to] = [first ?? 0, (last ?? this.film.frames - 1) + 1];
    range.style.left = `${this.ruler.offsetLeft + (from / this.film.frames) * this.ruler.clientWidth}px`;
    range.style.width = `${(Math.max(to - from, 0) / this.film.frames) * this.ruler.clientWidth}px`;
  }

  setZoom(zoom, around) {
    const most = Math.max(1, Math.min(MOST, (this.film.frames * WIDEST) / this.scroll.clientWidth));
    this.zoom = Math.min(Math.max(zoom, 1), most);
    const before = this.ruler.offsetLeft + (around / this.film.frames) * this.ruler.clientWidth - this.scroll.scrollLeft;
    this.content.style.setProperty("--zoom", this.zoom);
    this.drawRuler();
    const after = this.ruler.offsetLeft + (around / this.film.frames) * this.ruler.clientWidth;
    this.scroll.scrollLeft = after - before;
  }

  frameAt(x) {
    const box = this.ruler.getBoundingClientRect();
    const frame = Math.floor(((x - box.left) / box.width) * this.film.frames);
    return Math.min(Math.max(frame, 0), this.film.frames - 1);
  }

  /** A press seeks, and a drag scrubs; on a thing it selects that, too. */
  grab(event) {
    if (!this.film || event.button !== 0 || event.target.closest(".name")) return;
    const button = event.target.closest("[data-id]");
    event.preventDefault();
    if (button) {
      this.onSelect(this.thing(button.dataset.id));
      button.focus({ preventScroll: true });
    }
    this.onSeek(this.frameAt(event.clientX));
    const move = (moved) => this.onSeek(this.frameAt(moved.clientX));
    const end = () => {
      this.content.removeEventListener("pointermove", move);
      this.content.classList.remove("scrubbing");
    };
    this.content.setPointerCapture(event.pointerId);
    this.content.classList.add("scrubbing");
    this.content.addEventListener("pointermove", move);
    this.content.addEventListener("pointerup", end, { once: true });
    this.content.addEventListener("pointercancel", end, { once: true });
  }

  /** The frames at which something begins or ends, in order. */
  cuts() {
    const found = new Set([0, this.film.frames - 1]);
    for (const track of this.film.tracks) {
      for (const item of [...track.items, ...track.joins]) found.add(item.start).add(Math.min(item.end, this.film.frames - 1));
    }
    return [...found].sort((a, b) => a - b);
  }
}

/** Items in as few rows as it takes for none to lie over another. */
function rows(items) {
  const made = [];
  for (const item of [...items].sort((a, b) => a.start - b.start)) {
    const free = made.find((row) => row.at(-1).end <= item.start);
    if (free) free.push(item);
    else made.push([item]);
  }
  return made;
}
