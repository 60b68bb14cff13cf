"""Make the gallery's music: composed here, played by FluidSynth.

    python examples/gallery/make/music.py [NAME ...]

Needs the program ``fluidsynth``, the sound font FluidR3_GM.sf2 (MIT licence; Debian's package
fluid-soundfont-gm) and the Python package mido.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import mido
from sound import encode, faded, read

GALLERY: Final = Path(__file__).parents[1]
FONT: Final = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
TICKS: Final = 480
DRUMS: Final = 9
KICK, SNARE, CLAP, HAT, OPEN_HAT, CRASH, SHAKER = 36, 38, 39, 42, 46, 49, 70


class Note(NamedTuple):
    at: float
    """Beats from the start."""
    key: int
    beats: float
    strength: int


class Part(NamedTuple):
    """What one instrument plays; ``program`` is General MIDI's number, from 0."""

    program: int
    notes: list[Note]
    pan: int = 64
    reverb: int = 40
    drums: bool = False


def chords(
    at: float, each: float, shapes: Iterable[Iterable[int]], strength: int, held: float = 1.0
) -> list[Note]:
    """Chords one after another, each ``each`` beats long."""
    return [
        Note(at + number * each, key, each * held, strength)
        for number, shape in enumerate(shapes)
        for key in shape
    ]


def line(at: float, notes: Iterable[tuple[int | None, float]], strength: int) -> list[Note]:
    """A melody of (key, beats); None rests."""
    played = []
    for key, beats in notes:
        if key is not None:
            played.append(Note(at, key, beats * 0.95, strength))
        at += beats
    return played


def beat(at: float, bars: int, per_bar: float, pattern: dict[int, list[float]]) -> list[Note]:
    """A drum pattern for some bars: the places of each drum within the bar."""
    return [
        Note(at + bar * per_bar + place, key, 0.25, 96 if place % 1 == 0 else 72)
        for bar in range(bars)
        for key, places in pattern.items()
        for place in places
    ]


def play(parts: Iterable[Part], bpm: float, seconds: float, target: Path, fade: float) -> None:
    """Play the parts into an Opus file, cut to ``seconds`` with a fade at its end."""
    song = mido.MidiFile(ticks_per_beat=TICKS)
    song.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(6e7 / bpm))]))
    channels = (number for number in range(16) if number != DRUMS)
    for part in parts:
        channel = DRUMS if part.drums else next(channels)
        events = [(0, mido.Message("program_change", channel=channel, program=part.program))]
        for control, value in ((10, part.pan), (91, part.reverb)):
            message = mido.Message("control_change", channel=channel, control=control, value=value)
            events.append((0, message))
        for note in part.notes:
            start, stop = round(note.at * TICKS), round((note.at + note.beats) * TICKS)
            for tick, kind in ((start, "note_on"), (stop, "note_off")):
                message = mido.Message(kind, channel=channel, note=note.key, velocity=note.strength)
                events.append((tick, message))
        events.sort(key=lambda event: (event[0], event[1].type != "note_off"))
        track, now = mido.MidiTrack(), 0
        for tick, message in events:
            track.append(message.copy(time=tick - now))
            now = tick
        song.tracks.append(track)
    with tempfile.TemporaryDirectory() as folder:
        score, wave = Path(folder, "song.mid"), Path(folder, "song.wav")
        song.save(score)
        call = ["fluidsynth", "-ni", "-g", "0.5", "-r", "48000", "-F", str(wave), FONT, str(score)]
        subprocess.run(call, check=True, capture_output=True)
        encode(target, faded(read(wave, "stereo"), seconds, fade), 96_000)


def trailer() -> None:
    """Low strings in D minor, drums that come closer, a stop, and a last chord."""
    low = [[38, 45, 50], [34, 41, 50], [36, 43, 52], [33, 45, 49]]
    ostinato = [50, 57, 62, 57, 53, 57, 62, 57]
    strings = chords(0, 4, low * 2, 78) + chords(36, 8, [[38, 45, 50, 53, 57]], 110)
    pulse = [Note(8 + n * 0.5, ostinato[n % 8], 0.4, 52 + n) for n in range(48)]
    hits = [Note(at, 38, 2, 118) for at in (0, 8, 16, 20, 24, 26, 28, 29, 30, 30.5, 31, 31.5, 36)]
    brass = chords(16, 4, [[50, 57, 62], [46, 53, 58], [48, 55, 60], [45, 52, 57]], 92, 0.7)
    brass += chords(36, 6, [[50, 57, 62, 65]], 120)
    bell = [Note(33, 86, 3, 70), Note(34, 81, 3, 60)]
    play(
        [
            Part(48, strings, 50, 70),
            Part(45, pulse, 78, 50),
            Part(116, hits, 64, 60),
            Part(47, hits[::2], 64, 60),
            Part(61, brass, 70, 70),
            Part(14, bell, 64, 90),
        ],
        120,
        21,
        GALLERY / "trailer/media/music.opus",
        1.5,
    )


def advert() -> None:
    """Nylon guitar, claps and a whistle."""
    shapes = [[60, 64, 67], [57, 60, 64], [53, 57, 60], [55, 59, 62]]
    strum = [
        Note(bar * 4 + place, key + 0, 0.4, 70 + 14 * (place % 2 == 0))
        for bar in range(7)
        for place in (0, 1, 1.5, 2.5, 3, 3.5)
        for key in shapes[bar % 4]
    ]
    bass = [
        Note(bar * 4 + p, shapes[bar % 4][0] - 24, 0.9, 88) for bar in range(7) for p in (0, 1.5, 3)
    ]
    tune = [(79, 1), (76, 0.5), (79, 0.5), (81, 1), (79, 1), (76, 1), (72, 1), (74, 2)]
    tune += [(77, 1), (76, 0.5), (74, 0.5), (72, 1), (74, 1)]
    tune += [(79, 1), (77, 0.5), (74, 0.5), (72, 2)]
    drums = beat(4, 6, 4, {KICK: [0, 2], CLAP: [1, 3], SHAKER: [x / 2 for x in range(8)]})
    end = chords(28, 3, [[48, 60, 64, 67, 72]], 96)
    play(
        [
            Part(24, strum + end, 44),
            Part(33, [*bass, Note(28, 36, 3, 90)], 64, 10),
            Part(78, line(8, tune, 84), 80, 60),
            Part(0, [*drums, Note(28, CRASH, 1, 80)], drums=True),
        ],
        126,
        15,
        GALLERY / "advert/media/music.opus",
        1.0,
    )


def news() -> None:
    """Strings in quavers, timpani and a bell on the hour."""
    shapes = [[57, 64, 69], [53, 60, 69], [60, 64, 67], [55, 62, 67]]
    strings = [
        Note(bar * 4 + n * 0.5, shapes[bar % 4][n % 3], 0.45, 74 + 10 * (n % 4 == 0))
        for bar in range(12)
        for n in range(8)
    ]
    low = chords(0, 4, [[s[0] - 24] for s in shapes] * 3, 80)
    drums = [Note(bar * 4 + p, 45 - 12, 0.5, 96) for bar in range(12) for p in (0, 2.5, 3)]
    bell = [Note(at, 81, 2, 90) for at in (0, 16, 32)]
    parts = [Part(48, strings, 50), Part(43, low, 80), Part(47, drums), Part(14, bell, 64, 80)]
    play(parts, 116, 24, GALLERY / "news/media/music.opus", 2.0)


def karaoke() -> None:
    """Row, Row, Row Your Boat (traditional, printed 1852): two bars before it, then twice."""
    c, d, e, f, g, high = 72, 74, 76, 77, 79, 84
    verse = [(c, 1.5), (c, 1.5), (c, 1), (d, 0.5), (e, 1.5)]
    verse += [(e, 1), (d, 0.5), (e, 1), (f, 0.5), (g, 3)]
    verse += [(k, 0.5) for k in (high, high, high, g, g, g, e, e, e, c, c, c)]
    verse += [(g, 1), (f, 0.5), (e, 1), (d, 0.5), (c, 3)]
    bars = [[48, 60, 64, 67]] * 4 + [[55, 59, 62, 65]] + [[48, 60, 64, 67]] * 3
    piano = [
        Note(at * 3 + place, key, 0.45, 62 if place else 80)
        for at, shape in enumerate([bars[0]] * 2 + bars * 2)
        for place, keys in ((0, shape[:1]), (1, shape[1:]), (2, shape[1:]))
        for key in keys
    ]
    end = 3 * (2 + 16)
    piano += chords(end, 3, [[48, 60, 64, 67, 72]], 80)
    tune = line(6, verse, 92) + line(6 + 24, verse, 92)
    echo = line(6 + 24 + 6, verse, 60)  # a round: the second voice is two bars late
    karaoke_words()
    parts = [Part(0, piano, 50), Part(73, tune, 70, 60), Part(71, echo[:-12], 40, 60)]
    play(parts, KARAOKE_BPM, 27, GALLERY / "karaoke/media/music.opus", 1.5)


#: The words, and for how many beats each is sung.
LYRICS: Final = (
    (("Row,", 1.5), ("row,", 1.5), ("row", 1), ("your", 0.5), ("boat", 1.5)),
    (("Gently", 1.5), ("down", 1), ("the", 0.5), ("stream.", 3)),
    (("Merrily,", 1.5), ("merrily,", 1.5), ("merrily,", 1.5), ("merrily,", 1.5)),
    (("Life", 1), ("is", 0.5), ("but", 1), ("a", 0.5), ("dream.", 3)),
)
KARAOKE_BPM: Final = 135


def karaoke_words() -> None:
    """The words as WebVTT: a cue a line, a second early, and a time before each word."""

    def clock(beats: float) -> str:
        seconds = beats * 60 / KARAOKE_BPM
        return f"00:{int(seconds // 60):02d}:{seconds % 60:06.3f}"

    cues, now = ["WEBVTT\n"], 6.0
    for _verse in range(2):
        for words in LYRICS:
            length = sum(beats for _word, beats in words)
            tagged, at = [], now
            for word, beats in words:
                tagged.append(f"<{clock(at)}>{word}")
                at += beats
            cues.append(f"{clock(now - 0.4)} --> {clock(now + length - 0.5)}\n{' '.join(tagged)}\n")
            now += 6
    (GALLERY / "karaoke/media/words.vtt").write_text("\n".join(cues), encoding="utf-8")


def stream() -> None:
    """Square waves and a drum machine."""
    arpeggio = [[57, 60, 64, 69], [53, 57, 60, 65], [55, 59, 62, 67], [52, 55, 59, 64]]
    lead = [
        Note(bar * 4 + n * 0.25, arpeggio[bar % 4][n % 4] + 12 * (n % 8 > 3), 0.2, 70)
        for bar in range(12)
        for n in range(16)
    ]
    bass = [
        Note(bar * 4 + n * 0.5, arpeggio[bar % 4][0] - 24, 0.4, 92)
        for bar in range(12)
        for n in range(8)
    ]
    drums = beat(
        0, 12, 4, {KICK: [0, 1, 2, 3], SNARE: [1, 3], HAT: [0.5, 1.5, 2.5], OPEN_HAT: [3.5]}
    )
    parts = [Part(80, lead, 76, 20), Part(38, bass, 64, 0), Part(25, drums, drums=True)]
    play(parts, 140, 20, GALLERY / "stream-recap/media/music.opus", 1.0)


def split_screen() -> None:
    """One more instrument every two bars, on a steady beat of 120."""
    shapes = [[57, 60, 64], [53, 57, 60], [60, 64, 67], [55, 59, 62]]
    keys = chords(0, 4, shapes * 2, 64)
    bass = [Note(8 + n, shapes[int(n / 4 + 2) % 4][0] - 24, 0.8, 90) for n in range(24)]
    pluck = [Note(16 + n / 2, shapes[n // 8 % 4][n % 3] + 12, 0.4, 76) for n in range(32)]
    drums = beat(4, 7, 4, {KICK: [0, 2], HAT: [x / 2 for x in range(8)]})
    drums += beat(16, 4, 4, {SNARE: [1, 3]})
    drums += [Note(at, CRASH, 1, 84) for at in (0, 8, 16, 24, 32)]
    end = chords(32, 4, [[45, 57, 60, 64, 69]], 84)
    parts = [
        Part(89, keys + end, 64, 80),
        Part(38, [*bass, Note(32, 33, 3, 90)], 64, 0),
        Part(11, pluck, 84, 60),
        Part(0, drums, drums=True),
    ]
    play(parts, 120, 18, GALLERY / "split-screen/media/music.opus", 1.5)


def title_sequence() -> None:
    """A slow pad, a vibraphone, a low pulse."""
    shapes = [[50, 57, 62, 65, 69], [46, 53, 62, 65, 70]]
    shapes += [[41, 53, 60, 65, 69], [48, 55, 60, 64, 67]]
    pad = chords(0, 4, shapes * 2, 66, 1.1)
    tune = [(None, 1), (81, 1.5), (77, 1.5), (None, 1), (82, 1), (81, 1), (77, 2)]
    tune += [(76, 3), (None, 1), (79, 1.5), (76, 1.5), (74, 4)]
    pulse = [Note(n * 2, shapes[n // 2 % 4][0] - 12, 1.6, 84) for n in range(16)]
    parts = [Part(95, pad, 64, 100), Part(11, line(2, tune, 72), 80, 90), Part(43, pulse, 50, 60)]
    play(parts, 84, 21, GALLERY / "title-sequence/media/music.opus", 2.5)


def greeting() -> None:
    """A music box over strings."""
    tune = [(76, 1), (79, 1), (84, 1), (83, 2), (79, 1), (81, 1), (79, 1), (77, 1), (76, 3)]
    tune += [(74, 1), (77, 1), (81, 1), (79, 2), (76, 1), (74, 1), (72, 1), (71, 1), (72, 3)]
    shapes = [[48, 64, 67], [55, 62, 67], [53, 60, 69], [48, 60, 67]]
    shapes += [[50, 62, 65], [48, 64, 67], [55, 59, 65], [48, 60, 64]]
    box = Part(10, line(0, tune, 88), 64, 80)
    strings = Part(48, chords(0, 3, shapes, 48))
    play([box, strings], 132, 12.5, GALLERY / "greeting/media/music.opus", 2)


def recommendations() -> None:
    """An electric piano and brushed drums."""
    shapes = [[53, 57, 60, 64], [52, 55, 59, 62], [50, 53, 57, 60], [55, 59, 62, 65]]
    keys = [
        Note(bar * 4 + place, key, length, 66)
        for bar in range(9)
        for place, length in ((0, 1.4), (1.5, 0.4), (2.5, 1.3))
        for key in shapes[bar % 4]
    ]
    bass = [
        Note(bar * 4 + place, shapes[bar % 4][0] - 24, 0.8, 86)
        for bar in range(9)
        for place in (0, 1.5, 2.5)
    ]
    drums = beat(0, 9, 4, {KICK: [0, 2.5], SNARE: [1, 3], HAT: [x / 2 for x in range(8)]})
    parts = [Part(4, keys, 56, 60), Part(33, bass, 64, 0), Part(40, drums, drums=True)]
    play(parts, 92, 22, GALLERY / "recommendations/media/music.opus", 1.5)


SONGS: Final[tuple[Callable[[], None], ...]] = (
    trailer,
    advert,
    news,
    karaoke,
    stream,
    split_screen,
    title_sequence,
    greeting,
    recommendations,
)

if __name__ == "__main__":
    for song in SONGS:
        if song.__name__ in sys.argv[1:] or not sys.argv[1:]:
            song()
            print(song.__name__)
