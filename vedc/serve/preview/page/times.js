// Frames as text, as vedc writes them.

const two = (number) => String(number).padStart(2, "0");

/** A frame of a film as SMPTE timecode, or as `312f` where the rate has none. */
export function timecode(frame, film) {
  if (!film.nominal) return `${frame}f`;
  const seconds = Math.floor(frame / film.nominal);
  const hours = Math.floor(seconds / 3600);
  return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}:${two(frame % film.nominal)}`;
}

/** Frames a second. */
export const rateOf = (film) => film.rate[0] / film.rate[1];

/** A length in a few letters: `0.60 s`, `2:05`. */
export function length(frames, film) {
  const seconds = frames / rateOf(film);
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const rest = `${hours ? two(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Frames between two labels of a ruler, so that they are at least `room` pixels apart. */
export function rulerStep(film, pixelsPerFrame, room) {
  const second = film.nominal || Math.max(1, Math.round(rateOf(film)));
  const steps = [1, 2, 5, 10, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200].map((n) => n * second)];
  return steps.sort((a, b) => a - b).find((step) => step * pixelsPerFrame >= room) ?? 14400 * second;
}
