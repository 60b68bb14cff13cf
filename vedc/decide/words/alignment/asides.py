"""Asides: speech that is not in the script, which is hesitations and restarted words.

The script becomes a grammar in which the speaker may hesitate before each word, and may go back
some words and repeat them. The likeliest path through it is found as for a plain script. A hum that
the acoustic model mistakes for silence is found by its pitch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.decode_sound import VOICE_RATE
from vedc.decide.arrays import Float
from vedc.decide.words.alignment.attempts import Attempt, Sounds
from vedc.decide.words.alignment.path import HESITATION, Part, found_by
from vedc.decide.words.alignment.plausible import exchanged, given_back, parted, too_short

#: The sounds of hesitations: a long vowel, and perhaps closed lips. Repeated sounds only make them
#: longer: each takes at least 30 ms.
_HESITATIONS: Final = {
    "um": ("AH M", "AA M", "OW M", "AA UW", "ER M"),
    "uh": ("AH AH AH", "AA AA AA", "OW OW"),
    "er": ("ER ER ER", "UH R"),
    "hmm": ("M M M", "HH M M", "AE UW UW"),
}
_SILENCE: Final = "<sil>"
#: Probabilities of a pause after a word, of a hesitation beside a pause, of going back after
#: either, and of going back without a pause.
_PAUSES, _HESITATES, _GOES_BACK, _STAMMERS = 0.1, 1e-2, 1e-4, 1e-7
#: The most words by which a speaker goes back, and the most without a pause.
BACK, _STAMMER = 8, 2
#: Frames of the shortest hesitation, and nats per frame beyond which it is rejected.
_SHORTEST, _NO_HESITATION = 24, 5.0
#: Length of a first attempt relative to the second: the least, the most, and the most before a
#: pause, where people draw out words.
_ALIKE: Final = (0.5, 2.0, 4.5)
#: Multiples of the usual length beyond which a part is not a word, and frames up to which it may
#: still be one.
_LONGEST_WORD: Final = (3.5, 40)
#: Frames of a pause that no word contains, and of the longest gap before a word's own end.
_APART, _JOINED = 30, 3
#: Nats per frame beyond which a first attempt is rejected.
_UNLIKE: Final = 7.5
#: For hums: samples of a window and from one to the next, its periods (80 to 400 Hz), its
#: autocorrelation at a period, frames by which it outlasts its last window, and its level above the
#: pauses'.
_WINDOW, _STEP = VOICE_RATE * 4 // 100, VOICE_RATE // 100
_PERIODS: Final = (VOICE_RATE // 400, VOICE_RATE // 80)
_PERIODIC: Final = 0.6
_TAIL: Final = 3
#: The share of a steady sound with a pitch; frames by which a word may overlap it.
_VOICED, _SLACK = 0.6, 4
#: The percentile of power that represents pauses.
_QUIET: Final = 10
_ABOVE: Final = 3.0


def follow(decoder: Any, forms: Sequence[str], said: int = 0) -> None:
    """Make a decoder follow known spoken forms, with pauses, hesitations and new attempts. The
    first ``said`` of them come before the sound begins, with a pause.

    After each word there are six states: it has just been said, a pause follows, a hesitation
    follows (after a pause, or before one), and two from which the next word, or an earlier one, is
    said. Hesitations without an adjacent pause are not considered: they are sounds of words.
    """
    for name, sounds in _HESITATIONS.items():
        for number, each in enumerate(sounds, 1):
            decoder.add_word(HESITATION + name + (f"({number})" if number > 1 else ""), each, False)
    hesitations = [HESITATION + name for name in _HESITATIONS]
    steps: list[tuple[int, int, float] | tuple[int, int, float, str]] = []
    begin, end = 6 * said + 1 if said else 0, 6 * len(forms) + 4
    for at in range(len(forms) + 1):
        over, paused, hesitated, hesitating, on, back = range(6 * at, 6 * at + 6)
        steps += [(state, paused, _PAUSES, _SILENCE) for state in (over, paused, hesitating)]
        steps += [(hesitated, paused, 1.0, _SILENCE)]
        steps += [
            (state, to, _HESITATES, name)
            for name in hesitations
            for state, to in ((paused, hesitated), (hesitated, hesitated), (over, hesitating))
        ]
        steps += [(state, back, _GOES_BACK) for state in (paused, hesitated)]
        steps += [(state, on, 1.0) for state in (over, paused, hesitated)]
        if at < len(forms):
            steps.append((on, 6 * at + 6, 1.0, forms[at]))
        for to in range(max(0, at - BACK), at):
            steps.append((back, 6 * to + 6, 1.0, forms[to]))
            if to >= at - _STAMMER:
                steps.append((over, 6 * to + 6, _STAMMERS, forms[to]))
    decoder.add_fsg("script", decoder.create_fsg("script", begin, end, steps))
    decoder.activate_search("script")


def path(decoder: Any, forms: Sequence[str], said: int = 0) -> list[Part] | None:
    """The path found, in order of time; None if the way was lost."""
    found = found_by(decoder)
    if found is None:
        return None
    places = _places([part.text for part in found if part.form is not None], forms, said)
    if places is None:
        return None
    placed = iter(places)
    return [part if part.form is None else replace(part, form=next(placed)) for part in found]


def _places(words: Sequence[str], forms: Sequence[str], said: int) -> list[int] | None:
    """The form of each word of a path: the next, or one up to eight before. If a word occurs more
    than once among these, the way with the fewest steps back is taken. None if there is no way to
    the last form."""
    steps: list[dict[int, tuple[int, int]]] = []  # by forms said: steps back, forms said before
    costs = {said: 0}
    for word in words:
        step: dict[int, tuple[int, int]] = {}
        for at, cost in costs.items():
            for n in range(max(0, at - BACK), min(at + 1, len(forms))):
                way = (cost + (n < at), at)
                if forms[n] == word and way < step.get(n + 1, (len(words) + 1, 0)):
                    step[n + 1] = way
        steps.append(step)
        costs = {at: cost for at, (cost, _) in step.items()}
    at = len(forms)
    if at not in costs:
        return None
    made: list[int] = []
    for step in reversed(steps):
        made.append(at - 1)
        at = step[at][1]
    return made[::-1]


def with_asides(
    found: Sequence[Part], usual: Sequence[float], powers: Float, sounds: Sounds
) -> list[Part]:
    """The path with every hesitation and every first attempt marked as aside. Implausible ones are
    merged into adjacent words. ``usual``: the frames that each spoken form takes; ``powers``: the
    sound's power, frame by frame; ``sounds``: the same sound, to compare attempts.
    """
    found = exchanged(given_back(_merged(found), usual), usual)
    found = parted(found, usual, powers)
    last = {part.form: n for n, part in enumerate(found) if part.form is not None}
    again = [part.form is not None and last[part.form] != n for n, part in enumerate(found)]
    made: list[Part] = []
    begins: int | None = None  # of a word mistaken for an attempt
    n = 0
    while n < len(found):
        part, end = found[n], _end_of_run(found, again, n)
        if end > n:
            run = found[n:end]
            second = next((p for p in found[end:] if p.form == part.form), None)
            alone = sounds.alone(part.first, run[-1].end)
            alone = alone and all(sounds.whole(p.first, p.end) for p in run if p.form is not None)
            alike = second is not None and sounds.alike(part.first, run[-1].end, second.first)
            known = {p.form: p for p in found[end:] if p.form is not None}
            drawn = any(_drawn(p, usual) for p in run)
            if (alone or alike) and not drawn and _attempt(run, known, alone):
                made += [replace(p, aside=p.form is not None or bool(p.text)) for p in run]
            elif begins is None and not _ends_before(made, run, found[end:]):
                begins = part.first
            n = end
            continue
        n += 1
        if begins is not None:
            if part.form is not None:
                made.append(replace(part, first=begins))
                begins = None
        elif part.form is not None or not part.text:
            made.append(part)
        elif _hesitation(part, sounds):
            made.append(replace(part, aside=True))
    return made


def _ends_before(made: list[Part], run: Sequence[Part], after: Sequence[Part]) -> bool:
    """Whether a rejected attempt is the end of the word right before it, since a pause follows. The
    word is then extended."""
    if not after or not after[0].pause or after[0].frames < _APART:
        return False
    n = next((n for n in range(len(made) - 1, -1, -1) if made[n].form is not None), None)
    if n is None or made[n].aside or run[0].first - made[n].end > _JOINED:
        return False
    made[n:] = [replace(made[n], end=run[-1].end)]
    return True


def _end_of_run(found: Sequence[Part], again: Sequence[bool], n: int) -> int:
    """The end of the repeated words that begin at ``n``, including parts in between."""
    end = n
    while end < len(found) and again[end]:
        end += 1
        while end < len(found) and found[end].form is None and any(again[end : end + 3]):
            end += 1
    return end


def _merged(found: Sequence[Part]) -> list[Part]:
    """The path with consecutive hesitations merged, named after the longest."""
    made: list[Part] = []
    longest = 0
    for part in found:
        before = made[-1] if made else None
        hesitates = part.form is None and part.text
        if before is not None and hesitates and before.form is None and before.text:
            name = part.text if part.frames > longest else before.text
            made[-1] = replace(before, end=part.end, far=before.far + part.far, text=name)
            longest = max(longest, part.frames)
        else:
            made.append(part)
            longest = part.frames
    return made


def _hesitation(part: Part, sounds: Sounds) -> bool:
    """Whether a part is a hesitation, by gaps before and after it. Without them, it is a sound of a
    word."""
    long = part.frames >= _SHORTEST and part.far / part.frames <= _NO_HESITATION
    return long and sounds.alone(part.first, part.end) and sounds.calm(part.first, part.end)


def _drawn(part: Part, usual: Sequence[float]) -> bool:
    """Whether a word is longer than even hesitating people draw it out."""
    longest, least = _LONGEST_WORD
    return part.form is not None and part.frames > max(longest * usual[part.form], least)


def _attempt(run: Sequence[Part], taken: Mapping[int, Part], paused: bool) -> bool:
    """Whether words that are repeated afterwards were really said."""
    said = [(part, part.form) for part in run if part.form is not None]
    first = sum(part.frames for part, _ in said)
    second = sum(taken[form].frames for _, form in said if form in taken)
    least, most, drawn = _ALIKE
    if not second or not least <= first / second <= (drawn if paused else most):
        return False
    return sum(part.far for part, _ in said) / first <= _UNLIKE


def without(parts: Sequence[Part], attempts: Sequence[Attempt]) -> list[Part]:
    """Parts without those that an aligner found in the silence in place of attempts."""
    made: list[Part] = []
    for part in parts:
        inside = [a for a in attempts if a.first < part.end and part.first < a.end]
        if not inside:
            made.append(part)
        elif part.form is not None:  # a word overlaps it by a frame or two
            first, end = part.first, part.end
            for each in inside:
                if each.first <= first < each.end < end:
                    first = each.end
                elif first < each.first < end <= each.end:
                    end = each.first
            made.append(replace(part, first=first, end=end))
    return made


def _again(attempt: Attempt, parts: Sequence[Part]) -> list[Part]:
    """The parts of the second time: those mostly inside it, or covering most of it."""
    length = attempt.until - attempt.again
    found = []
    for part in parts:
        if part.form is None and not part.aside:
            continue
        shared = min(part.end, attempt.until) - max(part.first, attempt.again)
        if shared > 0 and (2 * shared > part.frames or 2 * shared > length):
            found.append(part)
    return found


def spoken(attempt: Attempt, parts: Sequence[Part]) -> list[Part]:
    """An attempt as parts, from the words of the second time; a hesitation if there are none."""
    again = _again(attempt, parts)
    if not any(part.form is not None for part in again):
        name = again[0].text if again else "um"
        return [Part(attempt.first, attempt.end, 0.0, None, name, aside=True)]
    words = [part for part in again if part.form is not None]
    low, high = words[0].first, max(part.end for part in words)
    scale = (attempt.end - attempt.first) / max(high - low, 1)
    edges = [attempt.first + round((part.first - low) * scale) for part in words]
    edges = [attempt.first, *edges[1:], attempt.end]
    return [
        replace(part, first=first, end=end, far=0.0, aside=True)
        for part, first, end in zip(words, edges, edges[1:], strict=False)
        if first < end
    ]


def lacks(held: Attempt, parts: Sequence[Part], usual: Sequence[float]) -> bool:
    """Whether a word beside a hesitation is too short to have been said, so that the hesitation is
    the word."""
    words = [part for part in parts if part.form is not None]
    before = [part for part in words if part.end <= held.first + _SLACK][-1:]
    after = [part for part in words if part.first >= held.end - _SLACK][:1]
    return any(too_short(part, usual) for part in (*before, *after))


def voiced(voice: Float) -> bool:
    """Whether a sound has a pitch for most of its time."""
    steps = range(0, len(voice) - _WINDOW, _STEP)
    found = sum(_periodic(voice[at : at + _WINDOW], 0.0) for at in steps)
    return len(steps) > 0 and found >= _VOICED * len(steps)


def said_twice(attempt: Attempt, parts: Sequence[Part], forms: Sequence[str]) -> bool:
    """Whether the script repeats the words of an attempt."""
    numbers = sorted(part.form for part in _again(attempt, parts) if part.form is not None)
    if not numbers:
        return False
    first, end = numbers[0], numbers[-1] + 1
    said, length = list(forms[first:end]), end - first
    before, after = list(forms[max(first - length, 0) : first]), list(forms[end : end + length])
    return said in (before, after)


def hums(
    found: Sequence[Part], read: Callable[[int, int], Float], powers: Float, sounds: Sounds
) -> list[Part]:
    """Hums in the pauses of a path, as separate parts.

    ``read`` returns the sound from one frame to another, mono at 16 kHz, -1 to 1; ``powers`` is its
    power, frame by frame; ``sounds`` has its gaps.
    """
    made: list[Part] = []
    quiet = float(np.percentile(powers, _QUIET)) if len(powers) else 0.0
    for pause in found:
        if pause.form is None and not pause.text and pause.frames >= _SHORTEST:
            made += [
                hum
                for hum in _hums(pause, read(pause.first, pause.end), quiet)
                if sounds.alone(hum.first, hum.end)
            ]
    return made


def _hums(pause: Part, voice: Float, quiet: float) -> Iterator[Part]:
    first: int | None = None
    for frame in range(pause.frames + 1):
        sounds = frame < pause.frames and _periodic(voice[frame * _STEP :][:_WINDOW], quiet)
        if sounds and first is None:
            first = frame
        elif not sounds and first is not None:
            end = min(frame + _TAIL, pause.frames)
            if end - first >= _SHORTEST and first:  # otherwise it is the end of the word before
                yield Part(pause.first + first, pause.first + end, 0.0, None, "hmm", aside=True)
            first = None


def _periodic(window: Float, quiet: float) -> bool:
    """Whether a window has a pitch, and is louder than pauses."""
    if len(window) < _WINDOW:
        return False
    window = window - window.mean()
    power = float(np.square(window).mean())
    if power <= max(quiet * 10 ** (_ABOVE / 10), 1e-9):
        return False
    spectrum = np.fft.rfft(window, 2 * _WINDOW)
    like = np.fft.irfft(np.abs(spectrum) ** 2)[:_WINDOW]
    low, high = _PERIODS
    lags = np.arange(low, high)
    return bool((like[low:high] * _WINDOW / (_WINDOW - lags)).max() >= _PERIODIC * like[0])
