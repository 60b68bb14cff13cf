"""Values that refer to the timeline: ``start: "${{ end('intro') }}"``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.lang.test_spec_resolve import CUBE, MEDIA, Run, fonts, prober, spans
from vedc.edit.contents import Clip, Text
from vedc.edit.model import Edit
from vedc.edit.values import Keyframes
from vedc.errors import SpecError
from vedc.lang.resolve.compile import canonical, check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.dump import to_yaml
from vedc.lang.yaml.load import load


@pytest.fixture
def run(tmp_path: Path) -> Run:
    for name in MEDIA:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "look.cube").write_text(CUBE)

    def run_it(text: str) -> list[Edit]:
        spec = tmp_path / "trip.vedc.yaml"
        spec.write_text(text, encoding="utf-8")
        return check(load(spec), CheckContext(tmp_path, prober, fonts))

    return run_it


def codes(run: Run, text: str) -> list[tuple[str, str]]:
    with pytest.raises(SpecError) as caught:
        run(text)
    return [(problem.code, problem.message) for problem in caught.value.problems]


def test_an_item_begins_where_another_ends(run: Run) -> None:
    edit = run("""version: 1
timeline:
  tracks:
    - clips:
        - {clip: a.mp4, out: 4s, id: intro}
        - {clip: a.mp4, id: talk}
    - clips:
        - {color: red, start: "${{ end('intro') + 0.5 }}", duration: 1s, id: red}
        - {color: blue, start: "${{ end('red') }}", duration: "${{ duration('intro') / 2 }}"}
""")[0]
    assert spans(edit.tracks[1]) == [(135, 165), (165, 225)]


def test_what_is_on_a_track_that_is_left_out_has_no_time(run: Run) -> None:
    text = """version: 1
timeline:
  tracks:
    - {id: low, clips: [{color: red, start: "${{ end('b') }}", duration: 1s}]}
    - {id: off, enabled: false, clips: [{color: blue, duration: 1s, id: b}]}
"""
    message = "'b' has no time: the track 'off' is left out of the film"
    assert codes(run, text) == [("unknown-id", message)]
    assert codes(run, text.replace("end('b')", "end('off')"))[0][1].startswith("'off' has no time")


def test_a_composition_cannot_refer_to_an_item_of_the_film(run: Run) -> None:
    text = """version: 1
timeline:
  - {color: red, duration: 1s, id: x}
  - composition: {timeline: [{color: blue, duration: "${{ duration('x') }}"}]}
"""
    message = "'x' is an item of the film, and a composition has a time of its own"
    assert codes(run, text) == [("unknown-id", message)]


def test_references_go_in_any_order_and_across_sound_and_markers(run: Run) -> None:
    edit = run("""version: 1
variables: {pause: {type: number, default: 0.25}}
timeline:
  tracks:
    - id: low
      clips: [{color: red, start: "${{ start('b') }}", duration: "${{ duration('song') }}", id: a}]
    - {clips: [{color: blue, start: "${{ start('Chorus') + pause }}", duration: 1s, id: b}]}
    - {clips: [{text: "${{ duration('low') }} s", duration: "${{ end('a') }}"}]}
  markers: [{time: 2s, name: Chorus}, {time: "${{ end('a') - 1 }}", name: Coda}]
audio: [{clip: song.flac, in: 1s, out: 3s, id: song}]
outputs: [{path: a.png, at: "${{ start('b') }}"}]
""")[0]
    assert spans(edit.tracks[0]) == [(68, 128)]  # 2.25 s, half up
    assert [marker.frame for marker in edit.markers] == [60, 98]
    assert edit.output.at == 68
    content = edit.tracks[2].items[0].content
    assert isinstance(content, Text) and content.text == "4.25 s"


def test_seconds_are_exact(run: Run) -> None:
    """A third of a second is not a binary number; sums of many stay on their frames."""
    clips = ", ".join("{clip: a.mp4, duration: 1/3s}" for _ in range(30))
    edit = run(f"""version: 1
timeline:
  tracks:
    - {{id: low, clips: [{clips}, {{color: red, duration: 1s, id: last}}]}}
    - clips:
        - color: blue
          start: "${{{{ start('last') }}}}"
          duration: "${{{{ duration('last') / 3 }}}}"
""")[0]
    assert spans(edit.tracks[1]) == [(300, 310)]


def test_files_are_asked(run: Run) -> None:
    edit = run("""version: 1
profile:
  width: "${{ probe('b.mp4').width }}"
  height: "${{ probe('b.mp4').height // 2 }}"
  fps: 30
assets: {song: {src: song.flac}}
timeline:
  - {color: red, duration: "${{ duration('song') }}"}
  - {clip: b.mp4, speed: "${{ duration('b.mp4') / 5 }}"}
  - {text: "${{ probe('b.mp4').fps }} ${{ probe('song').width == null }}", duration: 1s}
""")[0]
    assert (edit.profile.width, edit.profile.height) == (640, 240)
    assert spans(edit.tracks[0]) == [(0, 1800), (1800, 1950), (1950, 1980)]
    content = edit.tracks[0].items[2].content
    assert isinstance(content, Text) and content.text == "25 true"


def test_numbers_and_keyframes_refer_too(run: Run) -> None:
    ((item, _),) = [
        edit.tracks[0].items
        for edit in run("""version: 1
timeline:
  - clip: a.mp4
    duration: 4s
    opacity: {keyframes: [{time: 0s, value: 1}, {time: "${{ duration('tail') }}", value: 0.5}]}
  - {clip: a.mp4, in: 2s, out: 4s, id: tail}
""")
    ]
    assert isinstance(item.content, Clip) and isinstance(item.frame.opacity, Keyframes)
    assert item.frame.opacity.points[1].frame == 60


def test_the_canonical_form_keeps_what_is_not_known_yet(run: Run, tmp_path: Path) -> None:
    text = """version: 1
variables: {pause: {type: number, default: 0.5}, name: {type: string, default: intro}}
timeline:
  - {color: red, duration: 1s, id: intro}
  - {gap: "${{ end(name) * (2 + pause) if start('intro') < 1 else -pause }}"}
"""
    (tmp_path / "trip.vedc.yaml").write_text(text)
    made = canonical(load(tmp_path / "trip.vedc.yaml"), CheckContext(tmp_path, prober, fonts))
    tree = made.root
    gap = tree["timeline"]["tracks"].items[0]["clips"].items[1]["gap"]
    wanted = "${{ (end('intro') * 2.5) if (start('intro') < 1) else (-0.5) }}"
    assert gap.value == wanted
    (tmp_path / "again.vedc.yaml").write_text(to_yaml(made))
    again = load(tmp_path / "again.vedc.yaml").root["timeline"]["tracks"].items[0]["clips"]
    assert again.items[1]["gap"].value == wanted


def test_cycles_are_reported(run: Run) -> None:
    assert codes(
        run,
        """version: 1
timeline:
  tracks:
    - {clips: [{color: red, start: "${{ end('b') }}", duration: 1s, id: a}]}
    - {clips: [{color: red, duration: "${{ end('a') }}", id: b}]}
""",
    ) == [
        ("reference-cycle", "this depends on itself: 'b' needs 'a' needs 'b'"),
        ("reference-cycle", "this depends on itself: 'a' needs 'b' needs 'a'"),
    ]
    assert codes(
        run,
        """version: 1
timeline: [{color: red, duration: "${{ duration('a') }}", id: a}]
""",
    ) == [("reference-cycle", "this depends on itself: 'a' needs 'a'")]


RED = "{color: red, duration: 1s, id: a}"


@pytest.mark.parametrize(
    ("items", "code", "message"),
    [
        ("{color: red, duration: $(end('intr')), id: intro}", "unknown-id", "mean 'intro'?"),
        ("{color: red, duration: $(duration('no.mp4'))}", "unknown-id", "no file, named 'no.mp4'"),
        ("{color: red, duration: $(probe('no.mp4').width)}", "unknown-id", "no file 'no.mp4'"),
        ("{color: red, duration: $(end(2))}", "expression-type", "takes the name of an item"),
        (f"{RED}, {RED}", "same-id", "named 'a'"),
        (f"{RED}, {{gap: $(start('a') == 1)}}", "wrong-type", "not false"),
        (f"{RED}, {{gap: $(start('a') - 1)}}", "bad-time", "negative"),
    ],
)
def test_mistakes(run: Run, items: str, code: str, message: str) -> None:
    items = re.sub(r"\$\(((?:[^()]|\([^()]*\))*)\)", r'"${{ \1 }}"', items)
    ((found, reported),) = codes(run, f"version: 1\ntimeline: [{items}]\n")
    assert found == code and message in reported


def test_the_canvas_cannot_wait(run: Run) -> None:
    ((code, message),) = codes(
        run,
        """version: 1
profile: {fps: "${{ duration('a') }}"}
timeline: [{color: red, duration: 1s, id: a}]
""",
    )
    assert code == "reference-place" and "before the timeline" in message


def test_compositions_have_their_own_names(run: Run) -> None:
    edit = run("""version: 1
timeline:
  tracks:
    - clips:
        - composition:
            timeline:
              tracks:
                - clips: [{color: red, duration: 2s, id: a}]
                - clips: [{color: blue, start: "${{ end('a') }}", duration: 1s}]
          id: inner
    - clips: [{color: green, start: "${{ end('inner') }}", duration: 1s, id: a}]
""")[0]
    assert edit.duration == 120


def test_what_follows_a_decision_waits_for_it(run: Run) -> None:
    """Checked without decisions, such a reference is left open, and nothing is said of it."""
    assert run("""version: 1
timeline:
  tracks:
    - clips: [{auto: {from: a.mp4, cut: silence}, id: talk}, {clip: b.mp4, id: last}]
    - clips: [{color: red, start: "${{ start('last') }}", duration: "${{ duration('talk') }}"}]
  markers: [{time: "${{ end('talk') }}", name: End}]
""")
