"""Description of an image sequence: one picture is decoded; for the others only headers are
read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.edit.media_info import Note, ProbeError
from vedc.stills.describe import Described, describe
from vedc.stills.load import format_at
from vedc.stills.sequence.heads import Head, head_of
from vedc.support.file_patterns import BadPattern, Listing, listed

_LISTED: Final = 5
"""The most gaps that a message lists."""
_THREADS: Final = 4
_SAMPLES: Final = 9
"""Pictures of linear light examined for the brightest value."""


def describe_sequence(pattern: Path, rate: Fraction) -> Described:
    """The pictures of an absolute pattern, shown at ``rate`` per second.

    Raises ProbeError: ``no-such-file``, ``bad-pattern``, ``mixed-pictures``, and the errors of
    pictures.
    """
    listing = listing_of(pattern)
    with ThreadPoolExecutor(_THREADS) as pool:
        looked_at = list(
            zip(map(Path, listing.files), pool.map(_head, map(Path, listing.files)), strict=True)
        )
    whole = [(path, head) for path, head in looked_at if isinstance(head, Head)]
    broken = [(path, head) for path, head in looked_at if isinstance(head, ProbeError)]
    if not whole:
        raise broken[0][1]
    _check_alike(pattern, whole)
    described = _first_described(whole)
    peak = described.video.peak
    if peak is not None:
        samples = [whole[i] for i in _samples(len(whole))]
        peak = max(peak, *(_peak(path, head) for path, head in samples))
    heads = [head for _, head in whole]
    depth = max(head.depth for head in heads)
    format = format_at(depth, any(head.alpha for head in heads))
    frames = len(listing.frames)
    video = replace(
        described.video,
        width=heads[0].width,
        height=heads[0].height,
        rotation=0,
        mirrored=False,
        pix_fmt=format if depth > 8 else described.video.pix_fmt,
        format=format,
        rate=rate,
        time_base=1 / rate,
        frames=frames,
        peak=peak,
        length=frames / rate,
    )
    notes = list(described.notes)
    if listing.missing:
        notes.append(_gaps(pattern, listing))
    if broken:
        notes.append(_broken(pattern, broken))
    return Described(video, frames / rate, tuple(notes))


def listing_of(pattern: Path) -> Listing:
    """The files of a pattern, at least one. Raises ProbeError."""
    try:
        listing = listed(pattern)
    except BadPattern as error:
        raise ProbeError("bad-pattern", f"'{pattern}' cannot be used", str(error)) from None
    if not listing.files:
        hint = "check its name and its folder"
        raise ProbeError("no-such-file", f"no file matches '{pattern}'", hint)
    return listing


def _head(path: Path) -> Head | ProbeError:
    """The header of a picture, or why it is damaged. Raises ProbeError if it is not a picture."""
    try:
        return head_of(path)
    except ProbeError as error:
        if error.code != "damaged-media":
            raise
        return error


def _first_described(whole: Sequence[tuple[Path, Head]]) -> Described:
    """The description of the first picture that can be decoded."""
    reason: ProbeError | None = None
    for path, head in whole:
        try:
            return describe(path, head.kind)
        except ProbeError as error:
            reason = reason or error
    assert reason is not None
    raise reason


def _peak(path: Path, head: Head) -> float:
    try:
        return describe(path, head.kind).video.peak or 0.0
    except ProbeError:  # it will not be shown
        return 0.0


def _check_alike(pattern: Path, whole: Sequence[tuple[Path, Head]]) -> None:
    """Refuse pictures of several sizes, or linear light mixed with display values."""
    sizes = Counter((head.width, head.height) for _, head in whole)
    if len(sizes) > 1:
        (width, height), count = sizes.most_common(1)[0]
        path, head = next(p for p in whole if (p[1].width, p[1].height) != (width, height))
        raise ProbeError(
            "mixed-pictures",
            f"the pictures of '{pattern}' differ in size: {count} of {len(whole)} have"
            f" {width}x{height} pixels, and '{path.name}' has {head.width}x{head.height}",
            "bring them to one size, or show each with image:, which fits any size",
        )
    light = [path.name for path, head in whole if head.depth == 32]
    other = [path.name for path, head in whole if head.depth < 32]
    if light and other:
        raise ProbeError(
            "mixed-pictures",
            f"some pictures of '{pattern}' hold linear light ('{light[0]}') and others do not"
            f" ('{other[0]}')",
            "convert them to one format",
        )


def _broken(pattern: Path, broken: Sequence[tuple[Path, ProbeError]]) -> Note:
    names = ", ".join(repr(path.name) for path, _ in broken[:_LISTED])
    more = len(broken) - _LISTED
    named = names + (f" and {more} more" if more > 0 else "")
    are = "1 picture is" if len(broken) == 1 else f"{len(broken)} pictures are"
    message = f"{are} damaged in '{pattern}' ({named}): the picture before is held"
    return Note("damaged-image", message, "export it again; on_damage: error refuses it", "picture")


def _samples(count: int) -> set[int]:
    """Pictures whose brightest light represents all: decoding each would take long."""
    return {index * (count - 1) // (_SAMPLES - 1) for index in range(_SAMPLES)}


def _gaps(pattern: Path, listing: Listing) -> Note:
    count = sum(last - first + 1 for first, last in listing.missing)
    stretches = [str(a) if a == b else f"{a} to {b}" for a, b in listing.missing[:_LISTED]]
    more = len(listing.missing) - _LISTED
    named = ", ".join(stretches) + (f" and {more} more stretches" if more > 0 else "")
    numbers = "number is" if count == 1 else "numbers are"
    if listing.numbered:
        message = (
            f"{count} {numbers} missing from '{pattern}' ({named}): the picture before is held"
        )
        hint = "write * in place of the number to leave the missing ones out"
    else:
        message = f"{count} {numbers} missing from '{pattern}' ({named}): they are left out"
        hint = "write the number's place, such as %05d, to hold the picture before"
    return Note("sequence-gap", message, hint, "picture")
