"""Did you mean: the nearest known word to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


def _distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment: insert, delete, replace and swap of neighbours cost 1 each.

    Returns ``limit + 1`` as soon as the distance is known to be above ``limit``.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` is most likely a misspelling of, if any is near enough.

    Case, ``-`` and ``_`` do not count. One mistake is allowed for every three characters of
    the word (at least one); of equally near candidates the first one wins, those that start
    with the same letter before the others. A candidate that ``word`` abbreviates (three
    characters or more, ``dur`` for ``duration``) is taken where nothing nearer is found.
    """
    typed = _plain(word)
    if not typed or len(typed) > 100:
        return None
    limit = max(1, len(typed) // 3)
    best: tuple[int, bool] | None = None
    found: str | None = None
    abbreviated: list[str] = []
    for candidate in candidates:
        known = _plain(candidate)
        distance = _distance(typed, known, limit)
        # A word of one or two letters is one mistake away from every other such word.
        if distance <= limit and distance < max(len(typed), len(known)):
            rank = (distance, known[:1] != typed[:1])
            if best is None or rank < best:
                best, found = rank, candidate
        elif len(typed) >= 3 and known.startswith(typed):
            abbreviated.append(candidate)
    if found is None and len(abbreviated) == 1:
        found = abbreviated[0]
    return found


def suggestion(word: str, candidates: Iterable[str]) -> str:
    """``"; did you mean 'opacity'?"``, or nothing: as the end of a message."""
    found = did_you_mean(word, candidates)
    return f"; did you mean {found!r}?" if found is not None else ""
