"""Results of analyses on the disk: one file a result, named by what it depends on.

Arrays and facts lie in a safetensors file with a digest of its own; thumbs, which are large,
in their own form (``thumbs``). What is damaged, or of another form, counts as absent. The
folder is kept below a limit: what was used longest ago goes first.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.results import (
    Curve,
    Curves,
    Event,
    Events,
    KeyFrame,
    KeyFrames,
    Result,
    Shot,
    Shots,
    Span,
    Spans,
    Thumbs,
)
from vedc.errors import InternalError

#: Bytes that a folder of results may take; an hour of thumbs is some hundred million.
LIMIT: Final = 4 << 30
_FORM: Final = 1
_THUMBS: Final = ".thumbs"
_OTHERS: Final = ".result"


class ResultCache:
    """The results in a folder. Safe with several processes at once: files are renamed in."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.folder, self.limit = folder, limit

    def place(self, key: str, gives: type[Any]) -> Path:
        return self.folder / f"{key}{_THUMBS if gives is Thumbs else _OTHERS}"

    def draft(self) -> Path:
        """Where something may be written before it is put in its place.

        Raises OSError where the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"draft-{os.getpid()}-{secrets.token_hex(4)}"

    def get(self, key: str, gives: type[Any]) -> Result | None:
        """What was kept, marked as used now; else None."""
        place = self.place(key, gives)
        try:
            found = _open_thumbs(place) if gives is Thumbs else read_result(place.read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return None
        with suppress(OSError):
            os.utime(place)
        return found

    def put(self, key: str, result: Result) -> None:
        """Keep a result. A folder that cannot be written only costs the next run its time."""
        with suppress(OSError):
            draft = self.draft()
            try:
                draft.write_bytes(write_result(result))
                draft.replace(self.place(key, type(result)))
            finally:
                draft.unlink(missing_ok=True)
            self.collect()

    def put_thumbs(self, key: str, draft: Path) -> Thumbs:
        """Move thumbs that were written at ``draft`` into their place."""
        place = self.place(key, Thumbs)
        draft.replace(place)
        self.collect()
        return _open_thumbs(place)

    def collect(self) -> None:
        """Remove what was used longest ago until the folder is within its limit."""
        found = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in found)
        found.sort(key=lambda entry: (entry[0], entry[2].name))
        for _, size, path in found[:-1]:  # never the newest, however large it is
            if total <= self.limit:
                break
            if path.suffix in (_THUMBS, _OTHERS):
                with suppress(OSError):
                    path.unlink()
                    total -= size


def _open_thumbs(place: Path) -> Thumbs:
    from vedc.decide.analyses.thumbs import open_thumbs

    return open_thumbs(place)


def write_result(result: Result) -> bytes:
    """A result, less thumbs, as the bytes of a file."""
    from safetensors.numpy import save

    facts, arrays = _facts(result)
    text = json.dumps({"form": _FORM, "kind": type(result).__name__, **facts}, sort_keys=True)
    return bytes(save(arrays, {"result": text, "digest": _digest(text, arrays)}))


def read_result(data: bytes) -> Result:
    """The inverse of :func:`write`. Raises ValueError where the bytes are not such a file."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
        head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
        text = head["result"]
        facts = json.loads(text)
    except (SafetensorError, KeyError, UnicodeDecodeError) as error:
        raise ValueError("not a kept result") from error
    if head.get("digest") != _digest(text, arrays) or facts.pop("form") != _FORM:
        raise ValueError("a kept result is damaged")
    return _result(facts.pop("kind"), facts, arrays)


def _digest(text: str, arrays: Mapping[str, Any]) -> str:
    total = hashlib.blake2b(text.encode(), digest_size=16)
    for name in sorted(arrays):
        total.update(name.encode())
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.hexdigest()


def _facts(result: Result) -> tuple[dict[str, Any], dict[str, Any]]:
    match result:
        case Curve(values, rate, start):
            return {"rate": str(rate), "start": str(start)}, {"values": values}
        case Curves(values, rate, start):
            return {"rate": str(rate), "start": str(start)}, dict(values)
        case Spans(spans):
            return {"spans": [[str(s.start), str(s.end), s.score] for s in spans]}, {}
        case Events(events, tempo):
            return {"events": [[str(e.time), e.strength] for e in events], "tempo": tempo}, {}
        case Shots(shots, rate, detector):
            rows = [
                [s.start, s.end, s.frame, s.boundary, s.score, list(s.boundary_range)]
                for s in shots
            ]
            return {"shots": rows, "rate": str(rate), "detector": detector}, {}
        case KeyFrames(frames, rate):
            rows = [[k.frame, k.shot, k.covers, k.score] for k in frames]
            return {"frames": rows, "rate": str(rate)}, {}
    raise InternalError(f"{type(result).__name__} cannot be kept")


def _result(kind: str, facts: dict[str, Any], arrays: dict[str, Any]) -> Result:
    match kind:
        case "Curve":
            return Curve(arrays["values"], Fraction(facts["rate"]), Fraction(facts["start"]))
        case "Curves":
            return Curves(arrays, Fraction(facts["rate"]), Fraction(facts["start"]))
        case "Spans":
            return Spans(tuple(Span(Fraction(a), Fraction(b), s) for a, b, s in facts["spans"]))
        case "Events":
            events = tuple(Event(Fraction(t), s) for t, s in facts["events"])
            return Events(events, facts["tempo"])
        case "Shots":
            shots = tuple(Shot(a, b, f, j, s, (r[0], r[1])) for a, b, f, j, s, r in facts["shots"])
            return Shots(shots, Fraction(facts["rate"]), facts["detector"])
        case "KeyFrames":
            frames = tuple(KeyFrame(*row) for row in facts["frames"])
            return KeyFrames(frames, Fraction(facts["rate"]))
    raise ValueError(f"no kind of result is called {kind!r}")
