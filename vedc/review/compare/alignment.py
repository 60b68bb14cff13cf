"""Which frames of two films correspond: what was inserted, removed, changed or moved along.

Two films are lined up like two texts. Frames with equal keys are the same; those that occur once in
both films hold the rest in place (patience diff). In what remains, frames that show the same
moments of the same files are paired, so that a clip which was graded and trimmed at once is
compared frame by frame. What still remains is paired from its start on, and the rest of the longer
side was inserted or removed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["same", "paired", "inserted", "removed"]

Block = tuple[int, int, int]
"""Frames ``a <= n < a + length`` of one film, and ``b <= n < b + length`` of the other."""

#: How often each frame may be examined for anchors: a film that blinks between a few pictures for
#: thousands of frames is paired from its start beyond that.
_LOOKS: Final = 60

Similar = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of frames of the two films, ``before`` and ``after``: half-open ranges.

    ``same`` and ``paired`` runs are of one length; of those that are inserted or removed, the other
    side is empty and says where.
    """

    kind: Kind
    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def length(self) -> int:
        return max(self.before[1] - self.before[0], self.after[1] - self.after[0])

    @property
    def shift(self) -> int:
        """How many frames later a frame is in the new film."""
        return self.after[0] - self.before[0]


def align(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    shown_before: Sequence[Hashable],
    shown_after: Sequence[Hashable],
    similar: Similar | None = None,
) -> list[Run]:
    """The runs of two films, in order, from two keys for each frame.

    Equal ``before`` and ``after`` are the same frame; of frames with equal ``shown`` one may have
    become the other. ``similar`` says whether two frames may be the same where no key can: a
    re-encoded film has no equal frames.
    """
    runs: list[Run] = []
    for block in _with_end(_blocks(before, after), len(before), len(after)):
        done = (runs[-1].before[1], runs[-1].after[1]) if runs else (0, 0)
        gap = (*done, block[0], block[1])
        runs += _gap(gap, shown_before, shown_after, similar)
        runs += _run("same", block)
    return list(_joined(runs))


def _run(kind: Kind, block: Block) -> list[Run]:
    a, b, length = block
    return [Run(kind, (a, a + length), (b, b + length))] if length else []


def _gap(
    gap: tuple[int, int, int, int],
    shown_before: Sequence[Hashable],
    shown_after: Sequence[Hashable],
    similar: Similar | None,
) -> Iterator[Run]:
    """Frames ``a <= n < a_end`` and ``b <= n < b_end``, none of which are the same."""
    a, b, a_end, b_end = gap
    blocks = [x for x in _blocks(shown_before[a:a_end], shown_after[b:b_end]) if x[2]]
    if not blocks and similar is not None and a_end - a != b_end - b:
        blocks = _ends(a, b, a_end, b_end, similar)
        blocks = [(x - a, y - b, length) for x, y, length in blocks]
    for x, y, length in _with_end(blocks, a_end - a, b_end - b):
        x, y = x + gap[0], y + gap[1]
        yield from _unlike(a, b, x, y)
        yield from _run("paired", (x, y, length))
        a, b = x + length, y + length


def _unlike(a: int, b: int, a_end: int, b_end: int) -> Iterator[Run]:
    """Frames that have nothing in common."""
    length = min(a_end - a, b_end - b)
    yield from _run("paired", (a, b, length))
    a, b = a + length, b + length
    if a < a_end:
        yield Run("removed", (a, a_end), (b, b))
    if b < b_end:
        yield Run("inserted", (a, a), (b, b_end))


def _ends(a: int, b: int, a_end: int, b_end: int, similar: Similar) -> list[Block]:
    """The common frames at the start and at the end."""
    most = min(a_end - a, b_end - b)
    head = next((n for n in range(most) if not similar(a + n, b + n)), most)
    left = most - head
    tail = next((n for n in range(left) if not similar(a_end - 1 - n, b_end - 1 - n)), left)
    return [(a, b, head), (a_end - tail, b_end - tail, tail)]


def _with_end(blocks: Iterator[Block] | list[Block], a: int, b: int) -> Iterator[Block]:
    yield from (block for block in blocks if block[2])
    yield a, b, 0


def _blocks(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[Block]:
    """Runs of equal frames, in order, by patience: the longest chain of unique frames."""
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(key, len(numbers)) for key in before]
    b = [numbers.setdefault(key, len(numbers)) for key in after]
    stack = [(0, len(a), 0, len(b))]
    looks = _LOOKS * (len(a) + len(b))
    while stack:
        a0, a1, b0, b1 = stack.pop()
        head = 0
        while a0 + head < a1 and b0 + head < b1 and a[a0 + head] == b[b0 + head]:
            head += 1
        yield a0, b0, head
        a0, b0 = a0 + head, b0 + head
        tail = 0
        while a0 < a1 - tail and b0 < b1 - tail and a[a1 - 1 - tail] == b[b1 - 1 - tail]:
            tail += 1
        a1, b1 = a1 - tail, b1 - tail
        if tail:
            stack.append((a1, a1 + tail, b1, b1 + tail))
        if a0 == a1 or b0 == b1:
            continue
        looks -= a1 - a0 + b1 - b0
        places = _anchors(a, b, (a0, a1, b0, b1)) if looks > 0 else []
        edges = [*places, (a1, b1)]
        parts = []
        left = (a0, b0)
        for edge in edges if places else ():
            parts.append((left[0], edge[0], left[1], edge[1]))
            left = edge
        # The first part is looked at first.
        stack += reversed(parts)


def _anchors(
    a: Sequence[int], b: Sequence[int], span: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Frames that hold two stretches together: those that both have once; where there are none,
    those that both have equally often."""
    a0, a1, b0, b1 = span
    in_a, in_b = Counter(a[a0:a1]), Counter(b[b0:b1])
    rare = {key for key, count in in_a.items() if count == 1 == in_b.get(key)}
    if not rare:  # a still is many equal frames: its first ones
        rare = in_a.keys() & in_b.keys()
    first_in_b: dict[int, int] = {}
    for place in range(b0, b1):
        if b[place] in rare:
            first_in_b.setdefault(b[place], place)
    pairs, seen = [], set()
    for place in range(a0, a1):
        key = a[place]
        if key in rare and key not in seen:
            seen.add(key)
            pairs.append((place, first_in_b[key]))
    return _longest_rise(pairs)


def _longest_rise(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence that rises in its second numbers, too; the first ones rise."""
    tops: list[int] = []
    at: list[int] = []
    below: list[int] = []
    for index, (_, place) in enumerate(pairs):
        slot = bisect_left(tops, place)
        below.append(at[slot - 1] if slot else -1)
        tops[slot : slot + 1] = [place]
        at[slot : slot + 1] = [index]
    chain = []
    index = at[-1] if at else -1
    while index >= 0:
        chain.append(pairs[index])
        index = below[index]
    return chain[::-1]


def _joined(runs: Sequence[Run]) -> Iterator[Run]:
    """Runs that continue one another as one."""
    held: Run | None = None
    for run in runs:
        if (
            held is not None
            and held.kind == run.kind
            and held.before[1] == run.before[0]
            and held.after[1] == run.after[0]
        ):
            held = Run(run.kind, (held.before[0], run.before[1]), (held.after[0], run.after[1]))
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held
