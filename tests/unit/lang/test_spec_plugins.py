"""Plugins: ops from the user's own files, only where allowed, with every mistake reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Never

import pytest

from vedc import ops
from vedc.edit.font_info import FontInfo
from vedc.edit.model import Edit
from vedc.errors import UserError
from vedc.lang.plugins.activate import DIGESTS
from vedc.lang.resolve.compile import canonical, check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import load, load_text

HEAD = "from vedc.ops.core.registry import op, param\n\n"
TINT = (
    HEAD
    + '''
@op("grade", space="display", use="Test.")
def my_tint(m, rgb, *, amount=param(0.5, low=0, high=1), mode=param("a", choices=("a", "b"))):
    """Darken by an amount."""
    return rgb * (1.0 - amount) if mode == "a" else rgb
'''
)
SPEC = """\
version: 1
plugins: [ops/tint.py]
timeline: [{color: red, duration: 1s, grade: [{op: my_tint, amount: 0.2}]}]
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    canonical(load_text("version: 1\ntimeline: [{gap: 1s}]"))
    assert DIGESTS == {}


def prober(path: Path) -> Never:
    raise AssertionError(path)


def fonts(path: Path) -> FontInfo:
    return FontInfo(str(path), "Plain", ((32, 126),))


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ops").mkdir()
        self.plugin = folder / "ops" / "tint.py"
        self.plugin.write_text(TINT)

    def edit(self, text: str = SPEC, *, allowed: bool = True) -> Edit:
        spec = self.folder / "s.vedc.yaml"
        spec.write_text(text)
        context = CheckContext(self.folder, prober, fonts, plugins=allowed)
        return check(load(spec), context)[0]

    def told(self, text: str = SPEC, *, allowed: bool = True) -> list[tuple[str, str, int]]:
        with pytest.raises(UserError) as caught:
            self.edit(text, allowed=allowed)
        problems = caught.value.problems
        assert all(p.hint for p in problems if p.code.startswith("plugin"))
        return [(p.code, p.message, p.location.line if p.location else 0) for p in problems]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_plugins_op_is_an_op_like_all_others(project: Project) -> None:
    (call,) = project.edit().tracks[0].items[0].grade
    assert (call.op, dict(call.params)) == ("my_tint", {"amount": 0.2, "mode": "a"})
    assert {"my_tint": hashlib.sha256(TINT.encode()).hexdigest()} == DIGESTS
    assert ops.get("my_tint").summary == "Darken by an amount."
    assert ops.get("my_tint").source == DIGESTS["my_tint"]
    bad = project.told(SPEC.replace("0.2", "3"))
    assert bad == [("out-of-range", "amount must be a number from 0 to 1, not 3", 3)]


def test_nothing_runs_unless_it_is_allowed(project: Project) -> None:
    project.plugin.write_text("raise SystemExit('it ran')")
    told = project.told(allowed=False)
    # That its op is unknown follows from this, and is not reported too.
    assert [(code, line) for code, _, line in told] == [("plugins-not-allowed", 2)]


def test_another_spec_does_not_know_the_op(project: Project) -> None:
    project.edit()
    assert project.told(SPEC.replace("plugins: [ops/tint.py]\n", ""))[0][0] == "unknown-op"
    assert "my_tint" not in ops.names()


def test_a_file_is_run_once_until_it_changes(project: Project) -> None:
    counter = project.folder / "count"
    text = f"""
with open({str(counter)!r}, "a") as stream:
    stream.write("x")
{TINT}"""
    project.plugin.write_text(text)
    project.edit()
    project.edit()
    assert counter.read_text() == "x"
    project.plugin.write_text(text.replace("Darken", "Dim"))
    project.edit()
    assert counter.read_text() == "xx"
    assert ops.get("my_tint").summary == "Dim by an amount."


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (HEAD + "def f(:\n", "invalid syntax", 3),
        (HEAD + "x = 1\ny = nothing\n", "name 'nothing' is not defined", 4),
        (HEAD + "1 / 0\n", "zero division error: division by zero", 3),
        (HEAD + "raise SystemExit(3)\n", "system exit: 3", 3),
        ("import no_such_module\n", "module not found error: No module named 'no_such", 1),
        (TINT.replace("my_tint", "exposure"), "there is an op called 'exposure' already", 4),
        (TINT.replace("my_tint", "My_Tint"), "an op cannot be called 'My_Tint'", 4),
        (TINT.replace('"""Darken by an amount."""', "pass"), "has no docstring", 4),
        (TINT.replace("param(0.5, low=0, high=1)", "0.5"), "not declared with param()", 4),
        (TINT.replace("(1.0 - amount)", "(1.0 - amout)"), "my_tint: name 'amout' is not", 7),
        (TINT.replace("else rgb\n", "else rgb.x\n"), "my_tint: 'Vec3' object has no", 7),
        (TINT.replace("else rgb\n", "else 3\n"), "the body of a grade must return a Vec3", 4),
        (HEAD, "declares no op", 2),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_reported_with_its_line(
    project: Project, text: str, message: str, line: int
) -> None:
    before = ops.names()
    project.plugin.write_text(text)
    ((_, found, at),) = project.told()
    assert message in found
    assert at == line
    assert ops.names() == before


def test_every_kind_of_op_is_rehearsed(project: Project) -> None:
    project.plugin.write_text(
        HEAD
        + """
from vedc.expr.math import Pixel, Vec3

def of(kind, name, body, **facts):
    body.__name__ = name
    body.__doc__ = "Test."
    op(kind, space="display", use="Test.", **facts)(body)

of("key", "t_key", lambda m, pixel, *, to=param((0, 0), kind="pair"): pixel * to[0])
of("mask", "t_mask", lambda m, rgb, *, color=param(kind="color"): rgb.r - color.r)
of("blend", "t_blend", lambda m, backdrop, source: backdrop + source)
of("transition", "t_cross", lambda m, a, b, progress: a.at(progress, 0.5) + b.here, samples=True)
of("geometry", "t_move", lambda m, at, *, dx=param(1.0): (at.x - dx, at.y))
of("stencil", "t_near", lambda m, picture, clock: picture.texel(clock.frame, 0.5))
of("generator", "t_dots", lambda m, at, *, points=param(kind="points"): Pixel(
    Vec3(at.x, at.y, points[0][0]), m.number(1.0)))
"""
    )
    edit = project.edit(SPEC.replace("grade: [{op: my_tint, amount: 0.2}]", "blend_mode: t_blend"))
    assert edit.tracks[0].items[0].blend == "t_blend"
    assert len(DIGESTS) == 7
    project.plugin.write_text(
        HEAD
        + '@op("geometry", space="display", use="Test.")\n'
        + 'def t_move(m, at):\n    """Test."""\n    return at\n'
    )
    ((code, message, _),) = project.told()
    assert (code, "must return a pair (x, y)" in message) == ("plugin-failed", True)


@pytest.mark.parametrize(
    ("plugins", "code"),
    [
        ("[../outside.py]", "outside-root"),
        ("[ops/tnt.py]", "file-missing"),
        ("[ops]", "is-a-folder"),
        ("ops/tint.py", "wrong-type"),
        ("[3]", "wrong-type"),
        ("['https://example.org/x.py']", "url"),
    ],
)
def test_a_wrong_path_is_reported(project: Project, plugins: str, code: str) -> None:
    (project.folder.parent / "outside.py").write_text("raise SystemExit")
    spec = project.folder / "s.vedc.yaml"
    spec.write_text(SPEC.replace("[ops/tint.py]", plugins))
    with pytest.raises(UserError) as caught:
        check(load(spec), CheckContext(project.folder, prober, fonts, plugins=True))
    assert [p.code for p in caught.value.problems] == [code]
    missing = code == "file-missing"
    assert caught.value.exit_code == (4 if missing else 3)
