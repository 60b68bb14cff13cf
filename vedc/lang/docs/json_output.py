"""The chapter of the reference on what commands print with ``--json``."""

from __future__ import annotations

from typing import Final

JSON_OUTPUT: Final = """\
## JSON output

With `--json` a command prints one JSON document on standard output; progress and notes go to
standard error. Times are seconds. Ranges are half-open: `end` is the first moment, or the first
frame, that is no longer part of the range. Frames count from 0, exactly as `12f` does in a spec.
Exact rates are fractions in text, such as `"30000/1001"`. Later versions may add keys.

`vedc shots FILE --json` prints an object:

| key | meaning |
|---|---|
| `version` | 1, the version of this format |
| `file` | the file as it was named on the command line |
| `frame_rate` | frames per second, a fraction in text |
| `frames`, `duration` | length of the picture in frames and in seconds |
| `detector` | `name` (`network`, `classical` or `transnet`) and what the result depends on: `weights`, the SHA-256 digest of the network's weights, or `package`, the name and version of TransNetV2's package |
| `shots` | the shots in order, which together hold every frame exactly once |

Each shot is an object:

| key | meaning |
|---|---|
| `start`, `end` | the shot in seconds; a gradual transition is split in its middle |
| `frames` | the same range in frames: `[first, end]` |
| `frame` | the key frame, which represents the shot |
| `type` | how the shot begins: `start` (of the film), `cut`, `dissolve`, `fade`, `wipe` or `slide` |
| `transition` | the frames that show both this shot and the one before: `start`, `end` and `frames` as above; null where there are none, after a hard cut and at the start |
| `score` | how sure the detector is of this boundary, 0 to 1 |

`vedc keyframes FILE --json` prints a list of objects:

| key | meaning |
|---|---|
| `time`, `frame` | the key frame, in seconds and as a number |
| `shot` | the number of its shot, counted from 1 |
| `covers` | share of the film that this frame represents, 0 to 1 |
| `score` | quality of the frame itself: sharp, still, well exposed; 0 to 1 |

`vedc silence FILE --json` prints a list of objects that cover the file from its start to its end:

| key | meaning |
|---|---|
| `start`, `end` | the range in seconds; on frame boundaries where the file has a picture |
| `type` | `silence`, or what is kept: `sound`, or `speech` with `--speech` |
| `level` | mean level of a silence in dB of full scale; null for what is kept |

`vedc align RAW... FINAL --json` prints a list of objects that cover the film:

| key | meaning |
|---|---|
| `start`, `end` | the range in the film, in seconds |
| `origin` | `raw`; otherwise `black`, `still` (a picture that does not move) or `foreign` (in no raw file) |
| `file` | the raw file, or null |
| `in` | where the range begins in the raw file, in seconds, or null |
| `speed` | seconds of the raw file per second of the film, or null |
| `type` | how the range begins: `start`, `cut`, `dissolve`, `fade`, `wipe` or `slide` |
| `score` | how sure the match is, 0 to 1 |

The other commands:

| command | prints |
|---|---|
| `probe` | an object: path, kind, container, duration, and `video` and `audio` or null |
| `validate` | a list with an object for each output: `output`, `frames`, `width`, `height`, `fps`, `undecided` |
| `config` | the canonical spec |
| `plan` | a list with an object for each output: settings, segments with keys and pieces, sound; with `--trace` the passes |
| `render` | a list with an object for each output: `target`, `frames`, `segments`, and how many of them were rendered |
| `lock` | a list with an object for each decision: `name`, `decided`, `edited`, `media`, `by`, `items` |
| `explain SPEC --at TIME` | an object: `spec`, `time`, `decisions` with scores and reasons |
| `ops` | a list of objects: `name`, `kind`, `summary`, `params` |
| `explain OP` | the same object with `op`, `use`, `doc`, `works_on`, `leaves_the_picture`, `example` |
| `cache ls` | a list of objects: `key`, `kind`, `bytes`, `used`, `meta` |
| `doctor` | an object of texts |

With `--format json` a command that fails prints an object instead: `errors` and `warnings` count
them, and `problems` lists objects with `severity`, `code`, `message`, `file`, `line`, `column`,
`length` and `hint`.
"""
