"""Crops that are left to vedc: their questions, their answers in vedc.lock, what a hand changes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.decide import deciding as d
from vedc.decide.choose.reasons import Choice, JoinQuestion, Question, Reason
from vedc.decide.lock.lock_file import Lock
from vedc.decide.lock.resolve_lock import Decider, Mode, ResolvedLock, resolve_lock
from vedc.decide.reframe.times import Moving, in_clip_time
from vedc.edit.easing import value_at
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit
from vedc.edit.time_map import TimeMap
from vedc.edit.values import Keyframes
from vedc.errors import LockError, UserError
from vedc.lang.resolve.compile import canonical, check, resolve_all
from vedc.lang.resolve.grades.question import GradedItem, GradeQuestion
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.reframe.question import ReframeQuestion
from vedc.lang.resolve.reframe.spliced import ShotCrop, crop_of_clip
from vedc.lang.yaml.load import load_text

SHOWN = (128.0, 0.0, 404.0, 720.0)
"""The crop that the fake decides, in whole pixels."""
WIDE, TALL = "{path: wide.mp4}", "{path: tall.mp4, width: 36, height: 64, reframe: auto}"


def prober(path: Path) -> MediaInfo:
    if path.suffix == ".png":
        return replace(d.media(str(path), 1, 25, sound=False), kind="image", container="png")
    return d.media(str(path), 250, 25)


class Fake(Decider):
    """Cuts between two clips; for each shot a crop ever further to the right."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.asked: list[ReframeQuestion] = []
        self.cut_at: tuple[str, ...] = ()
        self.crop: Any = None

    def answer(
        self, question: Question | JoinQuestion | GradeQuestion | ReframeQuestion
    ) -> tuple[tuple[Choice, ...], dict[str, str]]:
        if isinstance(question, Question):
            name = question.sources[0].id
            return (
                Choice({"clip": name, "in": "1s", "out": "3s"}, 0.5),
                Choice({"clip": name, "in": "5s", "out": "6s"}, 0.5),
            ), {}
        assert isinstance(question, ReframeQuestion)
        self.asked.append(question)
        made = []
        for item in question.items:
            ends = ["0s", *self.cut_at, "10s"]
            shots = [f"{a}-{b}" for a, b in pairwise(ends)]
            for number, shot in enumerate(shots if item.item.media is not None else [""]):
                crop = self.crop or {
                    "x": round(0.1 + 0.2 * number, 3), "y": 0, "width": 0.316, "height": 1
                }  # fmt: skip
                name = item.name if question.shared else ""
                reasons = (Reason("stands out", 0.7), Reason("under titles", -0.1))
                choice = Choice({"crop": crop}, 0.6, reasons, ("the middle, score 0.40",))
                made.append(replace(choice, clip=name, shot=shot))
        return tuple(made), {"reframe": "2"}


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder, self.decider = folder, Fake()
        self.digests = {"talk.mp4": "t1", "b.mp4": "b1", "dusk.png": "d1"}
        for name in self.digests:
            (folder / name).write_bytes(b"x")

    @property
    def lock(self) -> Path:
        return self.folder / "vedc.lock"

    def context(self) -> CheckContext:
        return CheckContext(
            self.folder, prober, lambda path: FontInfo(str(path), "P", ((32, 126),))
        )

    def run(self, timeline: str, outputs: str = f"[{WIDE}, {TALL}]", mode: Mode = "decide") -> Any:
        text = (
            "version: 1\nprofile: {width: 64, height: 36, fps: 25}\n"
            f"timeline:\n{timeline}\noutputs: {outputs}\n"
        )
        self.document = replace(load_text(text, "a.vedc.yaml"), path=self.folder / "a.vedc.yaml")
        settled = resolve_lock(
            canonical(self.document),
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

    def edits(self, settled: ResolvedLock) -> list[Edit]:
        context = self.context()
        edits = resolve_all(settled.document, context)
        assert not context.problems
        return edits

    def refused(self, timeline: str, outputs: str = f"[{WIDE}, {TALL}]") -> tuple[str, str, str]:
        with pytest.raises(UserError) as caught:
            self.run(timeline, outputs)
        (problem,) = caught.value.problems
        return problem.code, problem.message, problem.hint or ""

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load(self.lock.read_text())["specs"]["a.vedc.yaml"]
        return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def crop(edit: Edit, item: int = 0, track: int = 0) -> Any:
    return edit.tracks[track].items[item].frame.of("source").get("crop")


def fit(edit: Edit, item: int = 0) -> str:
    return edit.tracks[0].items[item].frame.fit


# Outputs


def test_an_output_has_its_own_crops(project: Project) -> None:
    settled = project.run("  - {clip: talk.mp4}\n  - {clip: b.mp4, out: 4s}")
    (entry,) = project.entries()
    assert entry["reframe"] == "tall.mp4" and settled.decided == ["tall.mp4"]
    assert [item["clip"] for item in entry["items"]] == ["main[1]", "main[2]"]
    wide, tall = project.edits(settled)
    assert crop(wide) is None and fit(wide) == "contain"
    assert crop(tall) == SHOWN and fit(tall) == "cover"
    assert crop(tall, 1) == crop(tall)
    (question,) = project.decider.asked
    assert [item.box for item in question.items] == [(36.0, 64.0)] * 2


def test_rendering_takes_the_lock(project: Project) -> None:
    timeline = "  - {clip: talk.mp4}"
    project.run(timeline)
    project.decider.asked.clear()
    for mode in ("kept", "locked", "decide"):
        settled = project.run(timeline, mode=mode)  # type: ignore[arg-type]
        assert not settled.decided and not settled.open and not project.decider.asked
        assert crop(project.edits(settled)[1]) == SHOWN


def test_without_a_lock_it_is_open(project: Project) -> None:
    settled = project.run("  - {clip: talk.mp4}", mode="kept")
    assert settled.open == ["tall.mp4"] and fit(project.edits(settled)[1]) == "contain"
    with pytest.raises(LockError, match="no decision for"):
        project.run("  - {clip: talk.mp4}", mode="locked")


def test_shots_jump_at_the_cut(project: Project) -> None:
    project.decider.cut_at = ("4s",)
    settled = project.run("  - {clip: talk.mp4, in: 1s, out: 9s}")
    moving = crop(project.edits(settled)[1])
    assert isinstance(moving, Keyframes)
    for frame, x in ((0, 0.1), (74, 0.1), (75, 0.3), (199, 0.3)):
        value = value_at(moving, frame)
        assert isinstance(value, tuple) and value[0] == pytest.approx(x * 1280, abs=0.1)


def test_an_edit_by_hand_stays(project: Project) -> None:
    timeline = "  - {clip: talk.mp4}"
    project.run(timeline)
    written = project.lock.read_text()
    moved = (
        "{keyframes: [{time: 1s, value: [0.2, 0, 0.484, 0]}, "
        "{time: 3s, value: [400px, 0, 475px, 0]}]}"
    )
    changed = written.replace("{x: 0.1, y: 0, width: 0.316, height: 1}", moved)
    assert changed != written
    project.lock.write_text(changed)
    settled = project.run(timeline)
    assert not settled.decided and settled.entries[0].edited
    moving = crop(project.edits(settled)[1])
    assert value_at(moving, 25) == pytest.approx((256.0, 0.0, 404.48, 720.0))
    assert value_at(moving, 75) == pytest.approx((400.0, 0.0, 405.0, 720.0))
    assert "edited: true" in project.lock.read_text()
    project.digests["talk.mp4"] = "t2"
    settled = project.run(timeline)
    assert "it was edited by hand, so it is kept" in settled.notes[0].message


def test_a_changed_question_is_decided_again(project: Project) -> None:
    project.run("  - {clip: talk.mp4}")
    settled = project.run("  - {clip: talk.mp4, in: 1s}")
    assert settled.decided == ["tall.mp4"]
    wider = TALL.replace("36", "48")
    assert project.run("  - {clip: talk.mp4, in: 1s}", f"[{WIDE}, {wider}]").decided
    smaller = wider.replace("48", "24").replace("64", "32")
    assert not project.run("  - {clip: talk.mp4, in: 1s}", f"[{WIDE}, {smaller}]").decided


def test_items_with_their_own_place_stay(project: Project) -> None:
    settled = project.run(
        "  tracks:\n"
        "    - clips: [{clip: talk.mp4}, {clip: b.mp4, fit: contain}, {clip: b.mp4, ken_burns: "
        "{to: [0.1, 0.1, 0.1, 0.1]}}]\n"
        "    - clips: [{clip: b.mp4, out: 2s, width: 30%}, {image: dusk.png, duration: 1s, "
        "scale: 0.2}]"
    )
    (question,) = project.decider.asked
    assert [item.name for item in question.items] == ["track-1[1]"]
    assert [note.message for note in settled.notes] == [
        "reframe leaves this as it is: it has fit: contain"
    ]
    assert settled.notes[0].severity == "note"


def test_titles_are_known(project: Project) -> None:
    (project.folder / "f.ttf").write_bytes(b"x")
    from vedc.edit.text_box import TextBox

    own = project.context
    box = TextBox(20, 10, (2.0, 1.0, 18.0, 9.0))
    project.context = lambda: replace(own(), measure=lambda text, scale: box)  # type: ignore[method-assign]
    project.run(
        "  tracks:\n"
        "    - clips: [{clip: talk.mp4}]\n"
        "    - clips: [{text: Hi, font: f.ttf, size: 8, start: 1s, duration: 2s, margin: 0,"
        " position: bottom}]"
    )
    (question,) = project.decider.asked
    ((begin, end, place),) = question.items[0].covered
    assert (begin, end) == (25, 75)
    assert place == pytest.approx((10 / 36, 55 / 64, 26 / 36, 63 / 64))


def test_nothing_to_do_is_noted(project: Project) -> None:
    settled = project.run("  - {clip: talk.mp4}", "[{path: a.mp4, reframe: auto}]")
    assert not settled.answered and settled.notes[0].code == "no-effect"
    assert "reframe has nothing to do" in settled.notes[0].message


def test_a_crop_that_is_there_bounds_it(project: Project) -> None:
    project.run("  - {clip: talk.mp4, crop: [10%, 0, 10%, 0]}")
    (item,) = project.decider.asked[0].items
    assert item.window == (128, 0, 1024, 720) and item.picture == (1280, 720)


def test_cuts_are_decided_before(project: Project) -> None:
    settled = project.run("  - {auto: {from: talk.mp4, cut: {method: shots, keep: all}}}")
    names = [item.name for item in project.decider.asked[0].items]
    assert names == ["main[1][1]", "main[1][2]"]
    tall = project.edits(settled)[1]
    assert crop(tall) == crop(tall, 1) == SHOWN


# Items


def test_the_crop_of_an_item(project: Project) -> None:
    settled = project.run(
        "  - {clip: talk.mp4, id: talk, width: 20, height: 30, crop: {auto: reframe}}\n"
        "  - {clip: b.mp4}",
        "[{path: a.mp4}]",
    )
    (entry,) = project.entries()
    assert entry["reframe"] == "talk" and "clip" not in entry["items"][0]
    (question,) = project.decider.asked
    assert question.items[0].box == (20.0, 30.0) and not question.shared
    (edit,) = project.edits(settled)
    assert crop(edit) == SHOWN and fit(edit) == "cover"
    assert crop(edit, 1) is None


def test_an_item_of_an_auto_hands_it_on(project: Project) -> None:
    project.run(
        "  - {auto: {from: talk.mp4, cut: {method: shots, keep: all}}, crop: {auto: reframe},"
        " width: 20, height: 36}",
        "[{path: a.mp4}]",
    )
    assert [q.items[0].name for q in project.decider.asked] == ["main[1][1]", "main[1][2]"]


def test_an_answered_crop_serves_outputs_too(project: Project) -> None:
    settled = project.run("  - {clip: talk.mp4, width: 100%, height: 100%, crop: {auto: reframe}}")
    assert settled.decided == [] and settled.notes  # the box has the picture's shape


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("{clip: talk.mp4, height: 36, width: {keyframes: [{time: 0s, value: 5}, {time: 1s, "
         "value: 36}]}, crop: {auto: reframe}}", "the box changes its shape"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided(project: Project, item: str, message: str) -> None:
    code, reported, hint = project.refused(f"  - {item}", "[{path: a.mp4}]")
    assert code == "no-decision" and message in reported and hint


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("{crop: {auto: reframe}}", "bad-answer"),
        ("{fit: contain}", "unknown-key"),
        ("[1, 2]", "wrong-type"),
        ("{crop: {x: 0.5, y: 0, width: 0.7, height: 1}}", "out-of-range"),
    ],
)
def test_wrong_answers_are_refused_where_they_stand(
    project: Project, written: str, code: str
) -> None:
    project.decider.cut_at = ("4s",)
    timeline = "  - {clip: talk.mp4}"
    project.run(timeline)
    own = "{crop: {x: 0.1, y: 0, width: 0.316, height: 1}}"
    text = project.lock.read_text()
    assert own in text
    project.lock.write_text(text.replace(own, written))
    with pytest.raises(UserError) as caught:
        project.run(timeline)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.location is not None and problem.location.file.endswith("vedc.lock")


def test_compositions_decide_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    text = (
        "version: 1\nprofile: {width: 64, height: 36, fps: 25}\n"
        "timeline: [{composition: {timeline: [{clip: talk.mp4, crop: {auto: reframe}}]}}]\n"
    )
    document = replace(load_text(text, "a.vedc.yaml"), path=tmp_path / "a.vedc.yaml")
    with pytest.raises(UserError) as caught:
        check(document, project.context())
    assert caught.value.problems[0].code == "undecided-composition"


# Times


def item(time_map: TimeMap, length: Fraction) -> GradedItem:
    return GradedItem("a", "a", None, Fraction(25), length=length)  # type: ignore[arg-type]


def test_keyframes_follow_the_time_of_a_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each frame of the clip has the value of the source's frame that it shows."""
    points = [Moving(Fraction(2), 0.0, "ease-in-out"), Moving(Fraction(6), 8.0, "linear")]
    for time_map, length in (
        (TimeMap.linear(1, 1, Fraction(8)), Fraction(8)),
        (TimeMap.linear(1, 2, Fraction(4)), Fraction(4)),
        (TimeMap.linear(9, -1, Fraction(8)), Fraction(8)),
        (TimeMap.linear(3, 1, Fraction(2)), Fraction(2)),
    ):
        asked = item(time_map, length)
        monkeypatch.setattr(GradedItem, "time_map", time_map)
        made = in_clip_time(points, asked, lambda v: v)
        shots = ShotCrop(Fraction(0), Fraction(10), _moving(made))
        for k in range(40):
            time = length * k / 40
            source = time_map.source_at(time)
            share = min(max((source - 2) / 4, Fraction(0)), Fraction(1))
            from vedc.edit.easing import easing

            wanted = 8 * easing("ease-in-out")(float(share))
            assert shots.at(time, Fraction(25))[0] == pytest.approx(wanted, abs=0.12)


def _moving(made: Any) -> Keyframes:
    from vedc.edit.times import parse_time
    from vedc.edit.values import Keyframe

    return Keyframes(
        tuple(
            Keyframe(
                parse_time(p["time"]).seconds(Fraction(25)) * 25, (p["value"],),
                p.get("easing", "linear"),
            )
            for p in made["keyframes"]
        )
    )  # fmt: skip


def test_a_dissolve_in_the_source_passes_from_crop_to_crop() -> None:
    shots = [
        ShotCrop(Fraction(0), Fraction(4), (0.1, 0.0, 0.3, 1.0)),
        ShotCrop(Fraction(5), Fraction(9), (0.5, 0.0, 0.3, 1.0)),
    ]
    time_map = TimeMap.linear(0, 1, Fraction(9))
    made = crop_of_clip(shots, time_map, Fraction(0), Fraction(9), Fraction(25))
    values = [(point["time"], point["value"]["x"]) for point in made["keyframes"]]
    assert values == [("00:00:00:00", 0.1), ("00:00:04:00", 0.1), ("4.999s", 0.5)]
