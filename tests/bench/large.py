"""Large specs: CPU time of `vedc validate` and `vedc plan` over that of reading the YAML.

Reading is PyYAML's: its C parser and the composition of nodes, without any meaning. A second row
shows the cost of twice as much: 2 if it is linear.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.measure import MEDIA, in_turn, measured, row, vedc

TIMES = 3
_READ = "import sys, yaml; yaml.compose(open(sys.argv[1]), yaml.CSafeLoader)"
WORDS = (
    *("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"),
    *("while", "five", "dozen", "jugs", "naïve", "“quoted”"),
)
_HEAD = "version: 1\nprofile: {width: 1280, height: 720, fps: 25}\n"


def captions(count: int) -> str:
    """Two lines each, most of them wrapped, two seconds apart."""

    def line(number: int) -> str:
        return " ".join(WORDS[(number * 7 + place * 3) % len(WORDS)] for place in range(6))

    items = [
        f'        - {{text: "{line(i)}\\n{line(i + 3)}", start: {2 * i}s, duration: 1.8s, size: 48,'
        " max_width: 900, position: bottom, offset: [0, -40]}"
        for i in range(count)
    ]
    ground = f"    - clips: [{{color: black, duration: {2 * count}s}}]\n    - clips:\n"
    return f"{_HEAD}timeline:\n  tracks:\n{ground}" + "\n".join(items) + "\n"


def clips(count: int, film: Path) -> str:
    """Graded clips of one file, every tenth one behind a dissolve."""
    lines = [f"{_HEAD}assets: {{film: {{src: {film}}}}}\ntimeline:"]
    for i in range(count):
        if i % 10 == 9:
            lines.append("  - {transition: dissolve, duration: 0.4s}")
        stops = round(-0.3 + 0.01 * (i % 60), 2)
        lines.append(
            f"  - {{clip: film, in: {i * 13 % 8}s, duration: 2s, "
            f"grade: [{{op: exposure, stops: {stops}}}, {{op: saturation, amount: 1.1}}]}}"
        )
    return "\n".join(lines) + "\n"


def _compare(name: str, folder: Path, texts: list[str], command: str, most: str) -> None:
    specs = []
    for text in texts:
        specs.append(folder / f"{len(specs)}.vedc.yaml")
        specs[-1].write_text(text, encoding="utf-8")
    half, whole = (
        vedc(command, "--cache", folder / "cache", "--allow-path", MEDIA.resolve(), spec)
        for spec in specs
    )
    measured(whole)  # reads fonts and media
    read = [sys.executable, "-c", _READ, specs[1]]
    mine, theirs = in_turn(lambda: measured(whole), lambda: measured(read), TIMES)
    row(name, f"{mine / theirs:.1f}x", most)
    mine, theirs = in_turn(lambda: measured(whole), lambda: measured(half), TIMES)
    row("  twice as many", f"{mine / theirs:.2f}x", "about 2")


def main(folder: Path) -> None:
    print("Large specs: CPU time over that of reading their YAML with PyYAML's C parser")
    _compare(
        "vedc validate, 6,000 captions of two lines", folder, [captions(3000), captions(6000)],
        "validate", "",
    )  # fmt: skip
    film = MEDIA / "video" / "talk.mp4"
    if not film.exists():
        print(f"  clips are left out: no media at {MEDIA}")
        return
    texts = [clips(count, film.resolve()) for count in (5000, 10_000)]
    _compare("vedc plan, 10,000 clips", folder, texts, "plan", "")
