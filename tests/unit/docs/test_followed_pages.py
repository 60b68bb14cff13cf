"""Pages that readers follow: the tutorial, and the guides for people who come from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import vedc
from tests.error.materials import place
from tests.paths import EXAMPLES, ROOT
from tests.tutorial_pages import Reader

pytestmark = pytest.mark.slow

TUTORIAL = ROOT / "docs" / "tutorial.md"
GUIDES = sorted((ROOT / "docs" / "coming-from").glob("*.md"))

_HEAD = "version: 1\nprofile: {width: 320, height: 180, fps: 25}\n"
_PLAIN = "timeline: [{color: red, duration: 1s}]\n"


@pytest.mark.slow
def test_the_tutorial_says_what_its_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = TUTORIAL.read_text(encoding="utf-8")
    assert len(re.findall(r"^## \d+\. ", text, re.MULTILINE)) == 10
    assert Reader(tmp_path).follow(text) == text, (
        "run `python -m tests.tutorial_pages docs/tutorial.md`"
    )


@pytest.fixture
def media(tmp_path: Path) -> Path:
    for name, kind in {
        "a.mp4": "long", "b.mp4": "long", "music.wav": "sound", "logo.png": "picture",
    }.items():  # fmt: skip
        place(tmp_path, name, kind)
    (tmp_path / "talk.srt").write_text("1\n00:00:00,100 --> 00:00:00,800\nHello\n")
    look = EXAMPLES / "quickstart" / "looks" / "warm-print.cube"
    (tmp_path / "look.cube").write_bytes(look.read_bytes())
    return tmp_path


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_says_what_its_commands_print(guide: Path, media: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    assert Reader(media).follow(text) == text, (
        f"run `python -m tests.tutorial_pages {guide.relative_to(ROOT)}`"
    )


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_row_of_a_guide_is_valid(guide: Path, media: Path) -> None:
    rows = re.findall(r"^\| .* \| (.*) \|$", guide.read_text(encoding="utf-8"), re.MULTILINE)
    codes = [code for row in rows for code in re.findall(r"`([^`]+)`", row)]
    specs = [spec for code in codes if (spec := _spec(code)) is not None]
    assert len(specs) > 20
    wrong = [
        f"{text}{problem.headline()}"
        for text in specs
        for problem in vedc.Spec.parse(text, folder=media).problems
        if problem.severity == "error"
    ]
    assert wrong == []


def _spec(code: str) -> str | None:
    """A fragment in its own spec; None for anything else."""
    if code.startswith(("outputs: [", "captions: {")):
        return f"{_HEAD}{_PLAIN}{code}\n"
    if code.startswith("profile: {"):
        return f"version: 1\n{code}\n{_PLAIN}"
    if code.startswith("{transition"):
        return f"{_HEAD}timeline: [{{clip: a.mp4}}, {code}, {{clip: b.mp4}}]\n"
    if "duration: 100%" in code:
        return f"{_HEAD}timeline: {{tracks: [{{clips: [{{clip: a.mp4}}]}}, {{clips: [{code}]}}]}}\n"
    if code.startswith("{"):
        sound = "audio: [{id: voice, clip: music.wav}]\n" if "voice" in code else ""
        return f"{_HEAD}timeline: [{code}]\n{sound}"
    return None
