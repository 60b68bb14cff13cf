"""Pictures that stop: frozen ones, and frames that are shown twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median
from typing import Any, Final, NamedTuple

from numpy.typing import NDArray

from vedc.review.check.core.check import Base, Check, Film, Frame, Limit
from vedc.review.check.core.finding import Finding

_STEP: Final = 3
"""Levels of 255 by which a pixel has to differ to have changed: encoding alone changes less."""

_CHANGED: Final = 5e-4
"""The share of pixels that have to change for a frame to differ."""

_MOVES: Final = 0.5
"""Mean levels of change from frame to frame that are plainly a movement."""

_CUT: Final = 8.0
"""Mean levels of change that may be a cut, if it is far more than what the shot moves by."""

_OFTEN: Final = 3
"""Stops in mid-shot after which a film that mostly stands still does so by its nature: a recording
of a screen, a slide show with builds."""

_LEAP: Final = 40.0
"""Mean levels of change that are a cut whatever the shot moves by."""

_DARK: Final = 0.12 * 255
"""The highest level of a picture that shows nothing."""

_ALIKE_FOR, _ALIKE = 4, 0.95
"""So many changes in a row correlate by more than this in a dissolve; of seven real clips none."""

_FEW, _RESUMES = 3, 0.5
"""So many changes just before a repeat and just after it have at least this share of the usual
change: what comes to rest and starts again is no fault."""

_LOOK_BACK: Final = 8
"""Frames by which movement is judged."""


class Change(NamedTuple):
    """How a frame differs from another one."""

    mean: float
    """Levels of 255."""
    share: float
    """Of pixels."""

    @property
    def same(self) -> bool:
        return self.share < _CHANGED


def change(a: NDArray[Any], b: NDArray[Any]) -> Change:
    import cv2

    apart: Any = cv2.absdiff(a, b)
    changed = cv2.countNonZero(cv2.threshold(apart, _STEP, 1, cv2.THRESH_BINARY)[1])
    return Change(float(cv2.mean(apart)[0]), changed / apart.size)


class Still(NamedTuple):
    """Frames ``first <= n < end`` that show one picture."""

    first: int
    end: int
    came: float
    """How much the shot moved before: the median change from frame to frame, ..."""
    lately: float
    """... and that of the last few."""
    by_edit: bool
    """Whether it begins with a cut or at the end of a dissolve, or with the film."""
    went: float
    """How much changes with the frame after it; 0 at the end of the film."""
    held: int
    """How many of them the file leaves out."""
    dark: bool
    """Whether it shows nothing: that is for the check of black."""


class _Stills:
    """Finds the stretches that show one picture; each is compared with its first frame."""

    def __init__(self) -> None:
        self._first: NDArray[Any] | None = None
        self._start = self._count = self._held = 0
        self._recent: deque[float] = deque(maxlen=_LOOK_BACK)
        self._likeness: deque[float] = deque(maxlen=_ALIKE_FOR)
        self._step: NDArray[Any] | None = None
        """What changed with the last frame."""
        self._came, self._lately, self._cut = 0.0, 0.0, True
        self.changes = 0
        """Frames so far that differ from the one before."""

    def push(self, frame: Frame) -> Still | None:
        """The still that ends before a frame."""
        if self._first is None:
            self._first, self._count = frame.luma, 1
            return None
        found = Change(0, 0) if frame.held else change(self._first, frame.luma)
        if found.same:
            self._held += frame.held
            self._count += 1
            return None
        ended = self._still(found.mean) if self._count > 1 else None
        self._came, self._lately = self.pace(), self.pace(_FEW)
        self._recent.append(found.mean)
        self.changes += 1
        self._cut = found.mean > max(_CUT, min(3 * self._came, _LEAP))
        self._follow(self._first, frame.luma)
        if len(self._likeness) == _ALIKE_FOR and median(self._likeness) > _ALIKE:
            self._cut = True
        self._start, self._count, self._held = frame.number, 1, 0
        self._first = frame.luma
        return ended

    def _follow(self, before: NDArray[Any], now: NDArray[Any]) -> None:
        """How like the change to a frame is to the change before: in a dissolve they are one and
        the same, and no movement is like that."""
        import cv2

        apart: Any = cv2.subtract(now, before, dtype=cv2.CV_32F)
        size = min(80, now.shape[1]), min(45, now.shape[0])
        step: Any = cv2.resize(apart, size, interpolation=cv2.INTER_AREA).ravel()
        if self._step is not None:
            scale = float(step @ step) * float(self._step @ self._step)
            self._likeness.append(float(step @ self._step) / (scale**0.5 + 1e-9))
        self._step = step

    def pace(self, last: int = _LOOK_BACK) -> float:
        """The median of the last changes."""
        recent = [*self._recent][-last:]
        return median(recent) if recent else 0.0

    def end(self) -> Still | None:
        return self._still(0.0) if self._count > 1 else None

    def _still(self, went: float) -> Still:
        end = self._start + self._count
        assert self._first is not None
        dark = float(self._first.max()) <= _DARK
        return Still(self._start, end, self._came, self._lately, self._cut, went, self._held, dark)


class _Frozen(Base):
    """Stills that are not stills: the shot moves, and stops at once."""

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._stills = _Stills()
        self._found: list[Still] = []
        self._seen = 0

    def push(self, part: Frame, /) -> None:
        self._seen = part.number + 1
        if (still := self._stills.push(part)) is not None:
            self._take(still)

    def _take(self, still: Still) -> None:
        if still.end - still.first >= self.film.frames_of("freeze.shortest") and not still.dark:
            self._found.append(still)

    def finish(self) -> Iterable[Finding]:
        if (last := self._stills.end()) is not None:
            self._take(last)
        film = self.film
        long = film.frames_of("freeze.still")
        often = sum(s.came >= _MOVES and not s.by_edit for s in self._found) >= _OFTEN
        quiet = often and sum(s.end - s.first for s in self._found) > self._seen / 2
        for still in self._found:
            count = still.end - still.first
            measured: dict[str, Any] = {"measured": float(count / film.rate), "unit": "s"}
            stops = still.came >= _MOVES and not still.by_edit
            if stops and not quiet:
                at_end = still.end >= self._seen
                tail = " and stays so to the end" if at_end else ""
                yield film.found(
                    "freeze", "warning" if at_end else "error",
                    f"the picture freezes in mid-shot for {float(count / film.rate):.2f} s{tail}",
                    (still.first, still.end), limit=film.limit("freeze.shortest"),
                    cure="use another take, or cut to something else", **measured,
                )  # fmt: skip
            elif count >= long:
                yield film.found(
                    "freeze", "warning", f"nothing moves for {float(count / film.rate):.1f} s",
                    (still.first, still.end), limit=film.limit("freeze.still"),
                    cure="shorten it, unless it is meant to stand that long", **measured,
                )  # fmt: skip


FREEZE: Final = Check(
    "freeze",
    "a picture that freezes in mid-shot, or does not move for very long",
    "picture",
    "Frames are the same if fewer than 0.05% of the pixels of the reduced picture differ by more "
    "than 3 levels of 255 from the first of them. A still that begins with a cut or with the end "
    "of a dissolve is taken for a title, a slide or a photograph and may last longer.",
    "the shortest freeze is that of FFmpeg's freezedetect",
    _Frozen,
    (
        Limit("shortest", 2.0, "s", "a freeze in mid-shot that is reported"),
        Limit("still", 10.0, "s", "any still that is reported"),
    ),
)


class _Repeats(Base):
    """Frames that are shown twice, or more often, while the shot moves."""

    def __init__(self, film: Film) -> None:
        super().__init__(film)
        self._stills = _Stills()
        self._found: list[Still] = []
        self._doubtful: deque[tuple[int, Still]] = deque()
        """Repeats after which it is not yet known how the picture moves on."""

    def push(self, part: Frame, /) -> None:
        still = self._stills.push(part)
        while self._doubtful and self._stills.changes >= self._doubtful[0][0]:
            self._decide(self._doubtful.popleft()[1])
        if still is None:
            return
        short = still.end - still.first < self.film.frames_of("freeze.shortest")
        least = max(_MOVES, _RESUMES * still.came)
        moving = still.came >= _MOVES and min(still.lately, still.went) >= least
        own = still.held < still.end - still.first - 1
        if short and moving and own and not still.by_edit and not still.dark:
            self._doubtful.append((self._stills.changes + _FEW - 1, still))

    def _decide(self, still: Still) -> None:
        if self._stills.pace(_FEW) >= max(_MOVES, _RESUMES * still.came):
            self._found.append(still)

    def finish(self) -> Iterable[Finding]:
        for _, still in self._doubtful:
            self._decide(still)
        if not self._found:
            return
        if (every := self._cadence()) is not None:
            yield self._regular(every)
            return
        yield from self._single()

    def _cadence(self) -> float | None:
        """Frames from one repeat to the next, where they come regularly."""
        gaps = [b.first - a.first for a, b in pairwise(self._found)]
        if len(gaps) < 8:
            return None
        usual = median(gaps)
        near = sum(abs(gap - usual) <= 1 for gap in gaps)
        return usual if near >= 0.7 * len(gaps) and usual <= 30 else None

    def _regular(self, every: float) -> Finding:
        film, count = self.film, len(self._found)
        seen = float(film.rate) * (1 - 1 / every)
        first, last = self._found[0].first, self._found[-1].end
        on_twos = every <= 2
        whole = every == round(every)
        often = f"every {ordinal(round(every))} frame" if whole else f"one frame in {every:g}"
        rate = float(film.rate)
        message = f"{often} repeats the one before it ({count} of them): about {seen:.3g} pictures "
        message += f"a second are shown as {rate:.4g}"
        return film.found(
            "repeats", "note" if on_twos else "warning", message, (first, last),
            cure="none is needed for animation on twos" if on_twos else
            "deliver at the rate of the footage, or convert it with sampling: blend or flow",
            measured=float(count), limit=0.0, unit="frames",
        )  # fmt: skip

    def _single(self) -> Iterator[Finding]:
        for group in _near(self._found, round(self.film.rate)):
            count = sum(s.end - s.first - 1 for s in group)
            words = "a frame is" if count == 1 else f"{count} frames are"
            yield self.film.found(
                "repeats", "warning", f"{words} shown again while the picture moves",
                (group[0].first, group[-1].end), measured=float(count), limit=0.0, unit="frames",
                cure="capture or convert it again without dropped frames",
            )  # fmt: skip


def ordinal(number: int) -> str:
    """2nd, 3rd, 12th, 22nd, ..."""
    ends = {} if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{ends.get(number % 10, 'th')}"


def _near(stills: list[Still], frames: int) -> list[list[Still]]:
    """Those less than so many frames apart together."""
    groups: list[list[Still]] = []
    for still in stills:
        if groups and still.first - groups[-1][-1].end < frames:
            groups[-1].append(still)
        else:
            groups.append([still])
    return groups


REPEATS: Final = Check(
    "repeats",
    "frames that are shown twice while the picture moves",
    "picture",
    "A frame that is the same as the one before it, as for a freeze, between frames that differ "
    "plainly. Repeats at regular distances are one finding: a film at a rate that is not its own. "
    "Frames that the file itself leaves out do not count.",
    "vedc's own; there is no standard",
    _Repeats,
)
