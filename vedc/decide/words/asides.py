"""What is said beside a script: hesitations, and words that are begun again.

The script becomes a grammar in which the speaker may hesitate before each word, and may go back by
some words and say them once more. The likeliest path through it is found as for a plain script. A
hum that the acoustic model takes for silence is found by its pitch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.decode_sound import VOICE_RATE
from vedc.decide.arrays import Float
from vedc.decide.words.path import Part
from vedc.decide.words.plausible import exchanged, given_back, parted, usual_lengths

#: How hesitations sound: a vowel that lasts, and perhaps closed lips. Sounds that are repeated only
#: make them last: each takes at least 30 ms.
_HESITATIONS: Final = {
    "um": ("AH M", "AA M", "OW M", "AA UW", "ER M"),
    "uh": ("AH AH AH", "AA AA AA", "OW OW"),
    "er": ("ER ER ER", "UH R"),
    "hmm": ("M M M", "HH M M", "AE UW UW"),
}
#: What their names begin with in the grammar, where no word of a script does.
_MARK: Final = "++"
_SILENCE: Final = "<sil>"
#: How probable a pause is after a word, a hesitation beside one, going back after either, and going
#: back without a pause.
_PAUSES, _HESITATES, _GOES_BACK, _STAMMERS = 0.1, 1e-2, 1e-4, 1e-7
#: By how many words a speaker goes back at most, and without a pause.
_BACK, _STAMMER = 8, 2
#: Frames of the shortest hesitation, and nats a frame beyond which there was none.
_SHORTEST, _NO_HESITATION = 19, 5.0
#: Frames within the edge of a hesitation, and beyond it, in which the sound falls by so many
#: decibels, or to so many above that of pauses: nothing else tells it from a long vowel at the edge
#: of a word. In a noisy room it falls by the last at least.
_EDGE, _BEYOND = 3, 8
_FALLS, _ABOVE_PAUSES, _LEAST_FALL = 20.0, 3.0, 8.0
#: How long a first attempt is, over the second: at least, at most, and before a pause, where
#: people draw out what they say.
_ALIKE: Final = (0.5, 2.0, 4.5)
#: Nats a frame beyond which a first attempt was not said.
_UNLIKE: Final = 7.5
#: The model's scores are logarithms shifted by ten bits.
_SHIFT: Final = 1024
#: Of a hum: samples of a window and from one to the next, its periods (80 to 400 Hz), how like
#: itself it is a period later, frames by which it outlasts
#: its last window, and its level above that of the pauses.
_WINDOW, _STEP = VOICE_RATE * 4 // 100, VOICE_RATE // 100
_PERIODS: Final = (VOICE_RATE // 400, VOICE_RATE // 80)
_PERIODIC: Final = 0.6
_TAIL: Final = 3
#: The percentile of power that is that of pauses.
_QUIET: Final = 10
_ABOVE: Final = 3.0


def follow(decoder: Any, forms: Sequence[str]) -> None:
    """Make a decoder follow spoken forms that it knows, with pauses, hesitations and new attempts.

    After each word there are six states: it has just been said, a pause follows, a hesitation
    follows (after a pause, or before one), and two from which the next word is said or one before.
    Hesitations without any pause beside them are not looked for: they are sounds of words.
    """
    for name, sounds in _HESITATIONS.items():
        for number, each in enumerate(sounds, 1):
            decoder.add_word(_MARK + name + (f"({number})" if number > 1 else ""), each, False)
    hesitations = [_MARK + name for name in _HESITATIONS]
    steps: list[tuple[int, int, float] | tuple[int, int, float, str]] = []
    for at in range(len(forms) + 1):
        said, paused, hesitated, hesitating, on, back = range(6 * at, 6 * at + 6)
        steps += [(state, paused, _PAUSES, _SILENCE) for state in (said, paused, hesitating)]
        steps += [(hesitated, paused, 1.0, _SILENCE)]
        steps += [
            (state, to, _HESITATES, name)
            for name in hesitations
            for state, to in ((paused, hesitated), (hesitated, hesitated), (said, hesitating))
        ]
        steps += [(state, back, _GOES_BACK) for state in (paused, hesitated)]
        steps += [(state, on, 1.0) for state in (said, paused, hesitated)]
        if at < len(forms):
            steps.append((on, 6 * at + 6, 1.0, forms[at]))
        for to in range(max(0, at - _BACK), at):
            steps.append((back, 6 * to + 6, 1.0, forms[to]))
            if to >= at - _STAMMER:
                steps.append((said, 6 * to + 6, _STAMMERS, forms[to]))
    last = 6 * len(forms) + 4
    decoder.add_fsg("script", decoder.create_fsg("script", 0, last, steps))
    decoder.activate_search("script")


def path(decoder: Any, forms: Sequence[str]) -> list[Part] | None:
    """The path that was found, in order of time; None if the way was lost."""
    segments = decoder.seg()
    if segments is None:
        return None
    found: list[Part] = []
    at = 0
    for each in segments:
        name = each.word.partition("(")[0] if each.word[0] not in "(<" else each.word
        far = -math.log(max(each.ascore, 1e-300)) * _SHIFT
        form: int | None = None
        if name.startswith(_MARK):
            text = name.removeprefix(_MARK)
        elif name[0] in "<[(":
            text = ""
        else:
            form = _place(name, at, forms)
            if form is None:
                return None
            text, at = name, form + 1
        found.append(Part(each.start_frame, each.end_frame + 1, far, form, text))
    return found if at == len(forms) else None


def _place(name: str, at: int, forms: Sequence[str]) -> int | None:
    """The form that a word of the path is, after ``at`` of them: the next, or one before."""
    near = range(at, max(-1, at - _BACK - 1), -1)
    return next((n for n in near if n < len(forms) and forms[n] == name), None)


def with_asides(found: Sequence[Part], powers: Float, sounds: Sequence[int]) -> list[Part]:
    """The path with every hesitation and every first attempt marked as aside. Those that can be
    none are given to the words beside them. ``powers``: that of the sound, frame by frame;
    ``sounds``: how many each spoken form has."""
    usual = usual_lengths(found, sounds)
    found = exchanged(given_back(_merged(found), usual), usual)
    found = parted(found, usual, powers)
    last = {part.form: n for n, part in enumerate(found) if part.form is not None}
    again = [part.form is not None and last[part.form] != n for n, part in enumerate(found)]
    made: list[Part] = []
    begins: int | None = None  # of a word to which belongs what was taken for an attempt at it
    n = 0
    while n < len(found):
        part, end = found[n], _end_of_run(found, again, n)
        if end > n:
            run = found[n:end]
            paused = end < len(found) and found[end - 1].form is None
            paused = paused or (end < len(found) and found[end].form is None)
            if _attempt(run, {p.form: p for p in found[end:] if p.form is not None}, paused):
                made += [replace(p, aside=p.form is not None or bool(p.text)) for p in run]
            elif begins is None:
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
        elif _hesitation(part, powers):
            made.append(replace(part, aside=True))
    return made


def _end_of_run(found: Sequence[Part], again: Sequence[bool], n: int) -> int:
    """Where the words end that are said again, if one begins at ``n``; with what lies between."""
    end = n
    while end < len(found) and again[end]:
        end += 1
        while end < len(found) and found[end].form is None and any(again[end : end + 3]):
            end += 1
    return end


def _merged(found: Sequence[Part]) -> list[Part]:
    """The path with hesitations that follow each other as one, by the name of the longest."""
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


def _hesitation(part: Part, powers: Float) -> bool:
    """Whether somebody hesitates. Within a word, or at its edge, what is taken for a hesitation is
    a sound of that word."""
    long = part.frames >= _SHORTEST and part.far / part.frames <= _NO_HESITATION
    return long and _stands_alone(part.first, part.end, powers)


def _stands_alone(first: int, end: int, powers: Float) -> bool:
    """Whether the sound falls before and after some frames."""
    inside = powers[first:end]
    if not len(inside):
        return False
    mean, quiet = float(inside.mean()), float(np.percentile(powers, _QUIET))
    least = max(mean / 10 ** (_FALLS / 10), quiet * 10 ** (_ABOVE_PAUSES / 10))
    least = min(least, mean / 10 ** (_LEAST_FALL / 10))
    before = powers[max(first - _BEYOND, 0) : first + _EDGE]
    after = powers[max(end - _EDGE, 0) : end + _BEYOND]
    return all(not len(edge) or float(edge.min()) <= least for edge in (before, after))


def _attempt(run: Sequence[Part], taken: Mapping[int, Part], paused: bool) -> bool:
    """Whether words were said that are said again afterwards."""
    said = [(part, part.form) for part in run if part.form is not None]
    first = sum(part.frames for part, _ in said)
    second = sum(taken[form].frames for _, form in said if form in taken)
    least, most, drawn = _ALIKE
    if not second or not least <= first / second <= (drawn if paused else most):
        return False
    return sum(part.far for part, _ in said) / first <= _UNLIKE


def hums(found: Sequence[Part], read: Callable[[int, int], Float], powers: Float) -> list[Part]:
    """Hums in the pauses of a path, as parts of their own.

    ``read`` gives the sound from one frame to another, mono at 16 kHz, -1 to 1; ``powers`` is that
    of the sound, frame by frame.
    """
    made: list[Part] = []
    quiet = float(np.percentile(powers, _QUIET)) if len(powers) else 0.0
    for pause in found:
        if pause.form is None and not pause.text and pause.frames >= _SHORTEST:
            made += [
                hum
                for hum in _hums(pause, read(pause.first, pause.end), quiet)
                if _stands_alone(hum.first, hum.end, powers)
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
            if end - first >= _SHORTEST and first:  # else it is the end of the word before
                yield Part(pause.first + first, pause.first + end, 0.0, None, "hmm", aside=True)
            first = None


def _periodic(window: Float, quiet: float) -> bool:
    """Whether a window has a pitch, and is louder than pauses are."""
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
