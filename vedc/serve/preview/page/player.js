// Playing the segments that are rendered, with their sound, through Media Source Extensions.
//
// Every save makes a new media source. What it needs around the playhead is fetched again, from the
// browser's own cache where it has not changed: addresses are keys.

import { rateOf } from "./times.js";

const AHEAD = 30; // seconds that are kept ready
const BEHIND = 60; // seconds that are kept of what was played
const SOUND_PART = 4; // seconds, as in fragments.py
const SOUND_TYPE = 'audio/mp4; codecs="flac"';

export class Player {
  constructor(video) {
    this.video = video;
    this.film = null;
    this.source = null;
    this.ready = new Set();
    this.refused = ""; // why this browser cannot play, if so
    for (const event of ["seeking", "timeupdate", "waiting"]) video.addEventListener(event, () => this.pump());
  }

  /** Show another film from a frame on. `sound` says whether its sound is rendered. */
  load(film, ready, sound, frame) {
    this.unload();
    this.film = film;
    this.ready = ready;
    this.rate = rateOf(film);
    this.withSound = Boolean(sound && film.sound && MediaSource.isTypeSupported(SOUND_TYPE));
    this.parts = []; // what is in the buffers: {buffer, name, start, end}
    this.asked = new Set(); // what is being fetched, or is not to be had
    this.buffers = null;
    this.end = film.frames / this.rate;
    this.source = new MediaSource();
    this.link = URL.createObjectURL(this.source);
    this.video.src = this.link;
    this.video.currentTime = this.timeOf(frame);
    this.source.addEventListener("sourceopen", () => this.pump(), { once: true });
  }

  unload() {
    if (!this.source) return;
    this.source = null;
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.link);
  }

  timeOf(frame) {
    return (frame + 0.5) / this.rate; // in the middle, where rounding does no harm
  }

  get frame() {
    return Math.min(Math.floor(this.video.currentTime * this.rate + 1e-4), this.film.frames - 1);
  }

  seek(frame) {
    if (this.source) this.video.currentTime = this.timeOf(frame);
  }

  /** Whether the video can show a frame now. */
  covers(frame) {
    const pictures = this.buffers?.picture?.buffered;
    if (!pictures) return false;
    const time = this.timeOf(frame);
    for (let n = 0; n < pictures.length; n += 1) {
      if (pictures.start(n) <= time && time < pictures.end(n)) return true;
    }
    return false;
  }

  /** What is to be fetched next, the most urgent first. */
  wanted() {
    const now = this.video.currentTime;
    const found = [];
    for (const segment of this.film.segments) {
      const [start, end] = [segment.start / this.rate, segment.end / this.rate];
      if (end > now && start < now + AHEAD && this.ready.has(segment.key)) {
        found.push({ kind: "picture", name: `segment ${segment.start}`, path: `/segment/${segment.key}`, start, end });
      }
    }
    const last = Math.min(now + AHEAD, this.end);
    for (let part = Math.floor(now / SOUND_PART); this.withSound && part * SOUND_PART < last; part += 1) {
      const start = part * SOUND_PART;
      found.push({ kind: "sound", name: `sound ${part}`, path: `/sound/${this.film.sound}/${part}`, start, end: start + SOUND_PART });
    }
    return found
      .filter((part) => !this.asked.has(part.name) && !this.parts.some((held) => held.name === part.name))
      .sort((a, b) => a.start - b.start);
  }

  /** Fetch what is needed, one part after another. */
  async pump() {
    if (this.pumping || !this.source || this.source.readyState === "closed") return;
    this.pumping = true;
    const source = this.source;
    try {
      for (let next = this.wanted()[0]; next && source === this.source; next = this.wanted()[0]) {
        this.asked.add(next.name);
        // Sound needs the buffers, which are made with the first picture.
        if (next.kind === "sound" && !this.buffers) {
          const picture = this.wanted().find((part) => part.kind === "picture");
          this.asked.delete(next.name);
          if (!picture) break;
          next = picture;
          this.asked.add(next.name);
        }
        const answer = await fetch(next.path);
        const data = answer.status === 200 ? await answer.arrayBuffer() : null;
        if (source !== this.source) break;
        if (data && this.makeBuffers(answer.headers.get("Content-Type"))) await this.append(next, data, answer);
        if (!this.refused && data) this.asked.delete(next.name);
      }
      if (source === this.source) this.endIfComplete();
    } catch (error) {
      if (source === this.source && error.name !== "TypeError") this.refused = String(error.message || error);
    } finally {
      this.pumping = false;
    }
    if (source !== this.source) this.pump();
  }

  /** Say that nothing follows: only then do decoders give out the last pictures. */
  endIfComplete() {
    const { segments } = this.film;
    const last = `segment ${segments[segments.length - 1].start}`;
    const complete = this.parts.some((part) => part.name === last) && !this.wanted().length;
    if (complete && this.source.readyState === "open") this.source.endOfStream();
  }

  makeBuffers(type) {
    if (this.buffers) return true;
    if (!MediaSource.isTypeSupported(type)) {
      this.refused = "This browser does not play H.264: there are single pictures only.";
      return false;
    }
    this.buffers = { picture: this.source.addSourceBuffer(type) };
    if (this.withSound) this.buffers.sound = this.source.addSourceBuffer(SOUND_TYPE);
    this.source.duration = this.end;
    return true;
  }

  async append(part, data, answer) {
    const buffer = this.buffers[part.kind];
    await this.forget(buffer);
    const start = part.kind === "sound" ? Number(answer.headers.get("X-Start")) : part.start;
    buffer.timestampOffset = start - Number(answer.headers.get("X-Delay"));
    await changed(buffer, () => buffer.appendBuffer(data));
    this.parts.push({ ...part, buffer });
  }

  /** Make room: what was played long ago, and what lies far ahead of a playhead that went back. */
  async forget(buffer) {
    const now = this.video.currentTime;
    for (const part of this.parts.filter((held) => held.buffer === buffer)) {
      if (part.end > now - BEHIND && part.start < now + 2 * AHEAD) continue;
      await changed(buffer, () => buffer.remove(part.start, part.end));
      this.parts = this.parts.filter((held) => held !== part);
    }
  }

  /** More segments are rendered. */
  more() {
    this.pump();
  }
}

/** Wait until a source buffer has done something. */
function changed(buffer, act) {
  return new Promise((done, failed) => {
    const end = (event) => {
      buffer.removeEventListener("updateend", end);
      buffer.removeEventListener("error", end);
      if (event.type === "error") failed(new Error("The browser cannot play a segment."));
      else done();
    };
    buffer.addEventListener("updateend", end);
    buffer.addEventListener("error", end);
    act();
  });
}
