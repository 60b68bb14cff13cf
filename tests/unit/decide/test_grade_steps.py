"""Decided steps of grades: their questions, their answers in vedc.lock, what a hand changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.stand_in_grades import stand_in
from tests.unit.decide import deciding as d
from vedc.decide.choose.reasons import Choice, JoinQuestion, Question, Reason
from vedc.decide.grades.deciders import DECIDERS, GradeAsked
from vedc.decide.grades.shot import Decision
from vedc.decide.lock.lock_file import Lock
from vedc.decide.lock.resolve_lock import Decider, Mode, ResolvedLock, resolve_lock
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import MediaInfo
from vedc.errors import LockError, UserError
from vedc.lang.keys.decided.effects import EFFECTS
from vedc.lang.keys.decided.grades import GRADES
from vedc.lang.resolve.compile import canonical, check
from vedc.lang.resolve.grades.question import GradeQuestion
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import load_text


def prober(path: Path) -> MediaInfo:
    if path.suffix == ".png":
        return replace(d.media(str(path), 1, 25, sound=False), kind="image", container="png")
    if path.suffix == ".flac":
        return d.song(str(path))
    return d.media(str(path), 250, 25)


class Fake(Decider):
    """Cuts that are two clips, dissolves, and for each shot an exposure."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.asked: list[GradeQuestion] = []
        self.cut_at: tuple[str, ...] = ()
        """Where shots of the sources end."""

    def answer(
        self, question: Question | JoinQuestion | GradeQuestion
    ) -> tuple[tuple[Choice, ...], dict[str, str]]:
        if isinstance(question, JoinQuestion):
            return (Choice({"transition": "dissolve", "duration": "12f"}, 0.5),), {}
        if isinstance(question, Question):
            name = question.sources[0].id
            return (
                Choice({"clip": name, "in": "1s", "out": "3s"}, 0.5),
                Choice({"clip": name, "in": "5s", "out": "6s"}, 0.5),
            ), {}
        self.asked.append(question)
        made = []
        for item in question.items:
            ends = ["0s", *self.cut_at, "10s"]
            shots = [f"{a}-{b}" for a, b in pairwise(ends)]
            if item.media is None:
                shots = [""]
            for number, shot in enumerate(shots):
                step = {"op": "exposure", "stops": 0.5 + number}
                reasons = (Reason("warmth", 0.4, "b* 3 to 9"), Reason("greens", -0.1))
                clip = item.name if question.shared else ""
                made.append(
                    Choice([step], 0.3, reasons, ("as it is, score 0.00",), clip=clip, shot=shot)
                )
        return tuple(made), {"stand-in": "1"}


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder, self.decider = folder, Fake()
        self.digests = {"talk.mp4": "t1", "b.mp4": "b1", "dusk.png": "d1", "s.flac": "s1"}
        for name in self.digests:
            (folder / name).write_bytes(b"x")

    @property
    def lock(self) -> Path:
        return self.folder / "vedc.lock"

    def run(self, timeline: str, mode: Mode = "decide") -> ResolvedLock:
        text = f"version: 1\nprofile: {{width: 64, height: 36, fps: 25}}\ntimeline:\n{timeline}\n"
        document = replace(load_text(text, "a.vedc.yaml"), path=self.folder / "a.vedc.yaml")
        settled = resolve_lock(
            canonical(document),
            Lock.load(self.lock),
            "a.vedc.yaml",
            mode,
            self.decider,
            self.context(),
            lambda path: self.digests[Path(path).name] * 8,
        )
        if mode not in ("kept", "locked"):
            settled.lock.save()
        return settled

    def checked(self, timeline: str) -> tuple[str, str, str]:
        """The only problem that a check reports, without deciding anything."""
        text = f"version: 1\nprofile: {{width: 64, height: 36, fps: 25}}\ntimeline:\n{timeline}\n"
        document = replace(load_text(text, "a.vedc.yaml"), path=self.folder / "a.vedc.yaml")
        with pytest.raises(UserError) as caught:
            check(document, self.context())
        (problem,) = set(caught.value.problems)
        return problem.code, problem.message, problem.hint or ""

    def context(self) -> CheckContext:
        return CheckContext(
            self.folder, prober, lambda path: FontInfo(str(path), "P", ((32, 126),))
        )

    def refused(self, timeline: str) -> tuple[str, str, str]:
        """Code, message and hint of the only problem."""
        with pytest.raises(UserError) as caught:
            self.run(timeline)
        (problem,) = caught.value.problems
        return problem.code, problem.message, problem.hint or ""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    def decide(asked: GradeAsked) -> list[Decision]:
        raise AssertionError("the fake decides")

    stand_in(monkeypatch, decide)
    return Project(tmp_path)


def grades(settled: ResolvedLock, track: int = 0) -> Sequence[Any]:
    clips = settled.document.data["timeline"]["tracks"][track]["clips"]
    return [clip.get("grade") for clip in clips]


UP = {"op": "exposure", "stops": 0.5}
MORE = {"op": "saturation", "amount": 1.1}


def test_steps_take_the_place_of_a_decided_one(project: Project) -> None:
    settled = project.run(
        "  - {clip: talk.mp4, grade: [{op: saturation, amount: 1.1}, {auto: balance}, "
        "{op: saturation, amount: 1.1}]}"
    )
    assert settled.decided == ["main[1].2"] and grades(settled) == [[MORE, UP, MORE]]
    (question,) = project.decider.asked
    assert [call.op for call in question.items[0].shown.grade] == ["saturation"]


def test_the_lock_reads_as_it_should(project: Project) -> None:
    project.run("  - {clip: talk.mp4, grade: [{auto: balance}]}")
    text = project.lock.read_text()
    assert (
        """      media: {talk.mp4: t1t1t1t1t1t1t1t1}
      by: {stand-in: "1"}
      items:
        - shot: 0s-10s
          item:
            - {op: exposure, stops: 0.5}
          score: 0.30
          for: ["warmth +0.40 (b* 3 to 9)"]
          against: [greens -0.10]
          instead: ["as it is, score 0.00"]
"""
        in text
    )


def test_the_second_time_nothing_is_decided(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, grade: [{auto: balance}, {auto: {match: b.mp4}}]}"
    first = project.run(timeline)
    text = project.lock.read_text()
    again = project.run(timeline, "locked")
    assert again.decided == [] and grades(again) == grades(first)
    assert project.lock.read_text() == text


def test_a_question_sees_the_answers_before_it(project: Project) -> None:
    settled = project.run("  - {clip: talk.mp4, grade: [{auto: balance}, {auto: {match: b.mp4}}]}")
    assert settled.decided == ["main[1].1", "main[1].2"]
    second = project.decider.asked[1]
    assert [call.op for call in second.items[0].shown.grade] == ["exposure"]
    assert second.reference is not None and second.reference.source == "b.mp4"


def test_nothing_to_do_leaves_a_clip_as_it_is(project: Project) -> None:
    project.run("  - {clip: talk.mp4, grade: [{auto: balance}]}")
    text = project.lock.read_text()
    project.lock.write_text(
        text.replace("          item:\n            - {op: exposure, stops: 0.5}\n",
                     "          item: []\n")
    )  # fmt: skip
    settled = project.run("  - {clip: talk.mp4, grade: [{auto: balance}]}")
    assert grades(settled) == [[]] and settled.decided == []
    assert "edited: true" in project.lock.read_text()


def test_a_hand_changes_a_shot_and_its_edit_is_kept(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, out: %s, grade: [{auto: balance}]}"
    project.run(timeline % "8s")
    text = project.lock.read_text()
    project.lock.write_text(text.replace("stops: 0.5}", "stops: 0.75}  # as she wants it"))
    settled = project.run(timeline % "8s")
    assert grades(settled) == [[{"op": "exposure", "stops": 0.75}]]
    assert "# as she wants it" in project.lock.read_text()
    settled = project.run(timeline % "9s")
    (note,) = settled.notes
    assert note.code == "lock-stale" and "asks for something else" in note.message
    assert grades(settled) == [[{"op": "exposure", "stops": 0.75}]]
    assert not project.run(timeline % "9s", "accept").notes
    assert not project.run(timeline % "9s").notes
    assert grades(project.run(timeline % "9s", "force")) == [[UP]]


def test_a_moved_end_of_a_shot_is_an_edit(project: Project) -> None:
    project.decider.cut_at = ("4s",)
    timeline = "  - {clip: talk.mp4, grade: [{auto: balance}]}"
    project.run(timeline)
    text = project.lock.read_text().replace("0s-4s", "0s-3s").replace("4s-10s", "3s-10s")
    project.lock.write_text(text)
    settled = project.run(timeline)
    ((step,),) = grades(settled)
    assert [p["time"] for p in step["stops"]["keyframes"]] == ["00:00:00:00", "00:00:03:00"]
    assert settled.entries[0].edited


def test_several_shots_become_keyframes_in_the_clips_time(project: Project) -> None:
    project.decider.cut_at = ("4s", "8s")
    settled = project.run("  - {clip: talk.mp4, in: 3s, speed: 2, grade: [{auto: balance}]}")
    ((step,),) = grades(settled)
    assert step == {"op": "exposure", "stops": {"keyframes": [
        {"time": "00:00:00:00", "value": 0.5, "easing": "step-end"},
        {"time": "0.5s", "value": 1.5, "easing": "step-end"},
        {"time": "2.5s", "value": 2.5},
    ]}}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ("grade: [{auto: balance}]", "grade: [{auto: {balance: {strength: 0.5}}}]", True),
        ("grade: [{auto: balance}]", "grade: [{auto: {balance: {}}}]", False),
        ("grade: [{auto: balance}]", "grade: [{auto: balance}, {op: invert}]", False),
        ("grade: [{auto: balance}]", "grade: [{op: invert}, {auto: balance}]", True),
        ("grade: [{auto: balance}]", "volume: -3dB, grade: [{auto: balance}]", False),
        ("grade: [{auto: balance}]", "start: 1s, grade: [{auto: balance}]", False),
        ("grade: [{auto: balance}]", "speed: 2, grade: [{auto: balance}]", True),
        ("grade: [{auto: balance}]", "crop: [0.1, 0, 0, 0], grade: [{auto: balance}]", True),
    ],
)
def test_what_makes_a_decision_stale(
    project: Project, before: str, after: str, asked: bool
) -> None:
    project.run(f"  - {{clip: talk.mp4, {before}}}")
    settled = project.run(f"  - {{clip: talk.mp4, {after}}}")
    assert bool(settled.decided) == asked


def test_a_changed_file_decides_again(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, grade: [{auto: {match: dusk.png}}]}"
    project.run(timeline)
    project.digests["dusk.png"] = "d2"
    with pytest.raises(LockError, match=r"'dusk.png' has changed"):
        project.run(timeline, "locked")
    assert project.run(timeline).decided == ["main[1].1"]


def test_a_new_decider_decides_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = "  - {clip: talk.mp4, grade: [{auto: balance}]}"
    project.run(timeline)
    stand_in(monkeypatch, lambda asked: [], "balance", version="2")
    assert project.run(timeline).decided == ["main[1].1"]


def test_kept_leaves_it_open(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, grade: [{auto: balance}, {auto: {match: b.mp4}}]}"
    assert project.run(timeline, "kept").open == ["main[1].1"]
    with pytest.raises(LockError, match="no decision for main"):
        project.run(timeline, "locked")


def test_a_reference_in_the_film_is_seen_with_its_grade(project: Project) -> None:
    settled = project.run(
        "  - {clip: talk.mp4, grade: [{auto: {match: two, at: 1s}}]}\n"
        "  - {clip: b.mp4, in: 2s, id: two, grade: [{op: invert}, {auto: balance}]}"
    )
    assert settled.decided == ["two.2", "main[1].1"]
    question = project.decider.asked[1]
    assert question.reference is not None and question.at == 3
    assert [call.op for call in question.reference.shown.grade] == ["invert", "exposure"]


def test_references_may_not_go_round(project: Project) -> None:
    code, message, _ = project.refused(
        "  - {clip: talk.mp4, id: one, grade: [{auto: {match: two}}]}\n"
        "  - {clip: b.mp4, id: two, grade: [{auto: {match: one}}]}"
    )
    assert code == "decision-cycle" and "depends on itself" in message


def test_clips_of_an_auto_item_are_decided_one_by_one(project: Project) -> None:
    settled = project.run(
        "  - {clip: b.mp4, out: 1s}\n"
        "  - auto: {from: talk.mp4, cut: shots, grade: {match: dusk.png}}\n"
        "    grade: [{op: saturation, amount: 1.1}]\n"
        "  - {clip: b.mp4, in: 2s, grade: [{auto: balance}]}"
    )
    assert settled.decided == ["main[2]", "main[2][1].1", "main[2][2].1", "main[3].1"]
    assert grades(settled) == [None, [UP, MORE], [UP, MORE], [UP]]
    assert project.decider.asked[0].items[0].time_map.source_range() == (1, 3)


def test_a_tracks_grade_is_for_each_of_its_clips(project: Project) -> None:
    settled = project.run(
        "  tracks:\n"
        "    - id: main\n"
        "      grade: [{op: saturation, amount: 1.1}, {auto: balance}]\n"
        "      clips:\n"
        "        - {clip: talk.mp4, grade: [{op: invert}]}\n"
        "        - {image: dusk.png, duration: 1s}\n"
        "        - {text: Hello, duration: 1s}\n"
    )
    assert settled.decided == ["main[1].main.2", "main[2].main.2"]
    assert grades(settled) == [[{"op": "invert"}, MORE, UP], [MORE, UP], None]
    assert "grade" not in settled.document.data["timeline"]["tracks"][0]


def test_equalise_looks_at_all_clips_of_a_track(project: Project) -> None:
    timeline = (
        "  tracks:\n"
        "    - id: main\n"
        "      grade: [{auto: {equalise: scenes, hero: talk.mp4}}]\n"
        "      clips:\n"
        "        - {clip: b.mp4, grade: [{auto: balance}]}\n"
        "        - {clip: talk.mp4, id: hers}\n"
        "        - {image: dusk.png, duration: 1s}\n"
        "    - id: other\n"
        "      clips: [{clip: b.mp4}]\n"
    )
    settled = project.run(timeline)
    assert settled.decided == ["main[1].1", "main.1"]
    question = project.decider.asked[1]
    assert [item.name for item in question.items] == ["main[1]", "hers", "main[3]"]
    assert question.hero == (1,) and question.options["by"] == "scenes"
    assert grades(settled) == [[UP, UP], [UP], [UP]] and grades(settled, 1) == [None]
    assert "- clip: hers\n          shot: 0s-10s\n" in project.lock.read_text()
    assert project.run(timeline, "locked").decided == []


def test_equalise_over_the_whole_film(project: Project) -> None:
    settled = project.run(
        "  grade: [{auto: equalise}]\n"
        "  tracks:\n"
        "    - {id: a, grade: [{op: invert}], clips: [{clip: b.mp4}]}\n"
        "    - {id: b, clips: [{clip: talk.mp4}]}\n"
    )
    assert settled.decided == ["timeline.1"]
    assert [item.name for item in project.decider.asked[0].items] == ["a[1]", "b[1]"]
    assert grades(settled) == [[{"op": "invert"}, UP]] and grades(settled, 1) == [[UP]]


def test_a_composition_under_a_shared_decision_is_reported(project: Project) -> None:
    settled = project.run(
        "  tracks:\n"
        "    - id: main\n"
        "      grade: [{auto: balance}, {op: invert}]\n"
        "      clips:\n"
        "        - {clip: talk.mp4}\n"
        "        - {composition: {timeline: [{clip: b.mp4, out: 1s}]}}\n"
    )
    assert settled.decided == ["main[1].main.1"]
    assert grades(settled) == [[UP, {"op": "invert"}], [{"op": "invert"}]]
    (note,) = settled.notes
    assert (note.code, note.severity) == ("no-shots", "note")


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("text: Hi, duration: 1s", "a title has no shots"),
        ("color: red, duration: 1s", "a plain colour has no shots"),
        ("adjustment: true, duration: 1s", "an adjustment has no shots"),
        ("generator: checker, duration: 1s", "a generator has no shots"),
        ("composition: {timeline: [{clip: b.mp4, out: 1s}]}", "only when it is drawn"),
    ],
)
def test_what_has_no_shots(project: Project, item: str, why: str) -> None:
    timeline = f"  - {{clip: b.mp4, out: 1s}}\n  - {{{item}, grade: [{{auto: balance}}]}}"
    code, message, hint = project.checked(timeline)
    assert code == "no-shots" and why in message and hint


def test_nothing_is_decided_in_a_composition(project: Project) -> None:
    inner = "{clip: b.mp4, out: 1s, grade: [{auto: balance}]}"
    code, message, _ = project.checked(f"  - {{composition: {{timeline: [{inner}]}}}}")
    assert (code, message) == ("undecided-composition", "nothing is decided inside a composition")


def test_nothing_is_decided_after_a_picture_as_a_mask(project: Project) -> None:
    mask = "{op: invert, mask: {op: image_mask, src: dusk.png}}"
    reported = project.refused(f"  - {{clip: b.mp4, grade: [{mask}, {{auto: balance}}]}}")
    assert reported[0] == "no-decision" and "after a step with image_mask" in reported[1]


CLIP = "  - {clip: talk.mp4, id: one, grade: [{auto: %s}]}"


@pytest.mark.parametrize(
    ("timeline", "code", "message", "hint"),
    [
        (CLIP % "{match: tolk.mp4}", "file-missing", "tolk.mp4", ""),
        (
            f"{CLIP}\n  - {{clip: b.mp4, id: two}}" % "{match: tow}",
            "unknown-asset",
            "did you mean 'two'?",
            "",
        ),
        (CLIP % "{match: one}", "self-match", "match itself", "another item"),
        (CLIP % "{match: s.flac}", "no-video", "no picture to match", "a still or a film"),
        (CLIP % "{match: dusk.png, at: 1s}", "no-effect", "is a still", "leave it out"),
        (CLIP % "{match: b.mp4, at: 11s}", "in-beyond-end", "only 10s long", "before 10s"),
        (CLIP % "{equalise: scenes, hero: tow}", "unknown-hero", "'tow'", "one of them"),
        (CLIP % "{look: no.json}", "file-missing", "no.json", ""),
    ],
)
def test_what_cannot_be_asked(
    project: Project, timeline: str, code: str, message: str, hint: str
) -> None:
    reported = project.refused(timeline)
    assert (reported[0], message in reported[1], hint in reported[2]) == (code, True, True), (
        reported
    )


def test_wrong_answers_are_reported_at_their_place(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, grade: [{auto: balance}]}"
    project.run(timeline)
    text = project.lock.read_text()
    for old, new, message in (
        ("op: exposure", "op: exposur", "not a grade op; did you mean 'exposure'?"),
        ("{op: exposure, stops: 0.5}", "{auto: balance}", "an answer cannot ask again"),
    ):
        project.lock.write_text(text.replace(old, new))
        reported = project.refused(timeline)[1]
        assert message in reported


def test_shots_must_be_in_order(project: Project) -> None:
    project.decider.cut_at = ("4s",)
    timeline = "  - {clip: talk.mp4, grade: [{auto: balance}]}"
    project.run(timeline)
    text = project.lock.read_text()
    for old, new in (("4s-10s", "3s-10s"), ("4s-10s", "soon")):
        project.lock.write_text(text.replace(old, new))
        assert project.refused(timeline)[0] == "bad-answer"


def test_the_catalogue_and_the_deciders_agree() -> None:
    rows = {**GRADES, **EFFECTS}.items()
    assert {name for name, kind in rows if kind.supported} == DECIDERS.keys()
