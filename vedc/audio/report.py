"""What a mix reports about its sources and itself: skipped damage, and overload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from vedc.audio.limiter import Overload
from vedc.audio.loudness import Normalised
from vedc.edit.timecode import clock_time

_NAMED: Final = 4
"""The most places that a message names."""


class Loss(NamedTuple):
    """A stretch of a file's sound that cannot be decoded and is silent."""

    start: Fraction
    """Seconds from the first sample, as ``end``."""
    end: Fraction
    packets: int


def merged(losses: Iterable[Loss]) -> list[Loss]:
    """Losses in order; those that touch are one. Duplicates count once."""
    out: list[Loss] = []
    for loss in sorted(losses):
        if out and loss.start <= out[-1].end:
            last = out.pop()
            same = loss.end <= last.end
            packets = max(last.packets, loss.packets) if same else last.packets + loss.packets
            loss = Loss(last.start, max(last.end, loss.end), packets)
        out.append(loss)
    return out


@dataclass(slots=True)
class SoundReport:
    """Everything to report about a rendered sound."""

    overload: Overload
    damage: dict[str, list[Loss]] = field(default_factory=dict)
    """Stretches heard as silence, by path."""
    ceiling: float | None = None
    """Of the limiter in dBTP, where the spec gives one."""
    loudness: Normalised | None = None
    """The loudness normalisation, if any."""

    def add(self, path: str, losses: Iterable[Loss]) -> None:
        """Record the damage skipped in a file."""
        found = merged([*self.damage.get(path, []), *losses])
        if found:
            self.damage[path] = found

    def texts(self) -> list[tuple[str, str, str]]:
        """For each line: a problem's code, its message and its hint."""
        lines = [
            ("damaged-sound", _damage_text(path, losses), "use another copy of the file")
            for path, losses in sorted(self.damage.items())
        ]
        if self.overload.places and self.ceiling is None:
            hint = "lower the volume of what sounds together"
            lines.append(("sound-limited", self.overload.text(), hint))
        if self.loudness is not None and not self.loudness.known:
            hint = "leave `loudness` out, or set the level with `volume`"
            lines.append(("loudness-unknown", self.loudness.text(), hint))
        elif self.loudness is not None and (missed := self.loudness.missed()):
            hint = "ask for less: a lower `i`, a higher `tp`, or a higher audio_bitrate"
            lines.append(("loudness-missed", missed, hint))
        return lines

    def notes(self) -> list[str]:
        """What was done as the spec asks, a line each."""
        lines = []
        if self.ceiling is not None and self.overload.places:
            by, where = self.overload.by(), self.overload.where()
            lines.append(
                f"true peaks exceed the limiter's {self.ceiling:g} dBTP by {by}; they are lowered "
                f"at {where}"
            )
        if self.loudness is not None and self.loudness.known:
            lines.append(self.loudness.text())
        return lines

    def to_meta(self) -> dict[str, Any]:
        """As metadata of a stored sound."""
        meta = self.overload.to_meta() if self.overload.places else {}
        if self.ceiling is not None:
            meta["ceiling"] = self.ceiling
        if self.loudness is not None:
            meta["loudness"] = self.loudness.to_meta()
        if self.damage:
            meta["damaged"] = {
                path: [[str(loss.start), str(loss.end), loss.packets] for loss in losses]
                for path, losses in self.damage.items()
            }
        return meta

    @classmethod
    def from_meta(cls, meta: object) -> SoundReport:
        """From what ``to_meta`` gives, read from a file; anything else is left out."""
        report = cls(Overload.from_meta(meta) or Overload(1))
        if isinstance(meta, Mapping):
            ceiling = meta.get("ceiling")
            report.ceiling = float(ceiling) if isinstance(ceiling, (int, float)) else None
            report.loudness = Normalised.from_meta(meta.get("loudness"))
        data = meta.get("damaged") if isinstance(meta, Mapping) else None
        for path, rows in data.items() if isinstance(data, Mapping) else ():
            try:
                losses = [Loss(Fraction(a), Fraction(b), int(n)) for a, b, n in rows]
            except (TypeError, ValueError, ZeroDivisionError, OverflowError):
                continue
            report.add(str(path), losses)
        return report


def _damage_text(path: str, losses: list[Loss]) -> str:
    packets = sum(loss.packets for loss in losses)
    named = [f"{_clock(loss.start)}-{_clock(loss.end)}" for loss in losses[:_NAMED]]
    if len(losses) > _NAMED:
        named.append(f"{len(losses) - _NAMED} more places up to {_clock(losses[-1].end)}")
    where = ", ".join(named[:-1]) + " and " + named[-1] if named[1:] else named[0]
    count = "1 packet" if packets == 1 else f"{packets} packets"
    return f"the sound of '{path}' is damaged ({count}); it is silent at {where}"


def _clock(seconds: Fraction) -> str:
    return clock_time(seconds, places=2, short=True)
