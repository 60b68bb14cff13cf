"""The Python interface: exports, cost, exceptions and callbacks."""

from __future__ import annotations

import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import vedc
from tests.paths import ROOT
from vedc.workspace.build import Deciding

SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 25}
variables:
  tone: {type: string, default: "#204060"}
  parts: {type: array, default: []}
timeline: [{color: "${{ tone }}", duration: 12f}]
outputs: [{path: out/film.mp4}, {path: out/last.png, at: -1f}]
"""


@pytest.fixture
def spec(tmp_path: Path) -> vedc.Spec:
    (tmp_path / "edit.vedc.yaml").write_text(SPEC)
    return vedc.Spec.load(tmp_path / "edit.vedc.yaml")


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_vedc_loads_nothing_of_it() -> None:
    code = "import sys, vedc; print(*sorted(m for m in sys.modules if m.startswith('vedc')))"
    assert _python(code) == "vedc"


def test_naming_and_checking_loads_no_decoder(tmp_path: Path) -> None:
    (tmp_path / "edit.vedc.yaml").write_text(SPEC)
    heavy = "('av', 'torch', 'cv2', 'numpy', 'llvmlite', 'PIL')"
    code = (
        f"import sys, vedc; [getattr(vedc, n) for n in vedc.__all__];"
        f"s = vedc.Spec.load({str(tmp_path / 'edit.vedc.yaml')!r}); assert not s.problems;"
        f"print(*[m for m in {heavy} if m in sys.modules])"
    )
    assert _python(code) == ""


def test_all_names_exist_and_others_do_not() -> None:
    assert set(vedc.__all__) <= set(dir(vedc))
    for name in vedc.__all__:
        assert getattr(vedc, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'rendr'"):
        _ = vedc.rendr  # type: ignore[attr-defined]


def test_plan_is_a_function_whatever_was_imported_before() -> None:
    code = (
        "import vedc.plan.keys, vedc; from vedc import plan; assert plan is vedc.plan\n"
        "assert vedc.plan.keys.digest(['a'])\n"
        "try: vedc.plan()\n"
        "except TypeError as error: print(error)"
    )
    assert "missing 1 required positional argument: 'spec'" in _python(code)


@pytest.mark.slow
def test_a_client_has_exact_types() -> None:
    client = Path(__file__).with_name("client.py")
    arguments = ["--strict", "--no-incremental", "--follow-imports=silent", str(client)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_problems_are_all_there_and_nothing_is_raised(tmp_path: Path) -> None:
    text = "version: 1\ntimeline:\n  - {clip: a.mp4, oppacity: 1}\n  - {clip: b.mp4, opacity: 2}\n"
    spec = vedc.Spec.parse(text, folder=tmp_path, name="mine")
    assert [(p.code, str(p.location)) for p in spec.problems] == [
        ("file-missing", "mine:3:12"),
        ("unknown-key", "mine:3:19"),
        ("file-missing", "mine:4:12"),
        ("out-of-range", "mine:4:28"),
    ]
    assert not spec.valid
    with pytest.raises(vedc.SpecError) as raised:
        vedc.plan(spec)
    assert raised.value.problems == spec.problems


def test_a_missing_file_is_a_problem_of_the_spec_and_a_missing_spec_is_raised(
    tmp_path: Path,
) -> None:
    spec = vedc.Spec.parse("version: 1\ntimeline: [{clip: gone.mp4}]", folder=tmp_path)
    assert [p.code for p in spec.problems] == ["file-missing"]
    with pytest.raises(vedc.MissingError, match="there is no file"):
        vedc.Spec.load(tmp_path / "edit.vedc.yaml")
    with pytest.raises(vedc.SpecError):
        vedc.Spec.parse("version: [")


def test_variables_are_python_values(tmp_path: Path) -> None:
    def problems(**variables: object) -> list[str]:
        found = vedc.Spec.parse(SPEC, folder=tmp_path, variables=variables)  # type: ignore[arg-type]
        return [p.message for p in found.problems if p.code.startswith("variable-")]

    assert problems(tone="red", parts=[{"a": 1}, (2.5, None, True)]) == []
    assert problems(tone=3) == ["the variable 'tone' must be a text, not 3"]
    assert problems(tune="red") == ["there is no variable 'tune'; did you mean 'tone'?"]
    with pytest.raises(TypeError, match=r"variables\['parts'\]\[0\] is bytes"):
        problems(parts=[b""])


def test_what_is_asked_for_wrongly(spec: vedc.Spec, tmp_path: Path) -> None:
    with pytest.raises(vedc.UsageError, match="scale 9 is not a number from"):
        vedc.plan(spec, scale=9)
    with pytest.raises(vedc.UsageError, match="at 9s is past the end of the film"):
        vedc.still(spec, 9)
    with pytest.raises(vedc.UsageError, match=r"the spec has no output 'flim\.mp4'"):
        vedc.plan(spec, only=["flim.mp4"])
    with pytest.raises(vedc.UsageError, match="there is no folder"):
        vedc.Spec.load(tmp_path / "edit.vedc.yaml", allow_paths=[tmp_path / "no"])
    with pytest.raises(TypeError, match="a list of names"):
        vedc.plan(spec, only="film.mp4")
    with pytest.raises(TypeError, match="a list of folders"):
        vedc.Spec.load(tmp_path / "edit.vedc.yaml", allow_paths=str(tmp_path))
    with pytest.raises(TypeError, match="depth is 8 or 16"):
        vedc.still(spec, 0, depth=10)  # type: ignore[call-overload]


def test_outputs_and_the_canonical_form(spec: vedc.Spec, tmp_path: Path) -> None:
    film, last = spec.outputs
    assert film == vedc.Output(
        tmp_path / "out" / "film.mp4", "film", 64, 48, Fraction(25), 12, Fraction(12, 25)
    )
    assert (last.form, last.frames, last.duration) == ("picture", 1, 0)
    assert spec.canonical()["timeline"]["tracks"][0]["clips"][0]["color"] == "#204060"
    assert spec.folder == tmp_path
    assert repr(spec).startswith("<vedc.Spec ")


def test_render_plan_and_pictures(
    spec: vedc.Spec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vedc.plan(spec, only=["film.mp4"]).pending_frames == 12
    steps: list[vedc.Progress] = []
    threads = set()

    def reported(now: vedc.Progress) -> None:
        steps.append(now)
        threads.add(threading.current_thread())

    film, last = vedc.render(spec, progress=reported)
    assert film.path.exists() and last.path.exists()
    assert (film.frames, film.rendered_frames, film.warnings) == (12, 12, ())
    assert threads == {threading.current_thread()}
    assert steps[0].fraction == 0 and steps[-1] == vedc.Progress(
        "write", f"{film.path.name} and 1 more", 13, 13, "frames"
    )
    plan = vedc.plan(spec)
    assert plan.pending_frames == 0 and "to render: 0 of" in str(plan)
    assert plan.outputs[0].duration == Fraction(12, 25)
    assert vedc.render(spec, workers=0)[0].rendered_frames == 0

    picture = vedc.still(spec, "-1f")
    assert picture.shape == (48, 64, 3) and picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - (0x20, 0x40, 0x60)).max() <= 1
    deep = vedc.still(spec, 0, depth=16)
    assert np.abs(deep / 257 - (0x20, 0x40, 0x60)).max() < 0.6
    first, second = vedc.frames(spec, [0.2, "20%"], scale=0.5)
    assert first.shape == (24, 32, 3) and np.array_equal(first, second)
    assert vedc.frames(spec, []) == []
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


def test_an_exception_of_the_callback_ends_the_render(spec: vedc.Spec) -> None:
    class Enough(Exception):
        pass

    def reported(now: vedc.Progress) -> None:
        raise Enough

    with pytest.raises(Enough):
        vedc.render(spec, progress=reported)
    assert not spec.outputs[0].path.exists()
    assert vedc.render(spec)[0].frames == 12


def test_a_foreign_file_is_replaced_only_on_request(spec: vedc.Spec) -> None:
    target = spec.outputs[0].path
    target.parent.mkdir()
    target.write_text("mine")
    with pytest.raises(vedc.UsageError) as raised:
        vedc.render(spec)
    assert [p.code for p in raised.value.problems] == ["output-exists"]
    assert target.read_text() == "mine"
    vedc.render(spec, overwrite=True)
    assert target.read_bytes()[4:8] == b"ftyp"


def test_a_text_neither_reads_nor_writes_the_lock(tmp_path: Path) -> None:
    spec = vedc.Spec.parse(SPEC, folder=tmp_path)
    vedc.render(spec, only=["last.png"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".vedc", "out"]
    assert Deciding(spec._build).name == "-"


def test_calls_of_several_threads_take_turns(tmp_path: Path) -> None:
    tones = [f"#{n}0{n}0{n}0" for n in range(1, 7)]
    found: dict[str, float] = {}

    def draw(tone: str) -> None:
        spec = vedc.Spec.parse(SPEC, folder=tmp_path, variables={"tone": tone})
        found[tone] = float(vedc.still(spec, 0).mean())

    threads = [threading.Thread(target=draw, args=(tone,)) for tone in tones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(abs(found[tone] - int(tone[1:3], 16)) <= 1 for tone in tones)
