"""Object code on disk: found again, refused when damaged, never stale."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vedc.codegen.filters import rows as filter_rows
from vedc.codegen.image import Image
from vedc.codegen.llvm import compile, object_cache
from vedc.codegen.llvm.compile import CompiledKernel, compile_program
from vedc.codegen.llvm.host import host
from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.expr.nodes import const, load, param
from vedc.expr.program import Leaf, Program

GRAY = FORMATS["yuv444p"]


def program(add: float = 0.0) -> Program:
    return Program((Leaf(GRAY),), (), (), GRAY, tuple(load(0, p) + add for p in range(3)), 0)


def result(kernel: CompiledKernel) -> int:
    """The kernel's result for code value 40."""
    source, out = np.full((3, 2, 4), 40, np.uint8), np.zeros((3, 2, 4), np.uint8)
    images = [
        Image(tuple((plane.ctypes.data, 4) for plane in a), 4, 2, owner=a) for a in (source, out)
    ]
    kernel([images[0]], (), (), images[1])
    return int(out[0, 0, 0])


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> str:
        raise AssertionError("the code was not taken from the disk")

    monkeypatch.setattr(compile, "module_text", build)


def test_a_kernel_is_compiled_once(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert result(compile_program(program(3.0), tmp_path)) == 43
    request.getfixturevalue("no_compiler")
    assert result(compile_program(program(3.0), tmp_path)) == 43


def blurred() -> NDArray[np.float32]:
    """A plane whose rows are summed by the code of a new process."""
    filter_rows._code.cache_clear()
    seen = np.arange(120, dtype=np.float32).reshape(6, 20)
    return filter_rows.convolved(filter_rows.of_array(seen), np.ones(1), np.ones(3)).whole()


def test_the_code_of_rows_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_rows, "code_folder", lambda: tmp_path)
    before = blurred()
    assert len(list(tmp_path.glob("*.o"))) == 1
    monkeypatch.setattr(compile, "_machine", None)  # of the compiler, which is not called
    assert np.array_equal(blurred(), before)


def test_different_programs_have_different_files(tmp_path: Path) -> None:
    assert result(compile_program(program(1.0), tmp_path)) == 41
    assert result(compile_program(program(2.0), tmp_path)) == 42
    assert len(list(tmp_path.glob("*.o"))) == 2


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign"])
def test_a_damaged_file_is_rebuilt(tmp_path: Path, damage: str) -> None:
    compile_program(program(5.0), tmp_path)
    (file,) = tmp_path.glob("*.o")
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 1
    broken = {"cut": whole[:-7], "flip": bytes(flipped), "empty": b"", "foreign": b"x" * 900}
    file.write_bytes(broken[damage])
    assert result(compile_program(program(5.0), tmp_path)) == 45
    assert file.read_bytes() == whole


def test_the_name_distinguishes_machines_and_programs() -> None:
    here = host()
    names = {
        object_cache.key(program(1.0).text(), here),
        object_cache.key(program(2.0).text(), here),
        object_cache.key(program(1.0).text(), replace(here, cpu="x86-64")),
        object_cache.key(program(1.0).text(), replace(here, features="")),
    }
    assert len(names) == 4
    assert object_cache.key(program(1.0).text(), here) in names


def test_sources_that_the_name_depends_on_exist() -> None:
    product = Path(object_cache.__file__).parents[2]
    for name in object_cache._BELOW:
        assert (product / name).is_file()


def test_code_is_the_same_every_time() -> None:
    """Names and order in the text depend on nothing but the program."""
    assert compile.module_text(program(1.0), host()) == compile.module_text(program(1.0), host())


def test_writers_do_not_disturb_one_another(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=compile_program, args=(program(9.0), tmp_path)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (file,) = tmp_path.glob("*.o")
    assert object_cache.load(tmp_path, file.stem) is not None


def test_a_folder_that_cannot_be_written_costs_the_keeping_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert compile_program(program(4.0), tmp_path / "file" / "below") is not None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_calls_that_do_not_fit_the_program_are_refused() -> None:
    p = Program((Leaf(GRAY),), (), (), GRAY, (load(0, 0) * param(0), const(0.0), const(0.0)), 1)
    kernel = compile_program(p)
    memory = np.zeros((3, 4, 4), np.uint8)
    image = Image(tuple((plane.ctypes.data, 4) for plane in memory), 4, 4, owner=memory)
    with pytest.raises(InternalError, match=" got "):
        kernel([image], (), (), image)
    with pytest.raises(InternalError, match="does not cover"):
        kernel([replace(image, width=3)], (1.0,), (), image)
    with pytest.raises(InternalError, match="3 planes, not 2"):
        kernel([replace(image, planes=image.planes[:2])], (1.0,), (), image)
    for rows in ((-1, 2), (3, 2), (0, 5)):
        with pytest.raises(InternalError, match="rows"):
            kernel([image], (1.0,), (), image, rows=rows)
