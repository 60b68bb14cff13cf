"""Specs of older versions are brought to the current one. There is one version so far, so the
machinery is tested with invented versions."""

from __future__ import annotations

import pytest

from vedc.errors import SpecError
from vedc.lang.language import VERSION
from vedc.lang.yaml.load import load_text
from vedc.review.form.migrate import MIGRATIONS, Migration, Rewrite, migrated

STEPS = (
    Migration(1, (Rewrite("footage", lambda path, _: True, "clip"),)),
    Migration(
        2,
        (
            Rewrite("gain", lambda path, _: path[-1:] == ("sound",), "volume", lambda v: f"{v}dB"),
            Rewrite("fps", lambda path, _: path == ("profile",), value=lambda v: str(2 * int(v))),
        ),
    ),
)
OLD = """\
# a film
version: 1
profile: {fps: 25}
timeline:
  - footage: a.mp4   # the first
    sound:
      # as loud as the second
      gain: -3
  - clip: b.mp4
    gain: 2
"""
NEW = """\
# a film
version: 3
profile: {fps: 50}
timeline:
  - clip: a.mp4      # the first
    sound:
      # as loud as the second
      volume: -3dB
  - clip: b.mp4
    gain: 2
"""


def test_a_chain_of_versions() -> None:
    found = migrated(load_text(OLD), STEPS, 3)
    assert "".join(found.text.split(" ")) == "".join(NEW.split(" "))
    assert found.start == 1
    assert sorted(found.notes) == [
        "profile: fps is rewritten",
        "timeline.0.sound: gain is now volume",
        "timeline.0: footage is now clip",
    ]
    assert migrated(load_text(found.text), STEPS, 3).text == found.text


def test_one_that_has_both_words_is_left_to_the_checks() -> None:
    text = "version: 1\ntimeline: [{footage: a.mp4, clip: b.mp4}]\n"
    assert "footage" in migrated(load_text(text), STEPS[:1], 2).text


def test_the_current_version_is_left_as_it_is() -> None:
    text = f"version: {VERSION}\ntimeline: [ {{color: red}} ]  # as it was\n"
    found = migrated(load_text(text))
    assert (found.text, found.notes) == (text, ())


def test_a_spec_without_a_version_names_it() -> None:
    found = migrated(load_text("# a film\ntimeline: [{color: red}]\n"))
    assert found.text == f"version: {VERSION}\n# a film\ntimeline: [{{color: red}}]\n"
    assert found.start is None and found.notes


@pytest.mark.parametrize("version", ["99", "0", "soon", "true", "1.5"])
def test_versions_that_are_not_known(version: str) -> None:
    with pytest.raises(SpecError) as caught:
        migrated(load_text(f"version: {version}\n", "a.yaml"))
    (problem,) = caught.value.problems
    assert problem.code == "unknown-version" and str(problem.location) == "a.yaml:1:10"


def test_a_gap_in_the_table() -> None:
    with pytest.raises(SpecError):
        migrated(load_text("version: 1\n"), STEPS[1:], 3)


def test_the_table_leads_to_the_current_version() -> None:
    assert [step.start for step in MIGRATIONS] == list(range(1, VERSION))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("---\n# x\na: 1\n", "---\nversion: 1\n# x\na: 1\n"),
        ("%YAML 1.2\n# q\n--- # y\na: 1\n", "%YAML 1.2\n# q\n--- # y\nversion: 1\na: 1\n"),
        ("# c\n{a: 1, b: [2]}\n", "# c\n{version: 1, a: 1, b: [2]}\n"),
    ],
)
def test_the_version_stands_within_the_document(text: str, made: str) -> None:
    assert migrated(load_text(text)).text == made
