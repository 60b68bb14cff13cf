"""vedc.lock: its contents, when it fits, edits by hand, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from vedc.color import Color
from vedc.decide.analyses import analysis
from vedc.decide.analyses.results import Spans
from vedc.decide.choose.reasons import Choice, JoinQuestion, Question, Reason
from vedc.decide.lock.lock_entry import LockEntry
from vedc.decide.lock.lock_file import Lock
from vedc.decide.lock.lock_text import entry_text
from vedc.decide.lock.resolve_lock import Decider, Mode, ResolvedLock, resolve_lock
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.errors import LockError, MissingError, SpecError
from vedc.lang.resolve.compile import canonical
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import load_text

SPEC = """\
version: 1
assets: {talk: {src: talk.mp4}, b: {src: b.mp4}}
timeline:
  - {clip: b, duration: 1s}
  - auto: {from: talk, cut: {method: shots, keep: best, duration: 3s}}
    volume: -3dB
    fade_in: 0.5s
"""


def prober(path: Path) -> MediaInfo:
    video = VideoInfo(
        640, 360, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
        Fraction(1, 12800), 250,
    )  # fmt: skip
    sound = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), Fraction(10))
    return MediaInfo(str(path), 1, 1, "video", "mov", Fraction(10), video, sound)


def fonts(path: Path) -> FontInfo:
    return FontInfo(str(path), "Plain", ((32, 126),))


class Fake(Decider):
    """Answers with two clips and a hard cut with reasons; notes what it was asked."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.asked: list[Question | JoinQuestion] = []

    def answer(
        self, question: Question | JoinQuestion
    ) -> tuple[tuple[Choice, ...], dict[str, str]]:
        self.asked.append(question)
        if isinstance(question, JoinQuestion):
            item = {"transition": "dissolve", "duration": "12f"}
            return (Choice(item, 0.5, (Reason("colour near", 0.5, "ΔE 3"),)),), {}
        name = question.sources[0].id
        good = (Reason("sharp", 0.31), Reason("dark, rather", -0.08, "luma 0.1"))
        return (
            Choice({"clip": name, "in": "00:00:01:00", "out": "00:00:03:00"}, 0.23, good),
            Choice({"transition": "cut"}, 0.1),
            Choice({"clip": name, "in": "125f", "out": "6s"}, 0.2, (), ("7s to 8s, score 0.1",)),
        ), {"nothing-known": "1"}


class Project:
    """A folder with a spec; ``run`` settles it and keeps the lock as a render would."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.digests = folder, {"talk.mp4": "t1", "b.mp4": "b1"}
        self.decider = Fake()
        for name in self.digests:
            (folder / name).write_bytes(b"x")

    @property
    def lock(self) -> Path:
        return self.folder / "vedc.lock"

    def run(
        self, mode: Mode = "decide", text: str = SPEC, name: str = "trip.vedc.yaml"
    ) -> ResolvedLock:
        document = replace(load_text(text, name), path=self.folder / name)
        settled = resolve_lock(
            canonical(document),
            Lock.load(self.lock),
            name,
            mode,
            self.decider,
            CheckContext(self.folder, prober, fonts),
            lambda path: self.digests[Path(path).name] * 8,
        )
        if mode not in ("kept", "locked"):
            settled.lock.save()
        return settled

    def edit(self, old: str, new: str) -> None:
        text = self.lock.read_text()
        assert text.count(old) == 1
        self.lock.write_text(text.replace(old, new))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def clips(settled: ResolvedLock) -> Sequence[Any]:
    found: Sequence[Any] = settled.document.data["timeline"]["tracks"][0]["clips"]
    return found


def test_an_answer_becomes_ordinary_clips(project: Project) -> None:
    settled = project.run()
    assert settled.decided == ["main[2]"]
    assert clips(settled) == [
        {"clip": "b", "duration": "1s"},
        {"clip": "talk", "in": "00:00:01:00", "out": "00:00:03:00", "volume": "-3dB",
         "fade_in": "0.5s"},
        {"clip": "talk", "in": "125f", "out": "6s", "volume": "-3dB"},
    ]  # fmt: skip


def test_the_file_reads_well_and_comes_back(project: Project) -> None:
    project.run()
    text = project.lock.read_text()
    assert text.splitlines()[3:] == [
        "lock: 1",
        "specs:",
        "  trip.vedc.yaml:",
        '    - auto: main[2]',
        *text.splitlines()[7:9],
        "      media: {talk: t1t1t1t1t1t1t1t1}",
        '      by: {nothing-known: "1"}',
        "      items:",
        '        - item: {clip: talk, in: 00:00:01:00, out: 00:00:03:00}',
        "          score: 0.23",
        "          for: [sharp +0.31]",
        '          against: ["dark, rather -0.08 (luma 0.1)"]',
        text.splitlines()[16],
        "        - item: {transition: cut}",
        "          score: 0.10",
        text.splitlines()[19],
        "        - item: {clip: talk, in: 125f, out: 6s}",
        "          score: 0.20",
        '          instead: ["7s to 8s, score 0.1"]',
        text.splitlines()[23],
    ]  # fmt: skip
    (entry,) = Lock.load(project.lock).entries("trip.vedc.yaml")
    assert not entry.edited and entry.text is not None
    assert entry.text == entry_text(entry)


def test_deciding_twice_gives_the_same_bytes(project: Project) -> None:
    project.run()
    before = project.lock.read_bytes()
    again = project.run()
    assert again.decided == [] and project.lock.read_bytes() == before
    project.lock.unlink()
    project.run()
    assert project.lock.read_bytes() == before


def test_what_fits_is_not_decided_again(project: Project) -> None:
    project.run()
    project.decider.asked.clear()
    for mode in ("kept", "locked", "decide"):
        assert len(clips(project.run(mode))) == 3  # type: ignore[arg-type]
    assert project.decider.asked == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("spec", "the spec now asks for something else"),
        ("media", "'talk' has changed"),
    ],
)
def test_what_no_longer_fits_is_decided_again(project: Project, change: str, why: str) -> None:
    project.run()
    text = SPEC
    if change == "spec":
        text = SPEC.replace("duration: 3s", "duration: 4s")
    else:
        project.digests["talk.mp4"] = "t2"
    with pytest.raises(LockError) as caught:
        project.run("locked", text)
    (problem,) = caught.value.problems
    assert problem.code == "lock-stale" and why in problem.message
    assert problem.location is not None and problem.location.line == 7
    assert problem.hint == "run: vedc lock SPEC"
    assert project.run("decide", text).decided == ["main[2]"]
    assert project.run("locked", text).decided == []


def test_an_answer_by_another_version_is_decided_again_but_not_one_by_a_missing_model(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = {"version": "1 weights 5e"}

    def version(params: object) -> str:
        if by["version"] == "gone":
            raise MissingError.one("missing-model", "the weights are not here")
        return by["version"]

    monkeypatch.setitem(analysis.MODULES, "seen", __name__)  # type: ignore[arg-type]
    declared = analysis.Analysis("seen", 7, "derived", Spans, (), lambda media: Spans(), version)
    monkeypatch.setitem(analysis._DECLARED, "seen", declared)
    answer = project.decider.answer
    monkeypatch.setattr(
        project.decider, "answer", lambda q: (answer(q)[0], {"seen(level=0.5)": "7 1 weights 5e"})
    )
    project.run()
    by["version"] = "gone"
    assert project.run("locked").open == []
    by["version"] = "2 weights 99"
    with pytest.raises(LockError) as caught:
        project.run("locked")
    assert "version 7 1 weights 5e and is now 7 2 weights 99" in str(caught.value)
    # Answers written by hand do not depend on what vedc would find: they stay, and the lock keeps
    # them.
    project.edit("out: 00:00:03:00", "out: 2.5s")
    assert project.run("locked").open == []
    settled = project.run()
    assert settled.decided == [] and settled.notes == []
    assert clips(settled)[1]["out"] == "2.5s"


def test_what_does_not_matter_to_the_answer_changes_nothing(project: Project) -> None:
    project.run()
    moved = SPEC.replace("-3dB", "-6dB").replace("{clip: b, duration: 1s}", "{gap: 2s}")
    assert project.run("locked", moved).open == []


def test_without_a_lock_the_question_stays_open_and_locked_refuses(project: Project) -> None:
    settled = project.run("kept")
    assert settled.open == ["main[2]"] and "auto" in clips(settled)[1]
    with pytest.raises(LockError) as caught:
        project.run("locked")
    assert caught.value.problems[0].code == "lock-missing"
    assert caught.value.exit_code == 5
    assert not project.lock.exists()


def test_an_edited_answer_is_kept_marked_and_reported(project: Project) -> None:
    project.run()
    project.edit("out: 00:00:03:00", "out: 2.5s, grade: [{op: exposure, stops: 1}]")
    settled = project.run()
    assert settled.decided == [] and settled.notes == []
    assert clips(settled)[1]["grade"] == [{"op": "exposure", "stops": 1}]
    text = project.lock.read_text()
    assert text.count("edited: true") == 2  # the decision and the item
    project.digests["talk.mp4"] = "t2"
    settled = project.run()
    assert settled.decided == [] and clips(settled)[1]["out"] == "2.5s"
    (note,) = settled.notes
    assert note.severity == "warning" and "edited by hand" in note.message
    with pytest.raises(LockError):
        project.run("locked")
    assert project.run("force").decided == ["main[2]"]
    assert "edited" not in project.lock.read_text().split("lock: 1")[1]


def test_items_can_be_added_moved_and_removed(project: Project) -> None:
    project.run()
    text = project.lock.read_text()
    head, first, cut, last = text.split("        - item: ")
    for changed in (
        head + "        - item: " + first,
        head + "".join("        - item: " + part for part in (last, cut, first)),
        text + "        - item: {clip: b, out: 1s}\n",
    ):
        project.lock.write_text(changed)
        (entry,) = Lock.load(project.lock).entries("trip.vedc.yaml")
        assert entry.edited
        assert project.run().decided == []
        assert "      edited: true\n" in project.lock.read_text()
    assert clips(project.run())[-1]["clip"] == "b"


def test_a_transition_may_be_put_where_a_hard_cut_was(project: Project) -> None:
    project.run()
    project.edit("{transition: cut}", "{transition: dissolve, duration: 0.2s}")
    assert clips(project.run())[2]["transition"] == {"name": "dissolve", "duration": "0.2s"}


def test_an_unchanged_entry_keeps_its_text_to_the_letter(project: Project) -> None:
    project.run()
    project.edit("          score: 0.10\n", "          score: 0.10   # as Ann said\n")
    project.run(name="other.vedc.yaml")
    text = project.lock.read_text()
    assert "# as Ann said" in text
    assert text.index("other.vedc.yaml") < text.index("trip.vedc.yaml")
    assert Lock.load(project.lock).specs() == ["other.vedc.yaml", "trip.vedc.yaml"]


def test_what_a_person_notes_down_survives_the_marking_of_an_edit(project: Project) -> None:
    project.run()
    project.edit("  trip.vedc.yaml:\n", "  trip.vedc.yaml:  # for Ann\n    # the opening\n")
    project.edit("out: 00:00:03:00}\n", "out: 2.5s}  # her best line\n          # no later\n")
    text = project.lock.read_text()
    added = (
        "        - item:\n            clip: b  # in full\n            out: 1s\n        # the end\n"
    )
    project.lock.write_text(text + added)
    assert project.run().decided == []
    marked = project.lock.read_text()
    for note in (
        "# for Ann",
        "# the opening",
        "# her best line",
        "# no later",
        "# in full",
        "# the end",
    ):
        assert marked.count(note) == 1, note
    assert marked.count("edited: true") == 3  # the decision and two items
    assert marked.replace("      edited: true\n", "").replace("    edited: true\n", "") != text
    lines = [line for line in marked.splitlines() if line.strip() != "edited: true"]
    assert lines == (text + added).splitlines()
    project.run()
    assert project.lock.read_text() == marked
    project.edit("out: 2.5s}  # her best line\n", "out: 00:00:03:00}  # as it was\n")
    project.edit(added.replace("        # the end\n", "            edited: true\n")
                 if False else "            out: 1s\n", "            out: 2s\n")  # fmt: skip
    project.run()
    text = project.lock.read_text()
    assert "# as it was" in text and text.count("edited: true") == 2


@pytest.mark.parametrize(
    "text",
    [
        "lock: 1\nspecs: {trip.vedc.yaml: []}\n",
        "{lock: 1, specs: {other.vedc.yaml: []}}\n",
        "specs:\n  other.vedc.yaml: []\nlock: 1\n",
    ],
)
def test_a_lock_written_in_another_shape_is_rewritten(project: Project, text: str) -> None:
    project.lock.write_text(text)
    project.run()
    assert [e.name for e in Lock.load(project.lock).entries("trip.vedc.yaml")] == ["main[2]"]


def test_an_item_that_moves_takes_its_answer_along(project: Project) -> None:
    project.run()
    project.edit("out: 6s", "out: 6.5s")
    settled = project.run(text=SPEC.replace("  - {clip: b, duration: 1s}\n", ""))
    assert settled.decided == [] and clips(settled)[1]["out"] == "6.5s"
    assert "auto: main[1]" in project.lock.read_text()


def test_an_id_names_the_entry(project: Project) -> None:
    project.run(text=SPEC.replace("    volume", "    id: best-of\n    volume"))
    assert "auto: best-of" in project.lock.read_text()


def test_answers_that_nothing_asks_for_go_unless_they_were_edited(project: Project) -> None:
    plain = SPEC.split("  - auto")[0]
    project.run()
    project.run(text=plain)
    assert not project.lock.exists()
    project.run()
    project.edit("out: 6s", "out: 6.5s")
    (note,) = project.run(text=plain).notes
    assert note.code == "lock-unused" and project.lock.exists()
    project.run("force", text=plain)
    assert not project.lock.exists()


def test_a_chosen_transition_is_asked_with_what_stands_beside_it(project: Project) -> None:
    text = SPEC.replace("  - auto", "  - {transition: auto}\n  - auto")
    settled = project.run(text=text)
    assert settled.decided == ["main[3]", "main[2]"]
    join = project.decider.asked[1]
    assert isinstance(join, JoinQuestion)
    assert (join.left.id, join.left.begin, join.left.end) == ("b", 0, 1)
    assert (join.right.id, join.right.begin, join.right.end) == ("talk", 1, 3)
    assert clips(settled)[1] == {"transition": {"name": "dissolve", "duration": "12f"}}
    assert project.run("locked", text).open == []


def test_what_stands_in_the_lock_is_checked_at_its_place(project: Project) -> None:
    project.run()
    project.edit("out: 6s", "oppacity: 1")
    with pytest.raises(SpecError) as caught:
        project.run("locked")
    (problem,) = caught.value.problems
    assert problem.code == "unknown-key" and problem.location is not None
    assert problem.location.file.endswith("vedc.lock") and problem.location.line == 21


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("# package manager\n__metadata:\n  version: 8\n", "lock-foreign", 1),
        ("lock: 9\nspecs: {}\n", "lock-version", 1),
        ("lock: 1\nspecs: {a: [{auto: x}]}\n", "lock-damaged", 2),
        ("lock: 1\nspecs:\n  a: [\n", "lock-damaged", 3),
        ("lock: 1\nspecs:\n<<<<<<< HEAD\n  a: []\n", "lock-damaged", 3),
        ("just words", "lock-foreign", 1),
    ],
)
def test_a_foreign_or_damaged_lock_is_refused_with_place_and_fix(
    project: Project, text: str, code: str, line: int
) -> None:
    project.lock.write_text(text)
    with pytest.raises(LockError) as caught:
        project.run()
    problem = caught.value.problems[0]
    assert problem.code == code and problem.hint and "vedc lock" in problem.hint
    assert problem.location is not None and problem.location.line == line
    assert project.lock.read_text() == text


def test_a_lock_that_is_not_text_is_refused(project: Project) -> None:
    project.lock.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LockError) as caught:
        project.run()
    assert caught.value.problems[0].code == "lock-damaged"


def test_odd_words_survive_the_file(tmp_path: Path) -> None:
    item = {"clip": "a: b", "metadata": {"x": ["- y", "true", "1.0", "#", "é 中", ""]}}
    reasons = (Reason('it\'s "so"', 0.5, "[1, 2]"), Reason("x: y", -0.5))
    entry = LockEntry.of("na me[1]", "a" * 16, {"a: b": "0e1"}, {}, [Choice(item, 0.0, reasons)])
    lock = Lock(tmp_path / "vedc.lock").with_entries("my film.vedc.yaml", [entry])
    (again,) = Lock(lock.path, lock.text).entries("my film.vedc.yaml")
    assert again.items[0].node.plain() == item
    assert not again.edited and again.media == {"a: b": "0e1"}
    assert again.items[0].reasons_for == ('it\'s "so" +0.50 ([1, 2])',)


def test_an_edited_answer_can_be_accepted_for_what_changed(project: Project) -> None:
    project.run()
    project.edit("out: 6s}", "out: 6.5s}   # Ann's")
    project.digests["talk.mp4"] = "t2"
    with pytest.raises(LockError) as caught:
        project.run("locked")
    assert "vedc lock --accept" in str(caught.value.problems[0].hint)
    settled = project.run("accept")
    assert settled.decided == [] and settled.notes == []
    assert clips(settled)[2]["out"] == "6.5s"
    assert project.run("locked").notes == []
    text = project.lock.read_text()
    assert "# Ann's" in text and "media: {talk: t2t2t2t2t2t2t2t2}" in text
