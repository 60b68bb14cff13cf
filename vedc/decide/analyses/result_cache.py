"""Results of analyses on disk: one file per result, named by what it depends on.

Arrays and facts are in a safetensors file behind a digest; thumbs, which are large, in their own
format (``thumbs``). Both name the key and the kind of result under which they were stored. A file
that is damaged, misnamed or of another version counts as absent. The folder stays below a limit:
the least recently used are removed first.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from vedc.captions.spoken import SpokenWord, Words
from vedc.decide.analyses.results import (
    Beside,
    Curve,
    Curves,
    Event,
    Events,
    KeyFrame,
    KeyFrames,
    Maps,
    Result,
    Shot,
    Shots,
    Span,
    Spans,
    Thumbs,
)
from vedc.errors import InternalError
from vedc.support.atomic_write import sweep
from vedc.support.drafts import new_draft
from vedc.support.read_json import read_json
from vedc.support.regular_files import read_regular

#: The most bytes in a folder of results; an hour of thumbs takes about 100 million.
LIMIT: Final = 4 << 30
_MAGIC: Final = b"vedcres2"
"""Ends in the version."""
_DIGEST: Final = 16
_THUMBS: Final = ".thumbs"
_OTHERS: Final = ".result"


class ResultCache:
    """The results in a folder. Safe for concurrent processes: files are renamed into place."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.folder, self.limit = folder, limit
        self.damaged: list[Path] = []
        """Existing files that ``get`` could not use."""

    def place(self, key: str, gives: type[Any]) -> Path:
        return self.folder / f"{key}{_THUMBS if gives is Thumbs else _OTHERS}"

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A file to write to before renaming; removed, if it is still there, when the block ends.

        Leftovers of killed processes are removed first. Raises OSError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        sweep([self.folder])
        with new_draft(lambda: self.folder / f".draft-{secrets.token_hex(6)}.tmp") as path:
            try:
                yield path
            finally:
                path.unlink(missing_ok=True)

    def get(self, key: str, gives: type[Any]) -> Result | None:
        """The cached result, marked as used now, or None."""
        place = self.place(key, gives)
        try:
            found = self._read(place, key, gives)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            self.damaged.append(place)
            return None
        with suppress(OSError):
            os.utime(place)
        return found

    @staticmethod
    def _read(place: Path, key: str, gives: type[Any]) -> Result:
        if gives is Thumbs:
            from vedc.decide.analyses.thumbs import open_thumbs

            return open_thumbs(place, key)
        return read_result(read_regular(place), key, gives)

    def put(self, key: str, result: Result) -> None:
        """Store a result. If the folder cannot be written, only the next run pays for it."""
        with suppress(OSError):
            with self.draft() as draft:
                draft.write_bytes(write_result(key, result))
                self._publish(draft, self.place(key, type(result)))
            self.collect()

    @staticmethod
    def _publish(draft: Path, place: Path) -> None:
        if place.is_dir() and not place.is_symlink():  # not ours, and in the way
            shutil.rmtree(place)
        draft.replace(place)

    def put_thumbs(self, key: str, draft: Path) -> Thumbs:
        """Move thumbs written at ``draft`` into place."""
        place = self.place(key, Thumbs)
        self._publish(draft, place)
        self.collect()
        from vedc.decide.analyses.thumbs import FileThumbs

        return FileThumbs(place, key)

    def collect(self) -> None:
        """Remove the least recently used until the folder is within its limit."""
        found = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in found)
        found.sort(key=lambda entry: (entry[0], entry[2].name))
        for _, size, path in found[:-1]:  # never the newest, however large
            if total <= self.limit:
                break
            if path.suffix in (_THUMBS, _OTHERS):
                with suppress(OSError):
                    path.unlink()
                    total -= size


def write_result(key: str, result: Result) -> bytes:
    """A result, other than thumbs, as the bytes of a file."""
    from safetensors.numpy import save

    facts, arrays = _facts(result)
    text = json.dumps({"key": key, "kind": type(result).__name__, **facts}, sort_keys=True)
    data = bytes(save(arrays, {"result": text}))
    return _MAGIC + _digest(data) + data


def read_result(stored: bytes, key: str, gives: type[Any]) -> Result:
    """The inverse of :func:`write_result`.

    Raises ValueError for other bytes, and for a result of another key or kind.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    head, data = stored[: len(_MAGIC) + _DIGEST], stored[len(_MAGIC) + _DIGEST :]
    if head != _MAGIC + _digest(data):
        raise ValueError("a cached result is damaged")
    try:
        arrays = load(data)
        text = read_json(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]["result"]
        facts = read_json(text)
        kind = facts.pop("kind")
        if (facts.pop("key"), kind) != (key, gives.__name__):
            raise ValueError("a cached result is that of another analysis")
        return _result(kind, facts, arrays)
    except (SafetensorError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError("not a cached result") from error


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _facts(result: Result) -> tuple[dict[str, Any], dict[str, Any]]:
    match result:
        case Curve(values, rate, start):
            return {"rate": str(rate), "start": str(start)}, {"values": values}
        case Curves(values, rate, start):
            return {"rate": str(rate), "start": str(start)}, dict(values)
        case Maps(values, rate):
            return {"rate": str(rate)}, dict(values)
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
        case Words(words, engine, language, unsearched):
            said = [
                [w.text, str(w.start), str(w.end), w.sure, w.speaker, *([True] if w.aside else [])]
                for w in words
            ]
            gaps = [[str(begin), str(end)] for begin, end in unsearched]
            facts = {"words": said, "engine": engine, "language": language, "unsearched": gaps}
            return facts, {}
        case Beside(luma, thumb, motion):
            return {}, {"luma": luma, "thumb": thumb, "motion": motion}
    raise InternalError(f"{type(result).__name__} cannot be cached")


def _result(kind: str, facts: dict[str, Any], arrays: dict[str, Any]) -> Result:
    match kind:
        case "Curve":
            return Curve(arrays["values"], Fraction(facts["rate"]), Fraction(facts["start"]))
        case "Curves":
            return Curves(arrays, Fraction(facts["rate"]), Fraction(facts["start"]))
        case "Maps":
            return Maps(arrays, Fraction(facts["rate"]))
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
        case "Words":
            said = tuple(
                SpokenWord(t, Fraction(a), Fraction(b), p, *more)
                for t, a, b, p, *more in facts["words"]
            )
            gaps = tuple((Fraction(a), Fraction(b)) for a, b in facts["unsearched"])
            return Words(said, facts["engine"], facts["language"], gaps)
        case "Beside":
            return Beside(arrays["luma"], arrays["thumb"], arrays["motion"])
    raise ValueError(f"there is no kind of result {kind!r}")
